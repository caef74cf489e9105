// See kernel.h.
#include "parse/kernel/kernel.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/checked.h"
#include "base/cursor.h"

namespace parse::kernel {
namespace {

// Attribute certificates of a PE: the fifth data directory, whose address is a file offset.
std::optional<base::Range> certificates(base::Bytes b) {
  if (!base::starts_with(b, "MZ")) return std::nullopt;
  base::Cursor at(b);
  at.seek(0x3c);
  const auto pe = at.u32();
  at.seek(pe);
  if (at.u32() != 0x00004550) return std::nullopt;
  at.skip(20);
  const auto magic = at.u16();
  at.seek(static_cast<std::uint64_t>(pe) + 24 + (magic == 0x20b ? 112 : 96) + 4 * 8);
  const base::Range range{at.u32(), at.u32()};
  if (!at.ok() || range.size < 8 || range.offset < 0x200 || !base::fits(range.offset, range.size, b.size())) return std::nullopt;
  return range;
}

std::optional<Image> x86(base::Bytes b) {
  base::Cursor at(b);
  at.seek(0x1fe);
  if (at.u16() != 0xAA55) return std::nullopt;
  at.skip(2);
  if (base::text_of(at.take(4)) != "HdrS") return std::nullopt;
  const auto protocol = at.u16();
  if (protocol < 0x200 || protocol > 0x2ff) return std::nullopt;
  at.seek(0x1f1);
  const unsigned sectors = at.u8();
  at.skip(2);
  const std::uint64_t paragraphs = at.u32();
  Image out{.form = Form::x86, .detail = fmt::format("Linux kernel for x86, boot protocol {}.{:02}", protocol >> 8, protocol & 0xff)};
  out.setup = ((sectors ? sectors : 4) + 1) * 512;
  if (out.setup >= b.size()) return std::nullopt;
  out.end = out.setup + paragraphs * 16;
  at.seek(0x20e);
  if (const auto text = at.u16(); text && text + 0x200u < out.setup) {
    base::Cursor in(b);
    in.seek(text + 0x200u);
    out.version = base::printable(in.c_string(256));
  }
  if (protocol >= 0x208) {
    at.seek(0x248);
    const std::uint64_t offset = at.u32(), size = at.u32();
    if (at.ok() && size && base::fits(out.setup + offset, size, b.size())) out.payload = base::Range{out.setup + offset, size};
  }
  out.certificates = certificates(b);
  // The syssize of kernels before protocol 2.04 is cut to 16 bits.
  if (out.payload) out.end = std::max(out.end, out.payload->end());
  if (protocol < 0x204) out.end = b.size();
  return out;
}

std::optional<Image> arm(base::Bytes b) {
  for (const auto endian : {std::endian::little, std::endian::big}) {
    base::Cursor at(b, endian);
    at.seek(0x24);
    if (at.u32() != 0x016F2818) continue;
    const std::uint64_t start = at.u32(), end = at.u32();
    if (!at.ok() || end <= start || end - start < 0x34) return std::nullopt;
    const auto mark = at.u32();
    Image out{.form = Form::arm, .detail = fmt::format("Linux kernel for ARM, {}-endian zImage", endian == std::endian::little ? "little" : "big")};
    out.end = end - start;
    // Without the byte order mark only an end inside the file is proof enough.
    if (mark != 0x04030201 && out.end > b.size()) return std::nullopt;
    return out;
  }
  return std::nullopt;
}

std::optional<Image> flat(base::Bytes b) {
  base::Cursor at(b);
  at.skip(16);
  const auto size = at.u64(), flags = at.u64();
  at.seek(0x30);
  const auto riscv = at.u64();
  const auto magic = at.u32(), pe = at.u32();
  if (!at.ok()) return std::nullopt;
  const bool is_riscv = magic == 0x05435352, is_arm64 = magic == 0x644D5241;
  if (!is_riscv && !is_arm64) return std::nullopt;
  if (is_riscv && riscv != 0 && riscv != 0x5643534952) return std::nullopt;
  if ((flags >> 8 && is_arm64) || size > (1ull << 32) || (pe && pe >= b.size())) return std::nullopt;
  Image out{.form = is_riscv ? Form::riscv : Form::arm64, .detail = fmt::format("Linux kernel for {}, not compressed", is_riscv ? "RISC-V" : "ARM64")};
  out.end = b.size();  // the size in the header counts memory that the file doesn't hold
  out.certificates = certificates(b);
  out.packed = false;
  return out;
}

std::optional<Image> zboot(base::Bytes b) {
  base::Cursor at(b);
  if (base::text_of(at.take(2)) != "MZ") return std::nullopt;
  at.skip(2);
  if (base::text_of(at.take(4)) != "zimg") return std::nullopt;
  const std::uint64_t offset = at.u32(), size = at.u32();
  at.seek(0x18);
  const auto codec = at.c_string(32);
  if (!at.ok() || size == 0 || offset < 0x38 || !base::fits(offset, size, b.size())) return std::nullopt;
  Image out{.form = Form::zboot, .detail = fmt::format("Linux kernel, EFI zboot image, {}", base::printable(codec))};
  out.payload = base::Range{offset, size};
  out.certificates = certificates(b);
  out.end = b.size();
  return out;
}

}  // namespace

std::optional<Image> read(base::Bytes bytes) {
  if (bytes.size() < 64) return std::nullopt;
  if (auto found = zboot(bytes)) return found;
  if (auto found = flat(bytes)) return found;
  if (auto found = arm(bytes)) return found;
  return x86(bytes);
}

}  // namespace parse::kernel
