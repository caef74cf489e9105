// Images with a maker's own header, by one table: parse/firmware/vendor.h.
#include "parse/firmware/vendor.h"

#include "unpack/firmware.h"

namespace unpack {
namespace {

class Vendor final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "vendor",
        .finds = "The parts of firmware images with a maker's own header, and their sums.",
        .kinds = {"firmware/*"},
        .states = {evidence::Facet::concealment, evidence::Facet::property, evidence::Facet::trouble},
        .blind_spots = {"Read are: TRX, CyberTAN, TP-Link version 1, SEAMA, Netgear CHK, Realtek, ZyNOS, Arcadyan, ProgramStore, DrayTek, Xiaomi HDR1, ROS, Matter, "
                        "Espressif, DFU, SAO, Grain Media, Xerox DLM and DOCSIS images; other makers' headers are not known.",
                        "Signatures are handed on or passed over, never verified.", "D-Link's SHRS and MH01 images are encrypted and not read.",
                        "The sums of the parts of Netgear, Realtek, ZyNOS and DrayTek images are not compared."},
        .references = "OpenWrt firmware-utils; Matter Core Specification 11.20; USB DFU 1.1 appendix B; Espressif firmware image format; DOCSIS SEC",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    const auto layout = parse::firmware::vendor(view.bytes);
    if (!layout) return base::fail(base::Trouble::malformed, "no known maker's header");
    return read_layout(view, sink, *layout);
  }
};

}  // namespace

const evidence::Reader& vendor() {
  static const Vendor reader;
  return reader;
}

}  // namespace unpack
