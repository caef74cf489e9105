// Legacy images of U-Boot ("uImage"): kernels, ramdisks, scripts, several parts in one.
#include "parse/firmware/uboot.h"

#include "unpack/firmware.h"

namespace unpack {
namespace {

class Uboot final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "uboot",
        .finds = "The parts of U-Boot's legacy images, their sums, and bytes behind the image.",
        .kinds = {"uboot"},
        .states = {evidence::Facet::concealment, evidence::Facet::property, evidence::Facet::trouble},
        .blind_spots = {"The addresses of loading and entry are stated, but not used when code is looked at."},
        .references = "U-Boot include/image.h, legacy image format",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    const auto layout = parse::firmware::uboot(view.bytes);
    if (!layout) return base::fail(base::Trouble::malformed, "no U-Boot header");
    return read_layout(view, sink, *layout);
  }
};

}  // namespace

const evidence::Reader& uboot() {
  static const Uboot reader;
  return reader;
}

}  // namespace unpack
