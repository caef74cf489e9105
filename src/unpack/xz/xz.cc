// xz: all streams and their padding, and what stands behind the last.
#include "unpack/layer.h"
#include "unpack/member.h"

namespace unpack {
namespace {

constexpr std::string_view xz_magic("\xFD" "7zXZ\0", 6);

// Stream padding: zeros in fours, but only when another stream follows.
std::uint64_t xz_padding(base::Bytes rest) {
  std::uint64_t n = 0;
  while (n + 4 <= rest.size() && !(rest[n] | rest[n + 1] | rest[n + 2] | rest[n + 3])) n += 4;
  return base::starts_with(base::slice(rest, n), xz_magic) ? n : 0;
}
constexpr LayerFormat xz_format = {"xz", stream::xz, xz_padding, [](base::Bytes rest) { return base::starts_with(rest, xz_magic); }};

class Xz final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "xz",
        .finds = "The content of an xz file, and bytes behind it.",
        .kinds = {"xz"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"A stream that needs more than 256 MiB of memory is not read."},
        .references = "https://tukaani.org/xz/xz-file-format.txt",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    return read_layer(view, sink, xz_format);
  }
};

}  // namespace

const evidence::Reader& xz() {
  static const Xz reader;
  return reader;
}

}  // namespace unpack
