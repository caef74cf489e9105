// The dynamic section as the loader sees it: PT_DYNAMIC and addresses, not section headers.
#include <algorithm>

#include "parse/elf/tables.h"

namespace parse::elf {

using base::Bytes;

namespace {

base::Range dynamic_range(const File& file) {
  for (const auto& s : file.segments)
    if (s.type == pt_dynamic) return s.range;
  for (const auto& s : file.sections)
    if (s.type == sht_dynamic) return s.range;
  return {};
}

void read_pointers(Bytes bytes, File& file, std::uint64_t at_tag, std::uint64_t size_tag, std::string_view section, std::vector<std::uint64_t>& out) {
  base::Range range;
  const auto at = file.dynamic_value(at_tag), size = file.dynamic_value(size_tag);
  if (at && size) {
    const auto offset = file.offset_of(*at);
    if (!offset) return odd(file, "the {} lies outside the segments", section);
    range = {*offset, base::slice(bytes, *offset, *size).size()};
  } else if (const auto* s = file.section_named(section)) {
    range = s->range;
  }
  base::Cursor in(base::slice(bytes, range.offset, range.size), file.endian);
  const std::uint64_t each = file.wide ? 8 : 4;
  while (in.left() >= each && out.size() < 10000) {
    const auto value = in.word(file.wide);
    if (value && value != UINT64_MAX && value != UINT32_MAX) out.push_back(value);
  }
}

}  // namespace

void read_dynamic(Bytes bytes, File& file) {
  const auto range = dynamic_range(file);
  base::Cursor in(base::slice(bytes, range.offset, range.size), file.endian);
  const std::uint64_t each = file.wide ? 16 : 8;
  while (in.left() >= each && file.dynamic.size() < most_dynamic) {
    const auto tag = in.word(file.wide), value = in.word(file.wide);
    if (tag == 0) break;
    file.dynamic.push_back({tag, value});
  }
  note_part(file, range, "dynamic section");
  const auto texts_at = file.dynamic_value(5), texts_size = file.dynamic_value(10);
  Bytes texts;
  if (texts_at) texts = mapped(bytes, file, *texts_at, texts_size.value_or(UINT64_MAX));
  if (texts_at && texts.empty()) odd(file, "the dynamic string table lies outside the segments");
  if (texts.data()) note_part(file, {static_cast<std::uint64_t>(texts.data() - bytes.data()), texts.size()}, "dynamic names");
  for (const auto& d : file.dynamic) {
    switch (d.tag) {
      case 1: file.needed.push_back(text_at(texts, d.value)); break;
      case 14: file.soname = text_at(texts, d.value); break;
      case 15: file.rpath = text_at(texts, d.value); break;
      case 29: file.runpath = text_at(texts, d.value); break;
      case 30: file.dynamic_flags = d.value; break;
      case 0x6ffffffb: file.dynamic_flags_1 = d.value; break;
      default: break;
    }
  }
  read_pointers(bytes, file, 25, 27, ".init_array", file.init_array);
  read_pointers(bytes, file, 26, 28, ".fini_array", file.fini_array);
  if (!file.dynamic_value(25) && file.init_array.empty()) {
    std::vector<std::uint64_t> old;  // before init_array: .ctors, where -1 and 0 are marks
    read_pointers(bytes, file, UINT64_MAX, UINT64_MAX, ".ctors", old);
    file.init_array = std::move(old);
  }
}

}  // namespace parse::elf
