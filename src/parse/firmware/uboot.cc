// See uboot.h.
#include "parse/firmware/uboot.h"

#include <array>

#include <fmt/format.h>

#include "base/checked.h"
#include "base/cursor.h"

namespace parse::firmware {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t header_size = 64;
constexpr std::uint32_t usual_magic = 0x27051956;
enum Type : std::uint8_t { kernel = 2, ramdisk = 3, multi = 4, script = 6, filesystem = 7, flat_dt = 8, last_type = 48 };

constexpr std::array systems = {"none"sv, "OpenBSD"sv, "NetBSD"sv, "FreeBSD"sv, "4.4BSD"sv, "Linux"sv, "SVR4"sv, "Esix"sv, "Solaris"sv, "Irix"sv,
                                "SCO"sv, "Dell"sv, "NCR"sv, "LynxOS"sv, "VxWorks"sv, "pSOS"sv, "QNX"sv, "U-Boot"sv, "RTEMS"sv, "ARTOS"sv,
                                "Unity"sv, "INTEGRITY"sv, "OSE"sv, "Plan 9"sv, "OpenRTOS"sv, "Trusted Firmware-A"sv, "TEE"sv, "OpenSBI"sv, "EFI"sv, "ELF"sv};
constexpr std::array processors = {"none"sv, "Alpha"sv, "ARM"sv, "x86"sv, "IA-64"sv, "MIPS"sv, "MIPS64"sv, "PowerPC"sv, "S/390"sv,
                                   "SuperH"sv, "SPARC"sv, "SPARC64"sv, "M68K"sv, "Nios"sv, "MicroBlaze"sv, "Nios II"sv, "Blackfin"sv, "AVR32"sv,
                                   "ST200"sv, "sandbox"sv, "NDS32"sv, "OpenRISC"sv, "ARM64"sv, "ARC"sv, "x86-64"sv, "Xtensa"sv, "RISC-V"sv};
constexpr std::array types = {"none"sv, "standalone"sv, "kernel"sv, "ramdisk"sv, "multi"sv, "firmware"sv, "script"sv, "filesystem"sv, "flat_dt"sv};
constexpr std::array compressions = {"none"sv, "gzip"sv, "bzip2"sv, "lzma"sv, "lzo"sv, "lz4"sv, "zstd"sv};

template <std::size_t N>
std::string name(const std::array<std::string_view, N>& names, std::uint8_t number) {
  return number < N ? std::string(names[number]) : fmt::format("{}", number);
}

// Multi-file images and scripts open with a list of sizes, ended by zero; each part but the last
// is filled up to four bytes.
void list_parts(Layout& out, base::Bytes body, bool is_script) {
  base::Cursor at(body, std::endian::big);
  std::vector<std::uint64_t> sizes;
  while (sizes.size() < 256) {
    const auto size = at.u32();
    if (!at.ok() || size == 0) break;
    sizes.push_back(size);
  }
  std::uint64_t offset = header_size + 4 * (sizes.size() + 1);
  out.parts.push_back({"U-Boot list of sizes", {header_size, 4 * (sizes.size() + 1)}, Part::Role::structure});
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (offset >= out.end) break;  // the sum of the sizes is the maker's word
    out.parts.push_back({is_script ? "script" : fmt::format("part-{}", i), {offset, std::min(sizes[i], out.end - offset)}, Part::Role::member, is_script ? "script/shell" : ""});
    const auto aligned = (sizes[i] + 3) & ~3ull;
    if (aligned > sizes[i] && offset + aligned <= out.end) out.parts.push_back({"filled up to four bytes", {offset + sizes[i], aligned - sizes[i]}, Part::Role::padding});
    offset += aligned;
  }
}

}  // namespace

std::optional<Layout> uboot(base::Bytes bytes) {
  if (bytes.size() < header_size) return std::nullopt;
  base::Cursor at(bytes.first(header_size), std::endian::big);
  const auto magic = at.u32(), header_sum = at.u32();
  at.skip(4);
  const auto size = at.u32();
  const auto load = at.u32(), entry = at.u32(), sum = at.u32();
  const auto system = at.u8(), processor = at.u8(), type = at.u8(), compression = at.u8();
  if (size == 0 || type == 0 || type > last_type || system > 64 || processor > 64 || compression >= compressions.size()) return std::nullopt;

  Layout out{.kind = "uboot", .detail = {}};
  out.checks.push_back({"header", Sum::crc32, {{{0, 4}}, {{4, 4}, 0}, {{8, header_size - 8}}}, to_bytes(header_sum), {4, 4}});
  const bool proved = compute(Sum::crc32, bytes.first(header_size), out.checks[0].over) == out.checks[0].stated;
  if (!proved && (magic != usual_magic || size > bytes.size())) return std::nullopt;
  out.strength = proved ? 96 : 44;
  const auto text = field_text(bytes.subspan(32, 32));
  out.detail = fmt::format("U-Boot image, {} {}", name(processors, processor), name(types, type));
  out.facts = {{"name", text}, {"system", name(systems, system)}, {"architecture", name(processors, processor)}, {"type", name(types, type)},
               {"compression", name(compressions, compression)}, {"load", fmt::format("0x{:x}", load)}, {"entry", fmt::format("0x{:x}", entry)}};
  if (magic != usual_magic) out.facts["magic"] = fmt::format("0x{:08x}", magic);
  out.checks.push_back({"content", Sum::crc32, {{{header_size, size}}}, to_bytes(sum), {24, 4}});
  out.parts.push_back({"U-Boot header", {0, header_size}, Part::Role::structure});
  out.end = header_size + size;
  if (type == multi || type == script) list_parts(out, base::slice(bytes, header_size, size), type == script);
  else out.parts.push_back({name(types, type), {header_size, size}, Part::Role::member, type == flat_dt && compression == 0 ? "dtb" : ""});
  return out;
}

}  // namespace parse::firmware
