// gzip: all members, the name in the first header, what stands behind the last. RFC 1952.
#include "unpack/layer.h"
#include "unpack/member.h"

namespace unpack {
namespace {

// The file name in the header, when the header says there is one.
std::string name_in_header(base::Bytes b) {
  if (b.size() < 10 || !(b[3] & 8)) return {};
  std::uint64_t at = 10;
  if (b[3] & 4) {
    if (b.size() < 12) return {};
    at = 12 + (b[10] | b[11] << 8);
  }
  const auto text = base::text_of(base::slice(b, at, 1024));
  const auto end = text.find(char{0});
  return end == text.npos ? std::string{} : std::string(text.substr(0, end));
}

constexpr LayerFormat gzip_format = {"gzip", stream::gzip_member, nothing_between,
                                     [](base::Bytes rest) { return rest.size() >= 18 && rest[0] == 0x1f && rest[1] == 0x8b && rest[2] == 8; }};

class Gzip final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "gzip",
        .finds = "The content of a gzip file, and bytes behind it.",
        .kinds = {"gzip"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble, evidence::Facet::property},
        .blind_spots = {"The comment and extra fields of the header are not searched on their own."},
        .references = "RFC 1952",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    auto name = layer_name(view);
    if (const auto said = name_in_header(view.bytes); !said.empty()) {
      evidence::Item item;
      item.facet = evidence::Facet::property;
      item.word = "format";
      item.value = "gzip names its content";
      item.attributes["name"] = base::printable(said);
      sink.state(std::move(item));
      if (name.empty()) name = said.substr(said.rfind(char{47}) + 1);
    }
    return read_layer(view, sink, gzip_format, std::move(name));
  }
};

}  // namespace

const evidence::Reader& gzip() {
  static const Gzip reader;
  return reader;
}

}  // namespace unpack
