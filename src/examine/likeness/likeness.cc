// A digest by which two versions of a file are found to be alike: TLSH. It is a fact of the bytes and
// says nothing about what they do.
#include "evidence/reader.h"
#include "examine/likeness/tlsh_digest.h"

namespace examine {
namespace {

using evidence::Facet;

/// Shorter content gives digests that are alike by chance.
constexpr std::size_t least_bytes = 512;
constexpr std::size_t most_bytes = 16u << 20;
/// Steps a byte: each one takes part in six triplets.
constexpr std::uint64_t cost = 2;

/// True if no unpacker handed on or explained away a part: a container's digest would be that of what
/// is inside, which has digests of its own.
bool is_leaf(const evidence::View& view) { return view.remaining.size() == 1 && view.remaining[0] == base::Range{0, view.bytes.size()}; }

class Likeness final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card{
        .name = "likeness",
        .finds = "a digest (TLSH) by which alike files of two versions are paired",
        .kinds = {"*"},
        .states = {Facet::property},
        .blind_spots = {"files of fewer than 512 bytes, and those of few different bytes, have no such digest", "of larger files the first 16 MiB count",
                        "a digest is not proof: alike files can be made unlike, and unlike ones alike"},
        .version = 1,
        .references = "Oliver, Cheng, Chen: TLSH - A Locality Sensitive Hash (2013)",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    if (!view.has_content() || view.bytes.size() < least_bytes || !is_leaf(view)) return {};
    const auto bytes = base::slice(view.bytes, 0, most_bytes);
    CHECK_OK(sink.spend(cost * bytes.size()));
    auto digest = likeness_parts::tlsh_digest(bytes);
    if (digest.empty()) return {};  // too uniform for one
    evidence::Item item;
    item.facet = Facet::property;
    item.word = "tlsh";
    item.value = std::move(digest);
    if (bytes.size() < view.bytes.size()) item.attributes["of"] = "the first 16 MiB";
    sink.state(std::move(item));
    return {};
  }
};

}  // namespace

const evidence::Reader& likeness() {
  static const Likeness reader;
  return reader;
}

}  // namespace examine
