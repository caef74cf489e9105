// Header, segments, sections, and the questions about them.
#include "parse/elf/elf.h"

#include <algorithm>
#include <array>

#include "base/checked.h"
#include "parse/elf/tables.h"

namespace parse::elf {
namespace {

using base::Bytes;
using base::Range;
using base::Result;
using base::Trouble;

struct Header {
  std::uint64_t segments_at = 0, sections_at = 0;
  std::uint64_t size = 0, segment_size = 0, segment_count = 0, section_size = 0, section_count = 0, names = 0;
};

/// Cuts a range that leaves the file, and says so.
Range cut(File& file, std::uint64_t offset, std::uint64_t size, std::string_view what) {
  if (base::fits(offset, size, file.size)) return {offset, size};
  odd(file, "the {} leaves the file", what);
  if (offset >= file.size) return {};
  return {offset, file.size - offset};
}

Result<Header> read_header(Bytes bytes, File& file) {
  if (!base::starts_with(bytes, "\x7f" "ELF")) return base::fail(Trouble::malformed, "no ELF magic");
  base::Cursor in(bytes);
  in.skip(4);
  const auto width = in.u8(), order = in.u8();
  in.skip(1);
  file.os_abi = in.u8();
  in.skip(8);
  if (width != 1 && width != 2) odd(file, "the ELF class is {}", width);
  if (order != 1 && order != 2) odd(file, "the ELF byte order is {}", order);
  file.wide = width == 2;
  file.endian = order == 2 ? std::endian::big : std::endian::little;
  in.set_endian(file.endian);
  Header h;
  file.type = in.u16();
  file.machine = in.u16();
  in.skip(4);
  file.entry = in.word(file.wide);
  h.segments_at = in.word(file.wide);
  h.sections_at = in.word(file.wide);
  file.flags = in.u32();
  h.size = in.u16();
  h.segment_size = in.u16();
  h.segment_count = in.u16();
  h.section_size = in.u16();
  h.section_count = in.u16();
  h.names = in.u16();
  CHECK_OK(in.status("the ELF header"));
  note_part(file, {0, in.position()}, "ELF header");
  file.extent = in.position();
  return h;
}

Segment read_segment(base::Cursor& in, bool wide) {
  Segment s;
  s.type = in.u32();
  if (wide) s.flags = in.u32();
  s.offset = in.word(wide);
  s.address = in.word(wide);
  in.skip(wide ? 8 : 4);
  s.file_size = in.word(wide);
  s.memory_size = in.word(wide);
  if (!wide) s.flags = in.u32();
  s.alignment = in.word(wide);
  return s;
}

Section read_section(base::Cursor& in, bool wide, std::uint32_t& name) {
  Section s;
  name = in.u32();
  s.type = in.u32();
  s.flags = in.word(wide);
  s.address = in.word(wide);
  s.offset = in.word(wide);
  s.size = in.word(wide);
  s.link = in.u32();
  s.info = in.u32();
  s.alignment = in.word(wide);
  s.entry_size = in.word(wide);
  return s;
}

void read_segments(Bytes bytes, const Header& h, File& file) {
  if (!h.segment_count || !h.segments_at) return;
  const std::uint64_t each = file.wide ? 56 : 32;
  if (h.segment_size != each) odd(file, "program headers of {} bytes each", h.segment_size);
  const auto table = cut(file, h.segments_at, h.segment_count * each, "program header table");
  base::Cursor in(base::slice(bytes, table.offset, table.size), file.endian);
  while (in.left() >= each) {
    auto s = read_segment(in, file.wide);
    if (s.type == pt_load || s.file_size) s.range = cut(file, s.offset, s.file_size, fmt::format("segment {}", file.segments.size()));
    file.segments.push_back(s);
  }
  note_part(file, table, "program headers");
  file.extent = std::max(file.extent, table.end());
}

void read_sections(Bytes bytes, Header h, File& file) {
  const std::uint64_t each = file.wide ? 64 : 40;
  if (!h.sections_at) {
    if (h.section_count) odd(file, "{} section headers without a place", h.section_count);
    return;
  }
  if (h.section_size != each) {
    odd(file, "section headers of {} bytes each", h.section_size);
    if (h.section_size == 0) return;
  }
  std::uint32_t name = 0;
  base::Cursor zero(base::slice(bytes, h.sections_at), file.endian);
  const auto first = read_section(zero, file.wide, name);
  if (!zero.ok()) return odd(file, "the section header table leaves the file");
  if (h.section_count == 0) h.section_count = first.size;  // more than 65279: counts stand in section 0
  if (h.names == 0xffff) h.names = first.link;
  if (h.section_count > most_sections) {
    odd(file, "{} section headers", h.section_count);
    h.section_count = most_sections;
  }
  const auto table = cut(file, h.sections_at, h.section_count * each, "section header table");
  base::Cursor in(base::slice(bytes, table.offset, table.size), file.endian);
  std::vector<std::uint32_t> names;
  while (in.left() >= each) {
    auto s = read_section(in, file.wide, names.emplace_back());
    if (s.type != sht_nobits && s.type != 0) s.range = cut(file, s.offset, s.size, fmt::format("section {}", file.sections.size()));
    file.sections.push_back(s);
  }
  note_part(file, table, "section headers");
  file.extent = std::max(file.extent, table.end());
  if (h.names < file.sections.size()) {
    const auto texts = file.sections[h.names].range;
    for (std::size_t i = 0; i < file.sections.size(); ++i) file.sections[i].name = text_at(base::slice(bytes, texts.offset, texts.size), names[i]);
    note_part(file, texts, "section names");
  } else if (h.section_count) {
    odd(file, "the section names are section {} of {}", h.names, file.sections.size());
  }
}

struct Machine {
  std::uint16_t number;
  std::string_view name;
};
constexpr auto machines = std::to_array<Machine>({
    {2, "SPARC"}, {3, "i386"}, {4, "m68k"}, {8, "MIPS"}, {15, "PA-RISC"}, {18, "SPARC32+"}, {20, "PowerPC"}, {21, "PowerPC64"}, {22, "S/390"},
    {40, "ARM"}, {42, "SuperH"}, {43, "SPARC V9"}, {50, "IA-64"}, {62, "x86-64"}, {83, "AVR"}, {94, "Xtensa"}, {105, "MSP430"}, {183, "AArch64"},
    {189, "MicroBlaze"}, {195, "ARCompact"}, {224, "AMDGPU"}, {243, "RISC-V"}, {247, "BPF"}, {258, "LoongArch"}, {36902, "Alpha"},
});

}  // namespace

Bytes mapped(Bytes bytes, const File& file, std::uint64_t address, std::uint64_t size) {
  for (const auto& s : file.segments)
    if (s.type == pt_load && address >= s.address && address - s.address < s.range.size)
      return base::slice(bytes, s.range.offset + (address - s.address), std::min(size, s.range.size - (address - s.address)));
  return {};
}

std::string File::machine_name() const {
  for (const auto& m : machines)
    if (m.number == machine) return std::string(m.name);
  return fmt::format("machine {}", machine);
}

std::string_view File::type_name() const {
  switch (type) {
    case 1: return "object file";
    case 2: return "executable";
    case 3: return interpreter.empty() && !(dynamic_flags_1 & 0x08000000) ? "shared object" : "position-independent executable";
    case 4: return "core dump";
    default: return "file of an unknown type";
  }
}

std::optional<std::uint64_t> File::offset_of(std::uint64_t address) const {
  for (const auto& s : segments)
    if (s.type == pt_load && address >= s.address && address - s.address < s.range.size) return s.range.offset + (address - s.address);
  return std::nullopt;
}

std::optional<std::uint64_t> File::address_of(std::uint64_t offset) const {
  for (const auto& s : segments)
    if (s.type == pt_load && offset >= s.range.offset && offset - s.range.offset < s.range.size) return s.address + (offset - s.range.offset);
  return std::nullopt;
}

std::optional<std::uint64_t> File::dynamic_value(std::uint64_t tag) const {
  for (const auto& d : dynamic)
    if (d.tag == tag) return d.value;
  return std::nullopt;
}

const Section* File::section_named(std::string_view name) const {
  for (const auto& s : sections)
    if (s.name == name) return &s;
  return nullptr;
}

const Symbol* File::symbol_at(std::uint64_t address) const {
  const Symbol* inside = nullptr;
  for (const auto* table : {&symbols, &dynamic_symbols})
    for (const auto& s : *table) {
      if (!s.function() || s.section == 0 || s.name.empty()) continue;
      if (s.value == address) return &s;
      if (!inside && address > s.value && address - s.value < s.size) inside = &s;
    }
  return inside;
}

Result<File> read(Bytes bytes) {
  File file;
  file.size = bytes.size();
  const auto header = TRY(read_header(bytes, file));
  read_segments(bytes, header, file);
  read_sections(bytes, header, file);
  for (const auto& s : file.segments) file.extent = std::max(file.extent, s.range.end());
  for (const auto& s : file.sections) file.extent = std::max(file.extent, s.range.end());
  for (const auto& s : file.segments)
    if (s.type == pt_interp) {
      file.interpreter = text_at(base::slice(bytes, s.range.offset, s.range.size), 0);
      note_part(file, s.range, "interpreter");
    }
  read_dynamic(bytes, file);
  read_relocations(bytes, file);
  read_symbols(bytes, file);  // after relocations, which imply how many there are
  read_notes(bytes, file);
  read_build_facts(bytes, file);
  return file;
}

}  // namespace parse::elf
