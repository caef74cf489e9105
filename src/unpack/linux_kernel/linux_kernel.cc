// Linux kernel images: the kernel inside the self-extracting ones, and what kernels carry: the
// built-in initramfs, the configuration, the certificates around a signed one.
// Forms: see parse/kernel/kernel.h. Kernels and kernel wrappers that are ELF files (vmlinux, and
// the zImage of PowerPC and MIPS) are looked into too; as programs they are read elsewhere.
#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"
#include "parse/elf/elf.h"
#include "parse/kernel/kernel.h"
#include "unpack/firmware.h"
#include "unpack/linux_kernel/inside.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;
using namespace kernel_format;
using parse::kernel::Image;

constexpr std::uint64_t least_kernel = 64 << 10;  // an ELF below that is no kernel

class KernelWalk {
 public:
  KernelWalk(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink) {}

  base::Result<> image(const Image& image) {
    state_format(sink_, image.detail, {{"version", image.version}});
    const std::uint64_t size = view_.bytes.size();
    if (image.end > size) state_trouble(sink_, "truncated", fmt::format("the kernel image says it has {} bytes", image.end));
    auto end = std::min(image.end, size);
    if (image.certificates) {
      end = std::max(end, std::min(image.certificates->end(), size));
      CHECK_OK(certificates(*image.certificates));
    }
    if (!image.packed) {
      CHECK_OK(inside());
      return hand_on_rest(view_, sink_, end, evidence::Confidence::low);
    }
    // The header is claimed, so that what is left over doesn't look like a kernel image again.
    if (!image.setup) ledger_.structure({0, 64}, "kernel image header");
    CHECK_OK(payload(image, end));
    if (image.setup) CHECK_OK(give_part(ledger_, "setup", {0, image.setup}, artifact::Origin::embedded));
    CHECK_OK(ledger_.close(0, end, "loader"));
    return hand_on_rest(view_, sink_, end, evidence::Confidence::low);
  }

  /// What a kernel that is not packed carries. Its code stays to be scanned.
  base::Result<> inside() {
    for (const auto& found : TRY(carried(view_.bytes, sink_))) CHECK_OK(give_part(ledger_, found.name, found.range, artifact::Origin::embedded));
    return {};
  }

  /// A section of an ELF wrapper that holds a kernel or an initramfs.
  base::Result<> section(const parse::elf::Section& section) {
    const auto bytes = base::slice(view_.bytes, section.range.offset, section.range.size);
    if (const auto* codec = stream::codec_at(bytes)) return unpack(*codec, section.range, std::string(section.name), artifact::Origin::embedded);
    return give_part(ledger_, std::string(section.name), section.range, artifact::Origin::embedded);
  }

 private:
  // WIN_CERTIFICATE: length, revision, type, then a PKCS #7 signature; each filled up to 8 bytes.
  base::Result<> certificates(base::Range table) {
    ledger_.structure(table, "certificate table");
    for (auto at = table.offset; at + 8 < table.end();) {
      base::Cursor in(base::slice(view_.bytes, at, 8));
      const std::uint64_t size = in.u32();
      if (size <= 8 || !base::fits(at, size, table.end())) break;
      CHECK_OK(give_part(ledger_, "signature", {at + 8, size - 8}, artifact::Origin::embedded));
      at += (size + 7) & ~7ull;
    }
    return {};
  }

  base::Result<> payload(const Image& image, std::uint64_t end) {
    if (image.payload) {
      if (const auto* codec = stream::codec_at(base::slice(view_.bytes, image.payload->offset, image.payload->size))) return unpack(*codec, *image.payload, "", artifact::Origin::layer);
      return give_part(ledger_, "payload", *image.payload);
    }
    const auto found = TRY(find_packed(base::slice(view_.bytes, 0, end), image.setup, [](base::Bytes) { return true; }, sink_));
    if (found.codec) return unpack(*found.codec, {found.offset, end - found.offset}, "", artifact::Origin::layer);
    state_trouble(sink_, "unsupported", "no packed kernel was found in the image");
    return {};
  }

