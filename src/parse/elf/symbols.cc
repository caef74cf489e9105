// Symbol tables with GNU versions, and relocations.
#include <algorithm>

#include "base/checked.h"
#include "parse/elf/tables.h"

namespace parse::elf {

using base::Bytes;

namespace {

/// Symbols that the hash tables reach; 0 where there is none. A GNU hash table leaves imports out.
std::uint64_t hashed_count(Bytes bytes, const File& file) {
  if (const auto hash = file.dynamic_value(4)) {
    base::Cursor in(mapped(bytes, file, *hash, 16), file.endian);
    const bool wide = file.wide && (file.machine == 36902 || file.machine == 22);  // Alpha and 64-bit S/390 use 8-byte words
    (void)in.word(wide);
    if (const auto n = in.word(wide); in.ok()) return n;
  }
  const auto hash = file.dynamic_value(0x6ffffef5);
  if (!hash) return 0;
  base::Cursor in(mapped(bytes, file, *hash), file.endian);
  const auto buckets = in.u32(), first = in.u32(), bloom = in.u32();
  in.skip(4);
  in.skip(std::uint64_t{bloom} * (file.wide ? 8 : 4));
  std::uint32_t last = 0;
  for (std::uint32_t i = 0; i < buckets && in.ok(); ++i) last = std::max(last, in.u32());
  if (!in.ok() || last < first) return in.ok() ? first : 0;
  in.skip((std::uint64_t{last} - first) * 4);
  for (std::uint64_t count = last; in.ok() && count < most_symbols;) {
    ++count;
    if (in.u32() & 1) return count;
  }
  return 0;
}

/// How many dynamic symbols there are. The loader never needs to know: it follows hash tables and
/// relocations, so these are what counts; the section header adds those that nothing refers to.
std::uint64_t dynamic_count(Bytes bytes, const File& file, std::uint64_t table, std::uint64_t each) {
  auto count = hashed_count(bytes, file);
  for (const auto& r : file.relocations)
    if (r.dynamic && r.symbol) count = std::max<std::uint64_t>(count, std::uint64_t{r.symbol} + 1);
  for (const auto& s : file.sections)
    if (s.type == sht_dynsym && s.address == table) return std::max(count, s.range.size / each);
  const auto texts = file.dynamic_value(5);
  if (texts && *texts > table && file.offset_of(*texts)) count = std::max(count, (*texts - table) / each);  // linkers put the names behind the symbols
  return count;
}

void read_table(Bytes table, Bytes texts, const File& file, std::vector<Symbol>& out) {
  base::Cursor in(table, file.endian);
  const std::uint64_t each = file.wide ? 24 : 16;
  out.reserve(std::min<std::uint64_t>(in.left() / each, most_symbols));
  while (in.left() >= each && out.size() < most_symbols) {
    Symbol s;
    const auto name = in.u32();
    std::uint8_t kind = 0, other = 0;
    if (file.wide) {
      kind = in.u8();
      other = in.u8();
      s.section = in.u16();
      s.value = in.u64();
      s.size = in.u64();
    } else {
      s.value = in.u32();
      s.size = in.u32();
      kind = in.u8();
      other = in.u8();
      s.section = in.u16();
    }
    s.type = kind & 15;
    s.bind = kind >> 4;
    s.visibility = other & 3;
    if (name) s.name = text_at(texts, name);
    out.push_back(s);
  }
}

struct Version {
  std::uint16_t number;
  std::string_view name, library;
};

std::vector<Version> read_needed_versions(Bytes table, Bytes texts, const File& file) {
  std::vector<Version> out;
  base::Cursor in(table, file.endian);
  std::uint64_t at = 0;
  for (int guard = 0; guard < 10000; ++guard) {
    in.seek(at);
    in.skip(2);
    const auto count = in.u16();
    const auto library = text_at(texts, in.u32());
    const auto first = in.u32(), next = in.u32();
    if (!in.ok()) break;
    std::uint64_t aux = at + first;
    for (int i = 0; i < count && out.size() < 10000; ++i) {
      in.seek(aux);
      in.skip(6);
      const auto number = in.u16();
      const auto name = in.u32(), step = in.u32();
      if (!in.ok()) return out;
      out.push_back({static_cast<std::uint16_t>(number & 0x7fff), text_at(texts, name), library});
      if (!step) break;
      aux += step;
    }
    if (!next) break;
    at += next;
  }
  return out;
}

std::vector<Version> read_defined_versions(Bytes table, Bytes texts, const File& file) {
  std::vector<Version> out;
  base::Cursor in(table, file.endian);
  std::uint64_t at = 0;
  for (int guard = 0; guard < 10000; ++guard) {
    in.seek(at);
    in.skip(4);
    const auto number = in.u16();
    in.skip(6);
    const auto first = in.u32(), next = in.u32();
    if (!in.ok()) break;
    in.seek(at + first);
    const auto name = in.u32();
    if (!in.ok()) break;
    out.push_back({static_cast<std::uint16_t>(number & 0x7fff), text_at(texts, name), {}});
    if (!next) break;
    at += next;
  }
  return out;
}

void add_versions(Bytes bytes, Bytes texts, File& file) {
  const auto numbers_at = file.dynamic_value(0x6ffffff0);
  if (!numbers_at) return;
  std::vector<Version> versions;
  if (const auto at = file.dynamic_value(0x6ffffffe)) versions = read_needed_versions(mapped(bytes, file, *at), texts, file);
  if (const auto at = file.dynamic_value(0x6ffffffc))
    for (const auto& v : read_defined_versions(mapped(bytes, file, *at), texts, file)) versions.push_back(v);
  base::Cursor in(mapped(bytes, file, *numbers_at, file.dynamic_symbols.size() * 2), file.endian);
  std::vector<const Version*> by_number(0x8000, nullptr);
  for (const auto& v : versions)
    if (!by_number[v.number]) by_number[v.number] = &v;
  for (auto& s : file.dynamic_symbols) {
    const auto number = in.u16() & 0x7fff;
    if (!in.ok()) break;
    if (number < 2 || !by_number[number]) continue;
    s.version = by_number[number]->name;
    if (s.section == 0) s.library = by_number[number]->library;
  }
}

void read_dynamic_symbols(Bytes bytes, File& file) {
  const std::uint64_t each = file.wide ? 24 : 16;
  const auto table = file.dynamic_value(6), texts_at = file.dynamic_value(5);
  if (!table || !texts_at || file.segments.empty()) {
    for (const auto& s : file.sections)
      if (s.type == sht_dynsym && s.link < file.sections.size()) {
        const auto names = file.sections[s.link].range;
        read_table(base::slice(bytes, s.range.offset, s.range.size), base::slice(bytes, names.offset, names.size), file, file.dynamic_symbols);
        note_part(file, s.range, "dynamic symbols");
        return;
      }
    return;
  }
  const auto texts = mapped(bytes, file, *texts_at, file.dynamic_value(10).value_or(UINT64_MAX));
  const auto count = std::min<std::uint64_t>(dynamic_count(bytes, file, *table, each), most_symbols);
  const auto data = mapped(bytes, file, *table, count * each);
  if (data.empty() && count) return odd(file, "the dynamic symbols lie outside the segments");
  read_table(data, texts, file, file.dynamic_symbols);
  if (!data.empty()) note_part(file, {static_cast<std::uint64_t>(data.data() - bytes.data()), data.size()}, "dynamic symbols");
  add_versions(bytes, texts, file);
  for (const auto& s : file.sections)
    if (s.type == sht_dynsym && s.address != *table) odd(file, "the section headers show another dynamic symbol table than the loader uses");
}

void read_relocation_table(Bytes table, bool addends, bool dynamic, std::uint32_t section, File& file) {
  base::Cursor in(table, file.endian);
  const std::uint64_t each = (file.wide ? 16 : 8) + (addends ? (file.wide ? 8 : 4) : 0);
  while (in.left() >= each && file.relocations.size() < most_relocations) {
    Relocation r;
    r.address = in.word(file.wide);
    const auto info = in.word(file.wide);
    if (addends) r.addend = file.wide ? static_cast<std::int64_t>(in.u64()) : static_cast<std::int32_t>(in.u32());
    r.type = static_cast<std::uint32_t>(file.wide ? info & 0xffffffff : info & 0xff);
    r.symbol = static_cast<std::uint32_t>(file.wide ? info >> 32 : info >> 8);
    r.section = section;
    r.dynamic = dynamic;
    file.relocations.push_back(r);
  }
}

}  // namespace

void read_symbols(Bytes bytes, File& file) {
  read_dynamic_symbols(bytes, file);
  for (const auto& s : file.sections) {
    const bool tables = s.type == sht_hash || s.type == sht_gnu_hash || s.type == sht_verdef || s.type == sht_verneed || s.type == sht_versym;
    if (tables) note_part(file, s.range, "symbol hashes and versions");
    if (s.type != sht_symtab) continue;
    if (s.link >= file.sections.size()) {
      odd(file, "a symbol table names section {} as its names", s.link);
      continue;
    }
    const auto names = file.sections[s.link].range;
    read_table(base::slice(bytes, s.range.offset, s.range.size), base::slice(bytes, names.offset, names.size), file, file.symbols);
    note_part(file, s.range, "symbols");
    note_part(file, names, "symbol names");
  }
}

void read_relocations(Bytes bytes, File& file) {
  const auto from_loader = [&](std::uint64_t at_tag, std::uint64_t size_tag, bool addends) {
    const auto at = file.dynamic_value(at_tag), size = file.dynamic_value(size_tag);
    if (!at || !size || !*size) return;
    const auto data = mapped(bytes, file, *at, *size);
    if (data.size() != *size) odd(file, "a relocation table leaves its segment");
    read_relocation_table(data, addends, true, 0, file);
    if (!data.empty()) note_part(file, {static_cast<std::uint64_t>(data.data() - bytes.data()), data.size()}, "relocations");
  };
  from_loader(7, 8, true);
  from_loader(17, 18, false);
  from_loader(23, 2, file.dynamic_value(20).value_or(7) == 7);
  const bool by_sections = file.dynamic.empty();  // object files and static executables
  for (const auto& s : file.sections) {
    if (s.type != sht_rela && s.type != sht_rel) continue;
    if (!by_sections) continue;
    const bool dynamic = s.link < file.sections.size() && file.sections[s.link].type == sht_dynsym;
    read_relocation_table(base::slice(bytes, s.range.offset, s.range.size), s.type == sht_rela, dynamic, s.info, file);
    note_part(file, s.range, "relocations");
  }
  const auto from_addends = [&](std::uint64_t at_tag, std::uint64_t size_tag, std::vector<std::uint64_t>& out) {
    const auto at = file.dynamic_value(at_tag), size = file.dynamic_value(size_tag);
    if (!at || !size || !out.empty()) return;  // lld leaves zeros in the file and the pointers in the addends
    for (const auto& r : file.relocations)
      if (r.address >= *at && r.address - *at < *size && r.addend > 0 && out.size() < 10000) out.push_back(static_cast<std::uint64_t>(r.addend));
  };
  from_addends(25, 27, file.init_array);
  from_addends(26, 28, file.fini_array);
}

}  // namespace parse::elf
