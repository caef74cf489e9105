// UEFI firmware: flash images, volumes, files and sections, variable stores, capsules, signature
// lists; flash images of Intel platforms. Own bounded reader. UEFI Platform Initialization 1.7,
// volume 3; UEFI 2.10. Compressed sections become children of the kind uefi-sections, which are
// read here again. Signatures are handed on, not checked.
#include "unpack/uefi/firmware.h"

namespace unpack {
namespace {

using namespace uefi_format;

class Uefi final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "uefi",
        .finds = "Modules, volumes, variables and certificates of UEFI firmware: flash images, volumes, capsules, signature lists, Intel flash regions and engine partitions.",
        .kinds = {"uefi-image", "uefi-sections", "uefi-capsule", "intel-flash", "intel-me", "efi-signature-list"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Signatures of volumes, sections, capsules and variables are handed on and not checked.",
                        "Volumes of other file systems than FFS 1 to 3 are handed on as one piece.",
                        "Partitions of the Intel management engine are named and not opened.",
                        "Of makers' own variable stores only the forms NVAR, $VSS, $SVS and $NSS are read."},
        .references = "UEFI Platform Initialization 1.7, volume 3; UEFI 2.10, 8.5.3, 19.2, 23.3, 32.4.1",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    Walk walk(view, sink);
    if (view.kind == "uefi-capsule") return capsule(walk);
    if (view.kind == "efi-signature-list") return signature_lists(walk);
    if (view.kind == "intel-flash") return intel_flash(walk);
    if (view.kind == "intel-me") return intel_engine(walk);
    const std::uint64_t size = view.bytes.size();
    if (view.kind == "uefi-sections") {
      std::string stem(view.place.file_name());
      if (stem.ends_with(".sections")) stem.resize(stem.size() - 9);
      CHECK_OK(sections(walk, {0, size}, stem));
    } else {
      CHECK_OK(volumes(walk, 0, size));
    }
    return walk.ledger.close("firmware-slack");
  }
};

}  // namespace

const evidence::Reader& uefi() {
  static const Uefi reader;
  return reader;
}

}  // namespace unpack
