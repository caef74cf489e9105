// Firmware of UEFI machines: flash images, volumes, sections, capsules, signature lists, terse
// executables, expansion ROMs. UEFI Platform Initialization 1.7, volumes 1 and 3; UEFI 2.10.
// Images whose first volume stands at no multiple of 64 KiB are not recognised.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/cursor.h"
#include "identify/look.h"
#include "identify/recogniser.h"

namespace identify {
namespace {

using base::Bytes;

std::uint64_t little64(Bytes b, std::uint64_t at) { return little32(b, at) | std::uint64_t{little32(b, at + 4)} << 32; }

bool volume(Bytes b, std::uint64_t at) {
  if (!has(b, at + 0x28, "_FVH")) return false;
  const auto header = little16(b, at + 0x30);
  const auto length = little64(b, at + 0x20);
  if (header < 0x40 || header > 4096 || header % 2 || length < header || length > (1ull << 32)) return false;
  const auto whole = base::slice(b, at, header);
  if (whole.size() < header) return false;
  std::uint16_t sum = 0;
  for (std::uint64_t i = 0; i < header; i += 2) sum = static_cast<std::uint16_t>(sum + little16(whole, i));
  return sum == 0;
}

// The first volume may have something in front of it: looked for where flash images put volumes.
std::optional<Identity> image(Bytes b) {
  if (volume(b, 0)) return Identity{"uefi-image", "UEFI firmware volume", 80};
  if (b.size() % 0x10000 || b.size() > (64u << 20)) return std::nullopt;
  for (std::uint64_t at = 0x10000; at < b.size(); at += 0x10000)
    if (volume(b, at)) return Identity{"uefi-image", fmt::format("UEFI firmware image, first volume at 0x{:x}", at), 72};
  return std::nullopt;
}

std::optional<Identity> intel(Bytes b) {
  const std::uint64_t at = little32(b, 0x10) == 0x0FF0A55A ? 0x10 : 0;
  if (little32(b, at) != 0x0FF0A55A || b.size() < 4096) return std::nullopt;
  const auto map0 = little32(b, at + 4);
  const std::uint64_t components = (map0 & 0xFF) << 4, regions = (map0 >> 16 & 0xFF) << 4;
  if (components < 0x20 || regions < 0x20 || little32(b, regions) >> 16 > 0xFF) return std::nullopt;
  return Identity{"intel-flash", "flash image with an Intel descriptor", 64};
}

std::optional<Identity> engine(Bytes b) {
  const std::uint64_t at = has(b, 0x10, "$FPT") ? 0x10 : 0;
  if (!has(b, at, "$FPT")) return std::nullopt;
  const auto entries = little32(b, at + 4);
  if (entries == 0 || entries > 256 || b.size() < at + 32 + 32ull * entries || little16(b, at + 8) == 0 || b[at + 10] > 64) return std::nullopt;
  return Identity{"intel-me", "Intel management engine region", 48};
}

bool guid_at(Bytes b, std::uint64_t at, std::initializer_list<std::string_view> guids) {
  return std::ranges::any_of(guids, [&](std::string_view g) { return has(b, at, g); });
}

std::optional<Identity> capsule(Bytes b) {
  using namespace std::literals;
  // Firmware management, UEFI capsule, Windows' user experience, and three makers' own.
  if (!guid_at(b, 0, {"\xED\xD5\xCB\x6D\x2D\xE8\x44\x4C\xBD\xA1\x71\x94\x19\x9A\xD9\x2A"sv, "\xBD\x86\x66\x3B\x76\x0D\x30\x40\xB7\x0E\xB5\x51\x9E\x2F\xC5\xA0"sv,
                      "\x62\x81\x8C\x3B\x8C\x18\xA4\x46\xAE\xC9\xBE\x43\xF1\xD6\x56\x97"sv, "\x8B\xA6\x3C\x4A\x23\x77\xFB\x48\x80\x3D\x57\x8C\xC1\xFE\xC4\x4D"sv,
                      "\xB9\x82\x91\x53\xB5\xAB\x91\x43\xB6\x9A\xE3\xA9\x43\xF7\x2F\xCC"sv, "\xD3\xAF\x0B\xE2\x14\x99\x4F\x4F\x95\x37\x31\x29\xE0\x90\xEB\x3C"sv}))
    return std::nullopt;
  const auto header = little32(b, 16), size = little32(b, 24);
  if (header < 28 || header > 65536 || size < header) return std::nullopt;
  return Identity{"uefi-capsule", "UEFI capsule", 128};
}

std::optional<Identity> signatures(Bytes b) {
  using namespace std::literals;
  const bool certificate = has(b, 0, "\xA1\x59\xC0\xA5\xE4\x94\xA7\x4A\x87\xB5\xAB\x15\x5C\x2B\xF0\x72"sv);
  const bool hash = guid_at(b, 0, {"\x26\x16\xC4\xC1\x4C\x50\x92\x40\xAC\xA9\x41\xF9\x36\x93\x43\x28"sv, "\x12\xA5\x6C\x82\x10\xCF\xC9\x4A\xB1\x87\xBE\x01\x49\x66\x31\xBD"sv,
                                  "\x92\xA4\xD2\x3B\xC0\x96\x79\x40\xB4\x20\xFC\xF9\x8E\xF1\x03\xED"sv});
  if (!certificate && !hash) return std::nullopt;
  const std::uint64_t size = little32(b, 16), header = little32(b, 20), each = little32(b, 24);
  if (size < 28 || size > b.size() || header > size - 28 || each <= 16 || (size - 28 - header) % each) return std::nullopt;
  return Identity{"efi-signature-list", certificate ? "UEFI signature list of certificates" : "UEFI signature list of hashes", 128};
}

std::optional<Identity> terse(Bytes b) {
  if (!has(b, 0, "VZ") || b.size() < 80) return std::nullopt;
  static constexpr std::array<unsigned, 8> machines = {0x14c, 0x8664, 0x1c0, 0x1c2, 0xaa64, 0x5064, 0x200, 0xebc};
  const unsigned machine = little16(b, 2), sections = b[4], subsystem = b[5], stripped = little16(b, 6);
  if (std::ranges::find(machines, machine) == machines.end() || sections == 0 || sections > 64 || subsystem > 13 || stripped < 40 || stripped > 4096) return std::nullopt;
  // The first section must lie in the file once the stripped head is counted.
  const std::uint64_t size = little32(b, 40 + 16), at = little32(b, 40 + 20);
  if (at < stripped || at - stripped + 40 + size > b.size() || little32(b, 40 + 12) == 0) return std::nullopt;
  return Identity{"te", fmt::format("terse executable for machine 0x{:x}, {} sections", machine, sections), 56};
}

std::optional<Identity> rom(Bytes b) {
  if (!has(b, 0, "\x55\xAA") || b.size() < 512) return std::nullopt;
  const std::uint64_t data = little16(b, 0x18);
  if (data < 0x1A || !has(b, data, "PCIR") || little16(b, data + 10) < 0x18 || little16(b, data + 16) == 0) return std::nullopt;
  return Identity{"pci-rom", "expansion ROM of a PCI device", 60};
}

// Sections up to the end: only their sizes and types speak for them, so they must fit exactly.
std::optional<Identity> section_chain(Bytes b) {
  static constexpr std::array<unsigned, 15> types = {0x01, 0x02, 0x03, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1B, 0x1C};
  unsigned count = 0;
  std::uint64_t at = 0;
  for (; at + 4 <= b.size(); ++count) {
    std::uint64_t size = little32(b, at) & 0xFFFFFF;
    const unsigned type = b[at + 3];
    if (size == 0xFFFFFF) size = little32(b, at + 4);
    if (count >= 64 || size < 5 || size > b.size() - at || std::ranges::find(types, type) == types.end()) return std::nullopt;
    at = (at + size + 3) / 4 * 4;
  }
  if (count < 3 || at < b.size()) return std::nullopt;
  return Identity{"uefi-sections", "UEFI firmware sections", 40};
}

class Uefi final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {"uefi", {"uefi-image", "uefi-sections", "uefi-capsule", "intel-flash", "intel-me", "efi-signature-list", "te", "pci-rom"}, {}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (b.size() < 40) return std::nullopt;
    for (const auto form : {intel, engine, capsule, signatures, terse, rom, image, section_chain})
      if (auto found = form(b)) return found;
    return std::nullopt;
  }
};

}  // namespace

const Recogniser& uefi() {
  static const Uefi one;
  return one;
}

}  // namespace identify
