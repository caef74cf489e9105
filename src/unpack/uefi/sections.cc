// Sections of firmware files: leaves are handed on, what encapsulates others is opened.
// UEFI Platform Initialization 1.7, volume 3, 2.1.4, 2.2.4 and 3.2.4.
#include <algorithm>

#include "base/cursor.h"
#include "unpack/uefi/firmware.h"
#include "unpack/uefi/guid.h"

namespace unpack::uefi_format {
namespace {

using base::Trouble;

constexpr std::size_t most_sections = 65536;  // of one file

// Names come from strings in the firmware: they stay names.
std::string stem_of_user_interface(base::Bytes body) {
  auto text = utf16_text(base::slice(body, 0, 512));
  std::ranges::replace(text, '/', '_');
  return text;
}

std::vector<Section> chain(base::Bytes bytes, base::Range range, std::uint64_t& end) {
  std::vector<Section> out;
  std::uint64_t at = range.offset;
  while (at + 4 <= range.end() && out.size() < most_sections) {
    auto section = read_section(bytes, at, range.end());
    if (!section) break;
    at = range.offset + (section->range.end() - range.offset + 3) / 4 * 4;
    out.push_back(std::move(*section));
  }
  end = std::min(at, range.end());
  return out;
}

// Dependency expressions: GUIDs between operators (volume 2, 10.7), END last.
bool is_depex(base::Bytes body) {
  base::Cursor at(body);
  while (!at.at_end()) {
    const auto op = at.u8();
    if (op <= 2) at.skip(16);
    else if (op == 8) return at.ok();
    else if (op > 9) return false;
  }
  return false;
}

std::string_view ending_of(std::uint8_t type) {
  using namespace section_type;
  switch (type) {
    case pe32: return ".efi";
    case te: return ".te";
    case pic: return ".pic";
    case compatibility16: return ".csm16";
    case volume_image: return ".fv";
    case freeform: return ".freeform";
    case raw: return ".raw";
    case dxe_depex: case pei_depex: case mm_depex: return ".depex";
    default: return ".section";
  }
}

base::Result<> one_section(Walk& walk, const Section& section, const std::string& stem, int depth) {
  using namespace section_type;
  const auto body = section.body();
  const auto content = base::slice(walk.bytes(), body.offset, body.size);
  walk.ledger.structure({section.range.offset, section.header}, "firmware section header");
  switch (section.type) {
    case compression:
      if (section.compression == 0) return sections(walk, body, stem, depth + 1);
      return compressed_section(walk, section, stem);
    case guid_defined:
      if (TRY(guided_section(walk, section, stem))) return sections(walk, body, stem, depth + 1);
      return {};
    case disposable: return sections(walk, body, stem, depth + 1);
    case version: case user_interface: walk.ledger.structure(body, "firmware section"); return {};
    case dxe_depex: case pei_depex: case mm_depex:
      if (is_depex(content)) {
        walk.ledger.structure(body, "dependency expression");
        return {};
      }
      break;
    case volume_image: {
      const auto volume = read_volume(content, 0);
      return walk.give(body, walk.name(stem, ".fv"), artifact::Origin::member, volume && volume->checksum_holds ? "uefi-image" : "");
    }
    default: break;
  }
  return walk.give(body, walk.name(stem, ending_of(section.type)));
}

}  // namespace

base::Result<> sections(Walk& walk, base::Range range, std::string stem, int depth) {
  if (depth > 16) return base::fail(Trouble::limit, "firmware sections nest deeper than 16");
  std::uint64_t end = 0;
  const auto all = chain(walk.bytes(), range, end);
  CHECK_OK(walk.sink.spend(64 * (all.size() + 1)));
  const auto slash = stem.rfind('/');
  for (const auto& s : all)
    if (s.type == section_type::user_interface)
      if (const auto said = stem_of_user_interface(base::slice(walk.bytes(), s.body().offset, s.body().size)); !said.empty()) {
        stem = stem.substr(0, slash == stem.npos ? 0 : slash + 1) + said;
        break;
      }
  for (const auto& s : all) CHECK_OK(one_section(walk, s, stem, depth));
  const auto rest = base::slice(walk.bytes(), end, range.end() - end);
  CHECK_OK(walk.sink.spend(rest.size()));
  if (rest.size() >= 4 && !std::ranges::all_of(rest, [&](std::uint8_t b) { return b == rest[0]; }))
    walk.trouble("malformed", fmt::format("{}: {} bytes are no firmware section", base::printable(stem), rest.size()), {end, rest.size()});
  return {};
}

}  // namespace unpack::uefi_format
