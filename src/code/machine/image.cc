#include "code/machine/image.h"

#include <algorithm>

#include "base/cursor.h"

namespace code::machine {

const Region* Image::region_at(std::uint64_t address) const {
  for (const auto& r : regions)
    if (address >= r.address && address - r.address < r.bytes.size()) return &r;
  return nullptr;
}

std::optional<std::uint64_t> Image::word_at(std::uint64_t address) const {
  if (slots.contains(address)) return std::nullopt;
  if (const auto p = pointers.find(address); p != pointers.end()) return p->second;
  const auto* r = region_at(address);
  if (!r) return std::nullopt;
  base::Cursor in(base::slice(r->bytes, address - r->address), endian);
  const auto value = in.word(wide);
  if (!in.ok()) return std::nullopt;
  return value;
}

std::optional<std::string> Image::text_at(std::uint64_t address) const {
  const auto* r = region_at(address);
  if (!r) return std::nullopt;
  const auto bytes = base::slice(r->bytes, address - r->address, 402);
  const auto printable = [](std::uint8_t b) { return (b >= 0x20 && b < 0x7f) || b == '\n' || b == '\t' || b == '\r'; };
  const std::size_t step = bytes.size() > 3 && printable(bytes[0]) && bytes[1] == 0 && printable(bytes[2]) && bytes[3] == 0 ? 2 : 1;
  std::string out;
  for (std::size_t i = 0; i + step <= bytes.size() && out.size() <= 200; i += step) {
    if (bytes[i] == 0) return out.empty() ? std::nullopt : std::optional(out);
    if (!printable(bytes[i]) || (step == 2 && bytes[i + 1])) return std::nullopt;
    out += static_cast<char>(bytes[i]);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> Image::offset_of(std::uint64_t address) const {
  const auto* r = region_at(address);
  if (!r) return std::nullopt;
  return r->offset + (address - r->address);
}

namespace {

std::string plain_name(std::string_view name) {
  if (name.starts_with("__imp_")) name.remove_prefix(6);
  if (name.starts_with("__isoc99_") || name.starts_with("__isoc23_")) name.remove_prefix(9);
  if (name.starts_with("__") && name.ends_with("_chk")) {
    name.remove_prefix(2);
    name.remove_suffix(4);
  }
  if (const auto mark = name.find_first_of("$@"); mark != std::string_view::npos && mark) name = name.substr(0, mark);
  return std::string(name);
}

std::optional<Cpu> cpu_of(std::uint16_t machine) {
  switch (machine) {
    case 3: return Cpu::x86;
    case 62: return Cpu::x86_64;
    case 40: return Cpu::arm;
    case 183: return Cpu::arm64;
    case 8: return Cpu::mips;
    case 20: return Cpu::ppc;
    case 21: return Cpu::ppc64;
    case 22: return Cpu::s390x;
    default: return std::nullopt;
  }
}

void add_elf_symbols(const parse::elf::File& file, Image& out) {
  for (const auto* table : {&file.dynamic_symbols, &file.symbols})
    for (const auto& s : *table) {
      if (s.name.empty() || !s.value || !(s.function() || s.section == 0)) continue;
      auto address = s.value;
      if (out.cpu == Cpu::arm && (address & 1)) out.thumb.insert(--address);
      if (out.cpu == Cpu::ppc64 && !out.elf_v2 && s.section)  // the symbol is a descriptor
        if (const auto code = out.word_at(address)) address = *code;
      out.functions.try_emplace(address, plain_name(s.name));
      if (s.section == 0) continue;
      out.starts.insert(address);
      out.own.try_emplace(plain_name(s.name), address);
    }
}

void add_elf_relocations(const parse::elf::File& file, Image& out) {
  for (const auto& r : file.relocations) {
    const auto& table = r.dynamic ? file.dynamic_symbols : file.symbols;
    if (r.symbol == 0) {
      if (r.addend > 0) out.pointers.try_emplace(r.address, static_cast<std::uint64_t>(r.addend));
      continue;
    }
    if (r.symbol >= table.size()) continue;
    const auto& s = table[r.symbol];
    if (s.section == 0) {
      out.slots.try_emplace(r.address, plain_name(s.name));
      if (out.cpu == Cpu::ppc) out.functions.try_emplace(r.address, plain_name(s.name));  // the old PLT is called itself
    } else if (s.value) {
      if (s.function()) out.slots.try_emplace(r.address, plain_name(s.name));
      else out.pointers.try_emplace(r.address, s.value + static_cast<std::uint64_t>(r.addend));
    }
  }
}

/// MIPS has no relocations for its GOT: the symbols from GOTSYM on fill it in order.
void add_mips_got(const parse::elf::File& file, Image& out) {
  const auto got = file.dynamic_value(3), local = file.dynamic_value(0x7000000a), count = file.dynamic_value(0x70000011), first = file.dynamic_value(0x70000013);
  if (!got || !local || !count || !first) return;
  out.global_pointer = *got + 0x7ff0;
  for (std::uint64_t i = *first; i < std::min<std::uint64_t>(*count, file.dynamic_symbols.size()); ++i) {
    const auto& s = file.dynamic_symbols[i];
    const auto slot = *got + (*local + i - *first) * out.word();
    if (s.function() || s.section == 0) out.slots.try_emplace(slot, plain_name(s.name));
    else out.pointers.try_emplace(slot, s.value);
  }
}

/// A chained pointer that is no import (top bit clear) holds its target in the low 36 bits, as an
/// address or as an offset from __TEXT. The chains themselves are not walked: a word whose target
/// lies in the program is taken for one.
void add_chained_pointers(const parse::macho::Image& file, Image& out) {
  std::uint64_t text = 0;
  for (const auto& s : file.segments)
    if (s.name == "__TEXT") text = s.address;
  std::map<std::uint64_t, std::uint64_t> found;
  for (const auto& r : out.regions) {
    if (r.code || r.address % 8) continue;
    base::Cursor in(r.bytes, out.endian);
    while (in.left() >= 8 && found.size() < 1'000'000) {
      const auto at = r.address + in.position();
      const auto word = in.u64();
      if (!word || word >> 63 || out.region_at(word)) continue;
      const auto target = word & 0xfffffffffull;
      if (out.region_at(target)) found[at] = target;
      else if (target && out.region_at(text + target)) found[at] = text + target;
    }
  }
  out.pointers.merge(found);
}

}  // namespace

std::optional<Image> image_of(base::Bytes bytes, const parse::elf::File& file) {
  const auto cpu = cpu_of(file.machine);
  if (!cpu || file.relocatable()) return std::nullopt;
  Image out;
  out.cpu = *cpu;
  out.endian = file.endian;
  out.wide = file.wide;
  out.elf_v2 = (file.flags & 3) == 2;
  bool code = false;
  for (const auto& s : file.sections)
    if (s.allocated() && s.range.size) {
      out.regions.push_back({s.address, base::slice(bytes, s.range.offset, s.range.size), s.range.offset, s.executable(), s.writable()});
      code |= s.executable();
    }
  if (!code) {
    out.regions.clear();
    for (const auto& s : file.segments)
      if (s.type == parse::elf::pt_load && s.range.size) out.regions.push_back({s.address, base::slice(bytes, s.range.offset, s.range.size), s.range.offset, s.executable(), s.writable()});
  }
  if (out.cpu == Cpu::mips) add_mips_got(file, out);
  if (out.cpu == Cpu::x86) out.global_pointer = file.dynamic_value(3).value_or(0);
  if (out.cpu == Cpu::ppc64)
    if (const auto* got = file.section_named(".got")) out.global_pointer = got->address + 0x8000;
  add_elf_relocations(file, out);
  add_elf_symbols(file, out);
  auto entry = file.entry;
  if (out.cpu == Cpu::arm && (entry & 1)) out.thumb.insert(--entry);
  if (out.cpu == Cpu::ppc64 && !out.elf_v2) entry = out.word_at(entry).value_or(entry);
  if (entry) out.starts.insert(entry);
  return out;
}

std::optional<Image> image_of(base::Bytes bytes, const parse::pe::Image& file) {
  Image out;
  switch (file.machine) {
    case 0x14c: out.cpu = Cpu::x86; break;
    case 0x8664: out.cpu = Cpu::x86_64; break;
    case 0xaa64: out.cpu = Cpu::arm64; break;
    default: return std::nullopt;
  }
  out.wide = file.wide;
  out.windows = true;
  for (const auto& s : file.sections)
    if (s.range.size) out.regions.push_back({file.base + s.address, base::slice(bytes, s.range.offset, s.range.size), s.range.offset, s.executable(), s.writable()});
  for (const auto& i : file.imports)
    if (!i.name.empty()) out.slots.try_emplace(i.slot, plain_name(i.name));
  for (const auto& e : file.exports) {
    out.starts.insert(file.base + e.address);
    if (!e.name.empty()) out.functions.try_emplace(file.base + e.address, plain_name(e.name));
  }
  if (file.entry) out.starts.insert(file.base + file.entry);
  return out;
}

std::optional<Image> image_of(base::Bytes bytes, const parse::macho::Image& file) {
  Image out;
  switch (file.cpu) {
    case 7: out.cpu = Cpu::x86; break;
    case 0x01000007: out.cpu = Cpu::x86_64; break;
    case 12: out.cpu = Cpu::arm; break;
    case 0x0100000c: out.cpu = Cpu::arm64; break;
    default: return std::nullopt;
  }
  out.wide = file.wide;
  out.endian = file.endian;
  const auto name_of = [&](std::uint64_t index) -> std::string {
    if (index >= file.symbols.size()) return {};
    auto name = file.symbols[index].name;
    if (name.starts_with('_')) name.remove_prefix(1);
    return plain_name(name);
  };
  for (const auto& s : file.sections) {
    if (!s.range.size) continue;
    out.regions.push_back({s.address, base::slice(bytes, s.range.offset, s.range.size), s.range.offset, s.code(), s.segment.starts_with("__DATA") && s.segment != "__DATA_CONST"});
    const bool stubs = s.type() == 8, cells = s.type() == 6 || s.type() == 7;
    const std::uint64_t each = stubs ? s.reserved2 : out.word();
    if ((!stubs && !cells) || !each) continue;
    for (std::uint64_t i = 0; i < s.range.size / each && s.reserved1 + i < file.indirect.size(); ++i) {
      const auto name = name_of(file.indirect[s.reserved1 + i]);
      if (!name.empty()) (stubs ? out.functions : out.slots).try_emplace(s.address + i * each, name);
    }
  }
  for (std::size_t i = 0; i < file.symbols.size(); ++i) {
    const auto& s = file.symbols[i];
    if (s.debug() || (s.type & 0x0e) != 0x0e || !s.section || s.section > file.sections.size() || !file.sections[s.section - 1].code()) continue;
    out.starts.insert(s.value);
    out.functions.try_emplace(s.value, name_of(i));
  }
  if (file.chained && out.wide) add_chained_pointers(file, out);
  if (file.entry)
    for (const auto& s : file.segments)
      if (s.name == "__TEXT") out.starts.insert(s.address + *file.entry);
  return out;
}

std::optional<Image> image_of(base::Bytes bytes, const parse::pe::Object& object) {
  Image out;
  if (object.machine == 0x14c) out.cpu = Cpu::x86;
  else if (object.machine == 0x8664) out.cpu = Cpu::x86_64;
  else return std::nullopt;
  out.wide = out.cpu == Cpu::x86_64;
  out.windows = true;
  // Sections get places of their own; undefined symbols get an address far behind them.
  std::vector<std::uint64_t> at;
  std::uint64_t next = 0x10000;
  for (const auto& s : object.sections) {
    at.push_back(next);
    const auto content = base::slice(bytes, s.range.offset, s.range.size);
    out.owned.emplace_back(content.begin(), content.end());
    next += (content.size() + 0xffff) & ~0xffffull;
    if (next > 0x40000000) return std::nullopt;
  }
  const auto address_of = [&](std::size_t i) -> std::uint64_t {
    const auto& s = object.symbols[i];
    if (s.section > 0 && static_cast<std::size_t>(s.section) <= at.size()) return at[static_cast<std::size_t>(s.section) - 1] + s.value;
    return 0x50000000 + i * 16;
  };
  const auto plain = [&](std::string_view name) {
    if (name.starts_with("__imp_")) name.remove_prefix(6);
    if (out.cpu == Cpu::x86 && name.starts_with('_')) name.remove_prefix(1);
    return plain_name(name);
  };
  for (std::size_t i = 0; i < object.symbols.size(); ++i) {
    const auto& s = object.symbols[i];
    if (s.name.empty() || s.storage == 0xff) continue;
    if (s.imported()) (s.name.starts_with("__imp_") ? out.slots : out.functions).try_emplace(address_of(i), plain(s.name));
    else if (s.function() && s.section > 0) {
      out.functions.try_emplace(address_of(i), plain(s.name));
      out.starts.insert(address_of(i));
    }
  }
  for (const auto& r : object.relocations) {
    if (r.symbol >= object.symbols.size() || r.section >= out.owned.size()) continue;
    auto& content = out.owned[r.section];
    const bool relative = out.wide ? r.type >= 4 && r.type <= 9 : r.type == 0x14;
    const bool whole = out.wide && r.type == 1;
    const unsigned size = whole ? 8 : 4;
    if (r.offset > content.size() || content.size() - r.offset < size) continue;
    std::uint64_t value = 0;
    for (unsigned k = 0; k < size; ++k) value |= std::uint64_t{content[r.offset + k]} << (8 * k);
    value += address_of(r.symbol);
    if (relative) value -= at[r.section] + r.offset + 4 + (out.wide ? r.type - 4 : 0);
    for (unsigned k = 0; k < size; ++k) content[r.offset + k] = static_cast<std::uint8_t>(value >> (8 * k));
  }
  for (std::size_t i = 0; i < object.sections.size(); ++i)
    if (!object.sections[i].name.starts_with(".debug"))
      out.regions.push_back({at[i], out.owned[i], object.sections[i].range.offset, object.sections[i].executable(), (object.sections[i].flags & 0x80000000) != 0});
  return out;
}

}  // namespace code::machine
