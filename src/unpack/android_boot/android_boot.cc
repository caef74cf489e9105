// Android's boot images, tables of device tree overlays, and metadata of verified boot, alone or
// by a footer behind a boot image. Formats: see parse/firmware/android.h.
#include "parse/firmware/android.h"

#include "unpack/firmware.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using namespace parse::firmware;

class AndroidBoot final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "android_boot",
        .finds = "Kernel, ramdisks, device trees and command lines of Android boot images; keys and digests of verified boot.",
        .kinds = {"android-boot", "android-dtbo", "vbmeta"},
        .states = {evidence::Facet::concealment, evidence::Facet::property, evidence::Facet::trouble},
        .blind_spots = {"Signatures of verified boot are not verified, and its digests are stated without comparing them with other partitions.",
                        "Boot images whose maker put a header of his own in front are found only where that header is known."},
        .references = "source.android.com: boot image header, vendor boot partition, DTB and DTBO partitions; AVB 2.0",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    for (const auto format : {android_boot, vendor_boot, android_dtbo, vbmeta})
      if (const auto layout = format(view.bytes)) return read_image(view, sink, *layout);
    return base::fail(base::Trouble::malformed, "no Android image header");
  }

 private:
  static base::Result<> read_image(const evidence::View& view, evidence::Sink& sink, const Layout& layout) {
    const auto verified = vbmeta_by_footer(view.bytes);
    if (!verified) return read_layout(view, sink, layout);
    Ledger ledger(view, sink);
    CHECK_OK(read_parts(view, sink, ledger, layout));
    CHECK_OK(give_part(ledger, "vbmeta", *verified, artifact::Origin::embedded, "vbmeta"));
    ledger.structure({view.bytes.size() - avb_footer_size, avb_footer_size}, "verified boot footer");
    return ledger.close("unused");
  }
};

}  // namespace

const evidence::Reader& android_boot() {
  static const AndroidBoot reader;
  return reader;
}

}  // namespace unpack
