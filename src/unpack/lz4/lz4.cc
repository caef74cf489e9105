// lz4 frames, and the legacy frames that kernels and their ramdisks use.
#include "unpack/codec.h"
#include "unpack/layer.h"
#include "unpack/member.h"

namespace unpack {
namespace {

std::uint32_t lz4_number(base::Bytes b, std::size_t at) {
  return b.size() < at + 4 ? 0 : b[at] | b[at + 1] << 8 | b[at + 2] << 16 | static_cast<std::uint32_t>(b[at + 3]) << 24;
}
constexpr std::uint32_t legacy_magic = 0x184C2102;

stream::Decoded any_frame(base::Bytes bytes, const stream::Take& take) {
  return lz4_number(bytes, 0) == legacy_magic ? stream::lz4_legacy(bytes, take) : stream::lz4_frame(bytes, take);
}
constexpr LayerFormat lz4_format = {"lz4", any_frame, nothing_between, [](base::Bytes rest) {
                                      const auto magic = lz4_number(rest, 0);
                                      return magic == 0x184D2204 || magic == legacy_magic || (magic & 0xFFFFFFF0) == 0x184D2A50;
                                    }};

class Lz4 final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "lz4",
        .finds = "The content of an lz4 file, and bytes behind it.",
        .kinds = {"lz4"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Legacy frames have no sum; a damaged block ends them where it stands.", "Dictionaries are not available.", "Skippable frames are passed over."},
        .references = "https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return read_layer(view, sink, lz4_format); }
};

}  // namespace

const evidence::Reader& lz4() {
  static const Lz4 reader;
  return reader;
}

}  // namespace unpack