  // Decodes into one child. The bytes behind the stream (its length, in the kernel's forms) stay
  // with the loader.
  base::Result<> unpack(const stream::Codec& codec, base::Range range, std::string name, artifact::Origin origin) {
    std::optional<Child> child;
    const auto decoded = codec.decode(base::slice(view_.bytes, range.offset, range.size), [&](base::Bytes piece) -> base::Result<> {
      if (!child) {
        artifact::Entry entry;
        entry.name = name.empty() ? "vmlinux" : name;
        entry.origin = origin;
        // What is no ELF and no archive is the kernel's plain code, which no magic tells.
        if (name.empty() && !base::starts_with(piece, "\x7f" "ELF") && !parse::kernel::read(piece)) entry.kind = "linux-kernel";
        child.emplace(sink_, entry);
        CHECK_OK(child->begun());
      }
      return child->give(piece);
    });
    state_format(sink_, fmt::format("packed with {}", codec.name), {}, {range.offset, std::min<std::uint64_t>(decoded.consumed, range.size)});
    ledger_.content({range.offset, decoded.consumed}, codec.name);
    if (decoded.end) return {};
    if (decoded.end.error().trouble == Trouble::limit) return decoded.end;
    ledger_.opaque({range.offset + decoded.consumed, range.size - decoded.consumed}, "damaged");
    state_trouble(sink_, name_of(decoded.end.error().trouble), decoded.end.error().what, {range.offset, range.size});
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
};

// Sections in which the boot wrappers of PowerPC and MIPS put what they unpack.
bool holds_kernel(const parse::elf::Section& section) {
  return section.range.size > 16 && (section.name.starts_with(".kernel:vmlinux") || section.name.starts_with(".kernel:initrd") || section.name == ".image" || section.name == ".init.ramfs" || section.name == ".initrd");
}

base::Result<> read_elf(const evidence::View& view, evidence::Sink& sink) {
  if (view.bytes.size() < least_kernel) return {};
  const auto& elf = view.parsed<base::Result<parse::elf::File>>([&] { return parse::elf::read(view.bytes); });
  if (!elf || elf->relocatable() || !elf->interpreter.empty()) return {};
  KernelWalk walk(view, sink);
  for (const auto& section : elf->sections) {
    CHECK_OK(sink.spend(8));
    if (holds_kernel(section)) CHECK_OK(walk.section(section));
  }
  CHECK_OK(sink.spend(view.bytes.size()));
  if (elf->needed.empty() && has_banner(view.bytes)) return walk.inside();
  return {};
}

class LinuxKernel final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "linux_kernel",
        .finds = "The kernel inside self-extracting Linux kernels, and built-in file systems, configurations and certificates.",
        .kinds = {"linux-kernel", "elf"},
        .states = {evidence::Facet::concealment, evidence::Facet::property, evidence::Facet::trouble},
        .blind_spots = {"A kernel with an EFI stub is a PE program too; it is read as a kernel, and only the certificates of the PE are handed on.",
                        "Only the first packed initramfs of a kernel is found.", "Kernels packed in other ways than gzip, xz, bzip2, lzma, zstd, lz4 and lzop are not read."},
        .references = "docs.kernel.org: arch/x86/boot, arch/arm64/booting, arch/riscv/boot-image-header",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    if (base::starts_with(view.bytes, "\x7f" "ELF")) return read_elf(view, sink);
    KernelWalk walk(view, sink);
    if (const auto image = parse::kernel::read(view.bytes)) return walk.image(*image);
    return walk.inside();  // plain code that came out of a packed image
  }
};

}  // namespace

const evidence::Reader& linux_kernel() {
  static const LinuxKernel reader;
  return reader;
}

}  // namespace unpack
