// Brotli, where the name says so. RFC 7932.
#include "unpack/layer.h"
#include "unpack/member.h"

namespace unpack {
namespace {

constexpr LayerFormat brotli_format = {"brotli", stream::brotli, nothing_between, [](base::Bytes) { return false; }};

class Brotli final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "brotli",
        .finds = "The content of a .br file, and bytes behind it.",
        .kinds = {"brotli"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Brotli has no magic and no checksum: without its name it is not seen."},
        .references = "RFC 7932",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return read_layer(view, sink, brotli_format); }
};

}  // namespace

const evidence::Reader& brotli() {
  static const Brotli reader;
  return reader;
}

}  // namespace unpack
