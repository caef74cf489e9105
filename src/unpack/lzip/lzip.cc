// lzip: all members, and what stands behind the last.
#include "unpack/layer.h"
#include "unpack/member.h"

namespace unpack {
namespace {

constexpr LayerFormat lzip_format = {"lzip", stream::lzip_member, nothing_between, [](base::Bytes rest) { return base::starts_with(rest, "LZIP"); }};

class Lzip final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "lzip",
        .finds = "The content of an lzip file, and bytes behind it.",
        .kinds = {"lzip"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {},
        .references = "https://www.nongnu.org/lzip/manual/lzip_manual.html",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return read_layer(view, sink, lzip_format); }
};

}  // namespace

const evidence::Reader& lzip() {
  static const Lzip reader;
  return reader;
}

}  // namespace unpack
