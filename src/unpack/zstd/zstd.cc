// zstd: all frames, skippable ones included (handed on, since they can hold anything). RFC 8878.
#include "unpack/layer.h"
#include "unpack/member.h"

namespace unpack {
namespace {


std::uint32_t zstd_number(base::Bytes b, std::size_t at) {
  return b.size() < at + 4 ? 0 : b[at] | b[at + 1] << 8 | b[at + 2] << 16 | static_cast<std::uint32_t>(b[at + 3]) << 24;
}
bool is_skippable(base::Bytes b) { return b.size() >= 8 && (zstd_number(b, 0) & 0xFFFFFFF0) == 0x184D2A50 && zstd_number(b, 4) <= b.size() - 8; }
std::uint64_t zstd_skippable(base::Bytes rest) {
  return is_skippable(rest) ? 8 + std::uint64_t{zstd_number(rest, 4)} : 0;
}
constexpr LayerFormat zstd_format = {"zstd", stream::zstd_frame, zstd_skippable,
                                     [](base::Bytes rest) { return zstd_number(rest, 0) == 0xFD2FB528; }};

// Skippable frames hold what no decompressor shows.
base::Result<> give_skippable(const evidence::View& view, evidence::Sink& sink) {
  std::uint64_t at = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto rest = base::slice(view.bytes, at);
    if (!is_skippable(rest)) break;
    const auto size = zstd_number(rest, 4);
    if (size > 64) {
      artifact::Entry entry;
      entry.name = fmt::format("skippable-frame-{}", i);
      entry.origin = artifact::Origin::embedded;
      CHECK_OK(sink.child(entry, rest.subspan(8, size)));
    }
    at += 8 + std::uint64_t{size};
  }
  return {};
}

class Zstd final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "zstd",
        .finds = "The content of a zstd file, its leading skippable frames, and bytes behind it.",
        .kinds = {"zstd"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"A window of more than 128 MiB is not read.", "Dictionaries are not available.", "A skippable frame between two frames is labelled, not handed on."},
        .references = "RFC 8878",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    CHECK_OK(give_skippable(view, sink));
    return read_layer(view, sink, zstd_format);
  }
};

}  // namespace

const evidence::Reader& zstd() {
  static const Zstd reader;
  return reader;
}

}  // namespace unpack
