// Notes, and what compilers leave about themselves: build id, GNU properties, Go, .comment.
#include <algorithm>

#include "base/checked.h"
#include "parse/elf/tables.h"

namespace parse::elf {

using base::Bytes;

namespace {

void read_note_run(Bytes run, std::uint64_t alignment, File& file) {
  base::Cursor in(run, file.endian);
  while (in.left() >= 12 && file.notes.size() < 10000) {
    const auto name_size = in.u32(), size = in.u32(), type = in.u32();
    auto owner = base::text_of(in.take(name_size));
    in.align(alignment);
    const auto content = in.take(size);
    if (!in.ok()) return odd(file, "a note leaves its segment");
    while (!owner.empty() && owner.back() == '\0') owner.remove_suffix(1);
    file.notes.push_back({owner, type, content});
    if (!in.at_end()) in.align(alignment);
    if (!in.ok()) return;
  }
}

void read_properties(Bytes content, File& file) {
  base::Cursor in(content, file.endian);
  while (in.left() >= 8) {
    const auto type = in.u32(), size = in.u32();
    const auto value = in.take(size);
    if (!in.ok()) return odd(file, "a GNU property leaves its note");
    base::Cursor number(value, file.endian);
    if (type == 0xc0000002 && size == 4) file.x86_features = number.u32();
    if (type == 0xc0000000 && size == 4 && file.machine == 183) file.arm_features = number.u32();
    if (!in.at_end()) in.align(file.wide ? 8 : 4);
  }
}

/// https://go.dev/src/debug/buildinfo/buildinfo.go: 14 bytes of magic, pointer size, flags, then
/// (flag 2) two strings with varint lengths. The older form with pointers is not followed.
void read_go(Bytes bytes, File& file) {
  static constexpr std::string_view magic("\xff Go buildinf:", 14);
  Bytes area;
  if (const auto* s = file.section_named(".go.buildinfo")) area = base::slice(bytes, s->range.offset, s->range.size);
  else
    for (const auto& s : file.segments)
      if (s.type == pt_load && s.writable() && area.empty()) area = base::slice(bytes, s.range.offset, std::min<std::uint64_t>(s.range.size, 1 << 20));
  const auto at = base::text_of(area).find(magic);
  if (at == std::string_view::npos) return;
  base::Cursor in(base::slice(area, at), file.endian);
  in.skip(15);
  const auto flags = in.u8();
  in.skip(16);
  if (!in.ok() || !(flags & 2)) return;
  const auto text = [&]() -> std::string_view {
    std::uint64_t length = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const auto b = in.u8();
      length |= std::uint64_t{b & 0x7fu} << shift;
      if (!(b & 0x80)) break;
    }
    return base::text_of(in.take(length));
  };
  file.go_version = text();
  file.go_module = text();
  if (file.go_module.size() >= 33 && file.go_module[file.go_module.size() - 17] == '\n') file.go_module = file.go_module.substr(16, file.go_module.size() - 32);
  const auto start = static_cast<std::uint64_t>(area.data() - bytes.data()) + at;
  note_part(file, {start, in.position()}, "Go build information");
}

}  // namespace

void read_notes(Bytes bytes, File& file) {
  bool any = false;
  for (const auto& s : file.segments)
    if (s.type == pt_note && s.range.size) {
      any = true;
      read_note_run(base::slice(bytes, s.range.offset, s.range.size), s.alignment == 8 ? 8 : 4, file);
      note_part(file, s.range, "notes");
    }
  if (!any)
    for (const auto& s : file.sections)
      if (s.type == sht_note) {
        read_note_run(base::slice(bytes, s.range.offset, s.range.size), s.alignment == 8 ? 8 : 4, file);
        note_part(file, s.range, "notes");
      }
  for (const auto& n : file.notes) {
    if (n.owner != "GNU") continue;
    if (n.type == 3 && file.build_id.empty()) file.build_id = base::to_hex(base::slice(n.content, 0, 64));
    if (n.type == 5) read_properties(n.content, file);
  }
}

void read_build_facts(Bytes bytes, File& file) {
  read_go(bytes, file);
  if (const auto* s = file.section_named(".comment")) {
    file.comment = base::text_of(base::slice(bytes, s->range.offset, s->range.size));
    note_part(file, s->range, "compiler comment");
  }
}

}  // namespace parse::elf
