// .lzma, the older form of xz.
#include "unpack/layer.h"
#include "unpack/member.h"

namespace unpack {
namespace {

constexpr LayerFormat lzma_format = {"lzma", stream::lzma_alone, nothing_between, [](base::Bytes) { return false; }};

class Lzma final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "lzma",
        .finds = "The content of an .lzma file, and bytes behind it.",
        .kinds = {"lzma"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Damage that keeps the stream readable is not seen: the format has no checksum."},
        .references = "https://www.7-zip.org/sdk.html, lzma-specification.txt",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return read_layer(view, sink, lzma_format); }
};

}  // namespace

const evidence::Reader& lzma() {
  static const Lzma reader;
  return reader;
}

}  // namespace unpack
