// Binaries written as text records, and images with a maker's own header.
#include "identify/look.h"
#include "identify/recogniser.h"
#include "parse/firmware/vendor.h"
#include "parse/hex/hex.h"

namespace identify {
namespace {

class Vendor final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = [] {
      RecogniserCard out{"vendor", {"intel-hex", "srec", "tektronix-hex", "uf2", "firmware/mh01"}, {"uf2", "ihex", "ihx", "srec", "s19", "s28", "s37"}};
      for (const auto* formats : {&parse::firmware::router_formats(), &parse::firmware::device_formats()})
        for (const auto& format : *formats) out.kinds.push_back(format.kind);
      return out;
    }();
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (b.size() < 16) return std::nullopt;
    if (b[0] == ':' || b[0] == 'S' || b[0] == '/' || b[0] == '%' || b[0] == '\r' || b[0] == '\n')
      if (const auto form = parse::hex::form_of(b)) return Identity{std::string(kind_of(*form)), std::string(name_of(*form)), 40};
    if (little32(b, 0) == 0x0A324655 && little32(b, 4) == 0x9E5D5157 && little32(b, 508) == 0x0AB16F30) return Identity{"uf2", "UF2 image", 96};
    if (const auto image = parse::firmware::vendor(b)) return Identity{image->kind, image->detail, image->strength};
    return std::nullopt;
  }
};

}  // namespace

const Recogniser& vendor() {
  static const Vendor one;
  return one;
}

}  // namespace identify
