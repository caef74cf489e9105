// See script.h.
#include "unpack/nsis/script.h"

#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"

namespace unpack::nsis_format {
namespace {

using base::Trouble;

constexpr std::uint64_t most_entries = 200'000;
constexpr std::size_t most_listing = 8u << 20;

// What an instruction is called and what its operands are: s a string, i a number, v a variable.
struct Instruction {
  std::string_view name, operands;
};
constexpr std::array<Instruction, 58> instructions = {{
    {"Invalid", ""}, {"Return", ""}, {"Goto", "i"}, {"Abort", "s"}, {"Quit", ""}, {"Call", "i"}, {"DetailPrint", "s"}, {"Sleep", "s"}, {"BringToFront", ""}, {"SetDetailsView", "i"},
    {"SetFileAttributes", "si"}, {"SetOutPath", "si"}, {"IfFileExists", "sii"}, {"SetFlag", "is"}, {"IfFlag", "iii"}, {"GetFlag", "vi"}, {"Rename", "ssi"}, {"GetFullPathName", "sv"}, {"SearchPath", "vs"},
    {"GetTempFileName", "vs"}, {"File", "isi"}, {"Delete", "si"}, {"MessageBox", "is"}, {"RMDir", "si"}, {"StrLen", "vs"}, {"StrCpy", "vsss"}, {"StrCmp", "ssii"}, {"ReadEnvStr", "vsi"}, {"IntCmp", "ssiii"},
    {"IntOp", "vssi"}, {"IntFmt", "vss"}, {"PushPop", "si"}, {"FindWindow", "vssss"}, {"SendMessage", "vsssss"}, {"IsWindow", "sii"}, {"GetDlgItem", "vss"}, {"SetCtlColors", "si"}, {"LoadImage", "ss"},
    {"CreateFont", "vssss"}, {"ShowWindow", "ss"}, {"ExecShell", "ssssi"}, {"Exec", "svi"}, {"GetFileTime", "svv"}, {"GetDLLVersion", "svv"}, {"CallPlugin", "ssi"}, {"CreateShortcut", "sssss"},
    {"CopyFiles", "ssi"}, {"Reboot", ""}, {"WriteINIStr", "ssss"}, {"ReadINIStr", "vsss"}, {"DeleteReg", "iiss"}, {"WriteReg", "issss"}, {"ReadReg", "viss"}, {"EnumReg", "vissi"}, {"FileClose", "v"},
    {"FileOpen", "vsis"}, {"FileWrite", "vs"}, {"FileRead", "vvs"},
}};
constexpr std::uint32_t create_directory = 11, extract_file = 20, write_uninstaller = 62;

void put_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) out += static_cast<char>(c);
  else if (c < 0x800) out += static_cast<char>(0xC0 | c >> 6), out += static_cast<char>(0x80 | (c & 0x3F));
  else out += static_cast<char>(0xE0 | c >> 12), out += static_cast<char>(0x80 | (c >> 6 & 0x3F)), out += static_cast<char>(0x80 | (c & 0x3F));
}

std::string variable(unsigned n) {
  static constexpr std::array<std::string_view, 12> names = {"CMDLINE", "INSTDIR", "OUTDIR", "EXEDIR", "LANGUAGE", "TEMP", "PLUGINSDIR", "EXEPATH", "EXEFILE", "HWNDPARENT", "_CLICK", "_OUTDIR"};
  if (n < 10) return fmt::format("${}", n);
  if (n < 20) return fmt::format("$R{}", n - 10);
  if (n < 32) return fmt::format("${}", names[n - 20]);
  return fmt::format("$_{}_", n);
}

}  // namespace

base::Result<Script> Script::parse(base::Bytes header) {
  Script s;
  s.header_ = header;
  if (!s.blocks(header, false) && !s.blocks(header, true)) return base::fail(Trouble::unsupported, "the NSIS header's blocks are of an unknown form");
  s.strings_ = base::slice(header, s.blocks_[3].offset, s.blocks_[4].offset > s.blocks_[3].offset ? s.blocks_[4].offset - s.blocks_[3].offset : UINT64_MAX);
  s.unicode_ = s.strings_.size() > 2 && s.strings_[0] == 0 && s.strings_[1] == 0;
  s.find_codes();
  return s;
}

// Eight blocks: pages, sections, entries, strings, language tables, colours, font, data. Offsets have
// eight bytes in 64-bit installers.
bool Script::blocks(base::Bytes header, bool wide) {
  base::Cursor at(header);
  at.skip(4);
  for (auto& b : blocks_) {
    b.offset = at.word(wide);
    b.count = at.u32();
  }
  const auto& entries = blocks_[2];
  return at.ok() && entries.count <= most_entries && base::fits(entries.offset, entries.count * 28, header.size()) && entries.offset >= at.position() && blocks_[3].offset < header.size() &&
         blocks_[3].offset >= entries.offset && (blocks_[4].offset == 0 || blocks_[4].offset >= blocks_[3].offset);
}

// A marked variable is followed by two bytes with their highest bits set.
void Script::find_codes() {
  if (unicode_) return;
  std::uint64_t second = 0, third = 0;
  for (std::size_t i = 0; i + 2 < strings_.size(); ++i) {
    if (!(strings_[i + 1] & 0x80) || !(strings_[i + 2] & 0x80)) continue;
    if (strings_[i] >= 253) ++second;
    if (strings_[i] >= 1 && strings_[i] <= 3) ++third;
  }
  third_ = third >= second;
}

