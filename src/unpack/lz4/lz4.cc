// lz4 frames; the legacy frame of old kernels is not read.
#include "unpack/layer.h"
#include "unpack/member.h"

namespace unpack {
namespace {

std::uint32_t lz4_number(base::Bytes b, std::size_t at) {
  return b.size() < at + 4 ? 0 : b[at] | b[at + 1] << 8 | b[at + 2] << 16 | static_cast<std::uint32_t>(b[at + 3]) << 24;
}
constexpr LayerFormat lz4_format = {"lz4", stream::lz4_frame, nothing_between, [](base::Bytes rest) {
                                      const auto magic = lz4_number(rest, 0);
                                      return magic == 0x184D2204 || (magic & 0xFFFFFFF0) == 0x184D2A50;
                                    }};

class Lz4 final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "lz4",
        .finds = "The content of an lz4 file, and bytes behind it.",
        .kinds = {"lz4"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"The legacy frame (magic 0x184C2102) is not read.", "Dictionaries are not available.", "Skippable frames are passed over."},
        .references = "https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { if (lz4_number(view.bytes, 0) == 0x184C2102) {
      sink.label({0, view.bytes.size()}, evidence::Label::opaque, "unsupported");
      return base::fail(base::Trouble::unsupported, "the legacy lz4 frame is not read");
    }
    return read_layer(view, sink, lz4_format); }
};

}  // namespace

const evidence::Reader& lz4() {
  static const Lz4 reader;
  return reader;
}

}  // namespace unpack
