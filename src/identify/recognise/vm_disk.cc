// Disks of virtual machines: QEMU's, VMware's, VirtualBox's, the two forms of virtual hard disks.
// A fixed virtual hard disk has nothing but a footer; raw images are the business of file systems.
#include <fmt/format.h>

#include "identify/look.h"
#include "identify/recogniser.h"

namespace identify {
namespace {

using base::Bytes;

std::optional<Identity> qcow(Bytes b) {
  if (!has(b, 0, "QFI\xFB") || b.size() < 48) return std::nullopt;
  const auto version = big32(b, 4);
  if (version == 1) {
    if (b.size() <= 33 || b[32] < 9 || b[32] > 16 || b[33] < 6 || b[33] > 13 || big32(b, 36) > 1) return std::nullopt;
    return Identity{"qcow", "QEMU disk image, version 1", 64};
  }
  const auto bits = big32(b, 20);
  if (version < 2 || version > 3 || bits < 9 || bits > 21 || big32(b, 32) > 2) return std::nullopt;
  return Identity{"qcow2", fmt::format("QEMU disk image, version {}", version), 72};
}

std::optional<Identity> vmdk(Bytes b) {
  if (has(b, 0, "KDMV") && b.size() >= 512 && little32(b, 4) >= 1 && little32(b, 4) <= 3 && has(b, 73, "\n \r\n")) return Identity{"vmdk", "VMware disk image", 72};
  if (has(b, 0, "# Disk DescriptorFile")) return Identity{"vmdk", "description of a VMware disk", 64};
  return std::nullopt;
}

// The footer's own sum proves it.
bool footer(Bytes b, std::uint64_t at) {
  if (!has(b, at, "conectix") || b.size() - at < 512) return false;
  std::uint32_t sum = 0;
  for (std::uint64_t i = 0; i < 512; ++i)
    if (i < 64 || i > 67) sum += b[at + i];
  return ~sum == big32(b, at + 64);
}

std::optional<Identity> vhd(Bytes b) {
  if (b.size() < 1024) return std::nullopt;
  if (!footer(b, b.size() - 512) && !footer(b, 0)) return std::nullopt;
  return Identity{"vhd", has(b, 0, "conectix") ? "virtual hard disk, dynamic" : "virtual hard disk, fixed", 128};  // more than the disk inside, which begins at the same byte
}

class VmDisk final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {"vm_disk", {"qcow", "qcow2", "vmdk", "vhd", "vhdx", "vdi"}, {"qcow", "qcow2", "vmdk", "vhd", "vhdx", "vdi"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (auto found = qcow(b)) return found;
    if (auto found = vmdk(b)) return found;
    if (has(b, 0, "vhdxfile") && (has(b, 65536, "head") || has(b, 131072, "head"))) return Identity{"vhdx", "virtual hard disk, second form", 96};
    if (has(b, 0x40, "\x7F\x10\xDA\xBE") && little32(b, 0x44) >> 16 <= 1 && little32(b, 0x48) >= 0x100 && little32(b, 0x48) < 4096) return Identity{"vdi", "VirtualBox disk image", 64};
    return vhd(b);
  }
};

}  // namespace

const Recogniser& vm_disk() {
  static const VmDisk one;
  return one;
}

}  // namespace identify