Script::Entry Script::entry(std::uint64_t index) const {
  base::Cursor at(base::slice(header_, blocks_[2].offset + index * 28, 28));
  Entry e;
  e.what = at.u32();
  for (auto& v : e.at) v = at.u32();
  return e;
}

std::string Script::text(std::uint32_t offset, int depth) const {
  std::string out;
  if (offset & 0x80000000) return fmt::format("$(LANG_{})", ~offset);
  if (unicode_) {
    base::Cursor at(base::slice(strings_, std::uint64_t{offset} * 2));
    for (int n = 0; n < 16384 && at.left() >= 2; ++n) {
      const std::uint32_t c = at.u16();
      if (c == 0) break;
      const bool park = c >= 0xE000 && c <= 0xE003;  // an early Unicode branch marks in the private area
      if (c > 4 && !park) {
        put_utf8(out, c);
        continue;
      }
      const std::uint32_t next = at.u16();
      if (c == 4 || c == 0xE000) put_utf8(out, next);
      else special(out, park ? 0xE004 - c : c, next & 0xFF, next >> 8, depth);
    }
    return out;
  }
  base::Cursor at(base::slice(strings_, offset));
  for (int n = 0; n < 16384 && at.left(); ++n) {
    const auto c = at.u8();
    if (c == 0) break;
    const unsigned code = third_ ? (c <= 4 ? c : 0u) : c >= 252 ? 256u - c : 0u;
    if (code == 0) out += static_cast<char>(c);
    else if (code == 4) out += static_cast<char>(at.u8());
    else {
      const unsigned low = at.u8();
      special(out, code, low, at.u8(), depth);
    }
  }
  return out;
}

void Script::special(std::string& out, unsigned code, unsigned low, unsigned high, int depth) const {
  const unsigned number = (low & 0x7F) | (high & 0x7F) << 7;
  if (code == 1) out += fmt::format("$(LANG_{})", number);
  else if (code == 2) out += shell_folder(low, high, depth);
  else out += variable(number);
}

std::string Script::shell_folder(unsigned low, unsigned high, int depth) const {
  // A folder that the registry names: the value's name stands in the string table.
  if (low & 0x80 && depth < 4) {
    const auto value = text(low & 0x3F, depth + 1);
    return value == "ProgramFilesDir" ? "$PROGRAMFILES" : value == "CommonFilesDir" ? "$COMMONFILES" : fmt::format("$[{}]", value);
  }
  switch (high) {
    case 0x02: case 0x17: return "$SMPROGRAMS";
    case 0x05: case 0x2E: return "$DOCUMENTS";
    case 0x07: case 0x18: return "$SMSTARTUP";
    case 0x0B: case 0x16: return "$STARTMENU";
    case 0x10: case 0x19: return "$DESKTOP";
    case 0x1A: case 0x23: return "$APPDATA";
    case 0x1C: return "$LOCALAPPDATA";
    case 0x24: return "$WINDIR";
    case 0x25: return "$SYSDIR";
    case 0x26: return "$PROGRAMFILES";
    case 0x28: return "$PROFILE";
    default: return fmt::format("$SHELL_{}_{}", low, high);
  }
}

std::map<std::uint32_t, std::string> Script::files() const {
  std::map<std::uint32_t, std::string> out;
  std::string folder = "$INSTDIR";
  for (std::uint64_t i = 0; i < blocks_[2].count; ++i) {
    const auto e = entry(i);
    if (e.what == create_directory && e.at[1]) folder = text(e.at[0]);
    if (e.what != extract_file && e.what != write_uninstaller) continue;
    auto name = text(e.at[e.what == extract_file ? 1 : 0]);
    if (!name.starts_with('$') && name.find(':') == name.npos) name = folder + "\\" + name;
    std::ranges::replace(name, '\\', '/');
    out.try_emplace(e.at[e.what == extract_file ? 2 : 1], std::move(name));
  }
  return out;
}

std::string Script::listing() const {
  std::string out;
  for (std::uint64_t i = 0; i < blocks_[2].count && out.size() < most_listing; ++i) {
    const auto e = entry(i);
    if (e.what == 0 && std::ranges::all_of(e.at, [](std::uint32_t v) { return v == 0; })) continue;
    const bool known = e.what < instructions.size();
    out += known ? std::string(instructions[e.what].name) : fmt::format("Instruction{}", e.what);
    const auto operands = known ? instructions[e.what].operands : e.what == write_uninstaller ? "siis" : "iiiiii";
    for (std::size_t k = 0; k < operands.size() && k < 6; ++k) {
      if (operands[k] == 's') out += fmt::format(" \"{}\"", text(e.at[k]));
      else if (operands[k] == 'v') out += ' ' + variable(e.at[k]);
      else out += fmt::format(" {}", static_cast<std::int32_t>(e.at[k]));
    }
    out += '\n';
  }
  out += "\n; strings\n";
  // Operands point into the middle of strings too; here each string stands once, from its start.
  const std::size_t unit = unicode_ ? 2 : 1;
  for (std::size_t at = 0; at + unit <= strings_.size() && out.size() < 2 * most_listing;) {
    auto end = at;
    while (end + unit <= strings_.size() && (strings_[end] || (unicode_ && strings_[end + 1]))) end += unit;
    if (end > at) out += text(static_cast<std::uint32_t>(at / unit)) + '\n';
    at = end + unit;
  }
  return out;
}

}  // namespace unpack::nsis_format
