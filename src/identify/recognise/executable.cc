// Machine and bytecode programs: ELF, PE, Mach-O, DEX, Java classes, Python bytecode, WebAssembly,
// and device trees. Headers only; parse/ reads the rest.
#include "identify/look.h"
#include "identify/recogniser.h"

#include <array>

#include <fmt/format.h>

namespace identify {
namespace {

constexpr std::array<std::string_view, 12> elf_types = {"no type", "object", "executable", "shared object", "core"};

std::string machine(unsigned number) {
  switch (number) {
    case 3: return "x86";
    case 8: return "MIPS";
    case 20: return "PowerPC";
    case 21: return "PowerPC64";
    case 22: return "S/390";
    case 40: return "ARM";
    case 62: return "x86-64";
    case 183: return "AArch64";
    case 243: return "RISC-V";
    case 247: return "BPF";
    case 258: return "LoongArch";
    default: return fmt::format("machine {}", number);
  }
}

std::optional<Identity> elf(base::Bytes b) {
  if (!has(b, 0, "\x7f" "ELF") || b.size() < 20) return std::nullopt;
  const auto wide = b[4], order = b[5];
  if (wide < 1 || wide > 2 || order < 1 || order > 2) return Identity{"elf", "ELF with a damaged header", 32};
  const auto type = order == 1 ? little16(b, 16) : big16(b, 16);
  const auto arch = order == 1 ? little16(b, 18) : big16(b, 18);
  const auto bits = wide == 2 ? 64 : 32;
  if (has(b, 8, "AI\x01") || has(b, 8, "AI\x02")) return Identity{"appimage", fmt::format("AppImage type {}, ELF {}-bit {}", b[10], bits, machine(arch)), 72};
  return Identity{"elf", fmt::format("ELF {}-bit {} {}", bits, machine(arch), type < 5 ? elf_types[type] : "other type"), 64};
}

std::optional<Identity> pe(base::Bytes b) {
  if (!has(b, 0, "MZ") || b.size() < 64) return std::nullopt;
  const auto at = little32(b, 0x3c);
  if (!has(b, at, std::string_view("PE\0\0", 4))) return Identity{"dos", "DOS executable", 18};
  const auto arch = little16(b, at + 4);
  const bool library = little16(b, at + 22) & 0x2000;
  const bool plus = little16(b, at + 24) == 0x20b;
  return Identity{"pe", fmt::format("PE{} {} machine 0x{:x}", plus ? "+" : "", library ? "library" : "program", arch), 64};
}

std::optional<Identity> macho(base::Bytes b) {
  const auto magic = big32(b, 0);
  if (magic == 0xFEEDFACE || magic == 0xFEEDFACF || magic == 0xCEFAEDFE || magic == 0xCFFAEDFE)
    return b.size() < 28 ? std::nullopt : std::optional(Identity{"macho", "Mach-O program", 40});
  if (magic == 0xCAFEBABF || magic == 0xBEBAFECA || (magic == 0xCAFEBABE && big32(b, 4) != 0 && big32(b, 4) < 40))
    return Identity{"macho-fat", fmt::format("Mach-O for {} architectures", big32(b, 4)), 36};
  if (magic == 0xCAFEBABE && big32(b, 4) >= 43 && big16(b, 6) < 120)
    return Identity{"class", fmt::format("Java class, format {}", big16(b, 6)), 40};
  return std::nullopt;
}

std::optional<Identity> pyc(base::Bytes b) {
  if (b.size() < 9 || b[2] != 0x0d || b[3] != 0x0a) return std::nullopt;
  const auto magic = little16(b, 0);
  const bool known = (magic >= 3000 && magic < 4000) || (magic >= 20121 && magic <= 63000);
  if (!known) return std::nullopt;
  for (const std::size_t at : {8u, 12u, 16u})
    if (at < b.size() && (b[at] == 0xe3 || b[at] == 0x63)) return Identity{"pyc", fmt::format("Python bytecode, magic {}", magic), 40};
  return std::nullopt;
}

class Executable final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {
        "executable",
        {"elf", "appimage", "pe", "dos", "macho", "macho-fat", "class", "dex", "pyc", "wasm"},
        {"exe", "dll", "elf", "ko", "dylib", "class", "dex", "pyc", "pyo", "wasm", "appimage", "efi", "sys"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (b.size() < 8) return std::nullopt;
    switch (b[0]) {
      case 0x7f: return elf(b);
      case 'M': return pe(b);
      case 0xFE: case 0xCE: case 0xCF: case 0xCA: case 0xBE:
        if (auto found = macho(b)) return found;
        break;
      case 'd':
        if (has(b, 0, "dex\n") && b[7] == 0) return Identity{"dex", "Android bytecode", 56};
        break;
      case 0:
        if (has(b, 0, std::string_view("\0asm", 4)) && little32(b, 4) <= 16) return Identity{"wasm", "WebAssembly", 56};
        break;
      default: break;
    }
    return pyc(b);
  }
};

}  // namespace

const Recogniser& executable() {
  static const Executable one;
  return one;
}

}  // namespace identify
