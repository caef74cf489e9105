// bzip2: all streams, and what stands behind the last.
#include "unpack/layer.h"
#include "unpack/member.h"

namespace unpack {
namespace {

constexpr LayerFormat bzip2_format = {"bzip2", stream::bzip2, nothing_between, [](base::Bytes rest) { return base::starts_with(rest, "BZh"); }};

class Bzip2 final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "bzip2",
        .finds = "The content of a bzip2 file, and bytes behind it.",
        .kinds = {"bzip2"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {},
        .references = "https://sourceware.org/bzip2/",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    return read_layer(view, sink, bzip2_format);
  }
};

}  // namespace

const evidence::Reader& bzip2() {
  static const Bzip2 reader;
  return reader;
}

}  // namespace unpack
