#include "parse/macho/macho.h"

#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"

namespace parse::macho {
namespace {

using base::Bytes;
using base::Range;
using base::Result;
using base::Trouble;

template <class... Args>
void odd(Image& image, fmt::format_string<Args...> text, Args&&... args) {
  if (image.anomalies.size() < 100) image.anomalies.push_back(fmt::format(text, std::forward<Args>(args)...));
}

std::string_view fixed_text(Bytes raw) {
  const auto text = base::text_of(raw);
  return text.substr(0, text.find('\0'));
}

Range cut(Image& image, std::uint64_t offset, std::uint64_t size, std::string_view what) {
  if (base::fits(offset, size, image.size)) return {offset, size};
  odd(image, "the {} leaves the file", what);
  if (offset >= image.size) return {};
  return {offset, image.size - offset};
}

void note_part(Image& image, Range range) {
  if (!range.size) return;
  image.parts.push_back(range);
  image.extent = std::max(image.extent, range.end());
}

void read_segment(base::Cursor in, Image& image) {
  Segment s;
  s.name = fixed_text(in.take(16));
  s.address = in.word(image.wide);
  s.memory_size = in.word(image.wide);
  s.offset = in.word(image.wide);
  s.file_size = in.word(image.wide);
  s.most_rights = in.u32();
  s.rights = in.u32();
  const auto count = in.u32();
  in.skip(4);
  s.range = cut(image, s.offset, s.file_size, "segment");
  image.extent = std::max(image.extent, s.range.end());
  image.segments.push_back(s);
  for (std::uint32_t i = 0; i < count && in.left() >= (image.wide ? 80u : 68u) && image.sections.size() < 10000; ++i) {
    Section t;
    t.name = fixed_text(in.take(16));
    t.segment = fixed_text(in.take(16));
    t.address = in.word(image.wide);
    t.size = in.word(image.wide);
    t.offset = in.u32();
    in.skip(4);
    t.relocations_at = in.u32();
    t.relocation_count = in.u32();
    t.flags = in.u32();
    t.reserved1 = in.u32();
    t.reserved2 = in.u32();
    if (image.wide) in.skip(4);
    const auto type = t.type();
    if (type != 1 && type != 12 && type != 18 && t.size) t.range = cut(image, t.offset, t.size, "section");
    image.sections.push_back(t);
  }
}

void read_symbols(Bytes bytes, base::Cursor in, Image& image) {
  const auto at = in.u32(), count = in.u32(), texts_at = in.u32(), texts_size = in.u32();
  const auto texts = cut(image, texts_at, texts_size, "string table");
  const auto table = cut(image, at, std::uint64_t{count} * (image.wide ? 16 : 12), "symbol table");
  note_part(image, texts);
  note_part(image, table);
  const auto names = base::slice(bytes, texts.offset, texts.size);
  base::Cursor s(base::slice(bytes, table.offset, table.size), image.endian);
  while (s.left() >= (image.wide ? 16u : 12u) && image.symbols.size() < most_symbols) {
    Symbol symbol;
    const auto name = s.u32();
    symbol.type = s.u8();
    symbol.section = s.u8();
    symbol.description = s.u16();
    symbol.value = s.word(image.wide);
    base::Cursor text(base::slice(names, name));
    symbol.name = text.c_string(4096);
    image.symbols.push_back(symbol);
  }
}

void read_indirect(Bytes bytes, base::Cursor in, Image& image) {
  in.skip(48);
  const auto at = in.u32(), count = in.u32();
  const auto table = cut(image, at, std::uint64_t{count} * 4, "indirect symbol table");
  note_part(image, table);
  base::Cursor s(base::slice(bytes, table.offset, table.size), image.endian);
  while (s.left() >= 4 && image.indirect.size() < most_symbols) image.indirect.push_back(s.u32());
}

/// The signature is a big-endian super blob; slot 5 holds the entitlements as XML.
void read_signature(Bytes bytes, Image& image) {
  const auto blob = base::slice(bytes, image.signature.offset, image.signature.size);
  base::Cursor in(blob, std::endian::big);
  if (in.u32() != 0xfade0cc0) return;
  in.skip(4);
  const auto count = in.u32();
  for (std::uint32_t i = 0; i < count && i < 64; ++i) {
    const auto slot = in.u32(), at = in.u32();
    if (!in.ok()) return;
    if (slot != 5) continue;
    base::Cursor one(base::slice(blob, at), std::endian::big);
    if (one.u32() != 0xfade7171) continue;
    const auto size = one.u32();
    if (size >= 8) image.entitlements = base::text_of(base::slice(blob, at + std::uint64_t{8}, size - 8));
  }
}

std::string_view text_in(Bytes command, const base::Cursor& at, std::endian endian) {
  base::Cursor in(command, endian);
  in.seek(at.position());
  const auto offset = in.u32();
  base::Cursor text(base::slice(command, offset));
  const auto out = text.c_string(4096);
  return text.ok() ? out : base::text_of(base::slice(command, offset, 4096));  // a path may fill its command to the last byte
}

void read_command(Bytes bytes, std::uint32_t kind, Bytes command, Image& image) {
  base::Cursor in(command, image.endian);
  in.skip(8);
  const auto data_range = [&](std::string_view what) {
    base::Cursor d = in;
    const auto at = d.u32();
    return cut(image, at, d.u32(), what);
  };
  image.chained |= (kind & 0x7fffffff) == 0x34;
  switch (kind & 0x7fffffff) {
    case 0x01: case 0x19: read_segment(in, image); break;
    case 0x02: read_symbols(bytes, in, image); break;
    case 0x0b: read_indirect(bytes, in, image); break;
    case 0x0c: case 0x18: case 0x1f: case 0x20: case 0x23: image.libraries.push_back(text_in(command, in, image.endian)); break;
    case 0x0d: image.identity = text_in(command, in, image.endian); break;
    case 0x0e: image.dylinker = text_in(command, in, image.endian); break;
    case 0x1b: image.uuid = base::to_hex(in.take(16)); break;
    case 0x1c: image.run_paths.push_back(text_in(command, in, image.endian)); break;
    case 0x1d:
      image.signature = data_range("code signature");
      note_part(image, image.signature);
      read_signature(bytes, image);
      break;
    case 0x21: case 0x2c:
      image.encrypted_range = data_range("encrypted range");
      in.skip(8);
      image.encrypted = in.u32() != 0;
      break;
    case 0x22: {  // dyld info: rebase, bind, weak, lazy, export, each as offset and size
      for (int i = 0; i < 5; ++i) {
        note_part(image, data_range("dyld info"));
        in.skip(8);
      }
      break;
    }
    case 0x26: case 0x29: case 0x2b: case 0x2e: case 0x33: case 0x34: note_part(image, data_range("linkedit table")); break;
    case 0x28: image.entry = in.u64(); break;
    default: break;
  }
}

void read_initialisers(Bytes bytes, Image& image) {
  std::uint64_t text = 0;
  for (const auto& s : image.segments)
    if (s.name == "__TEXT") text = s.address;
  for (const auto& s : image.sections) {
    const bool offsets = s.type() == 0x16;
    if (s.type() != 9 && !offsets) continue;
    base::Cursor in(base::slice(bytes, s.range.offset, s.range.size), image.endian);
    while (in.left() >= (image.wide && !offsets ? 8u : 4u) && image.initialisers.size() < 10000)
      image.initialisers.push_back(offsets ? text + in.u32() : in.word(image.wide));
  }
}

}  // namespace

std::string machine_name(std::uint32_t cpu) {
  switch (cpu) {
    case 7: return "i386";
    case 0x01000007: return "x86-64";
    case 12: return "ARM";
    case 0x0100000c: return "AArch64";
    case 0x0200000c: return "AArch64 (32-bit pointers)";
    case 18: return "PowerPC";
    case 0x01000012: return "PowerPC64";
    default: return fmt::format("machine {:#x}", cpu);
  }
}

std::string Image::machine_name() const { return macho::machine_name(cpu); }

std::string_view Image::type_name() const {
  switch (type) {
    case 1: return "object file";
    case 2: return "executable";
    case 4: return "core dump";
    case 6: return "dynamic library";
    case 7: return "dynamic linker";
    case 8: return "bundle";
    case 9: return "library stub";
    case 10: return "debug symbols";
    case 11: return "kernel extension";
    default: return "file of an unknown type";
  }
}

std::optional<std::uint64_t> Image::offset_of(std::uint64_t address) const {
  for (const auto& s : segments)
    if (address >= s.address && address - s.address < s.range.size) return s.range.offset + (address - s.address);
  return std::nullopt;
}

std::string_view Image::library_of(const Symbol& import) const {
  const auto n = import.library();
  return n >= 1 && n <= libraries.size() ? libraries[n - 1] : std::string_view();
}

Result<Image> read(Bytes bytes) {
  Image image;
  image.size = bytes.size();
  base::Cursor in(bytes);
  const auto magic = in.u32();
  switch (magic) {
    case 0xfeedface: break;
    case 0xfeedfacf: image.wide = true; break;
    case 0xcefaedfe: image.endian = std::endian::big; break;
    case 0xcffaedfe: image.endian = std::endian::big; image.wide = true; break;
    default: return base::fail(Trouble::malformed, "no Mach-O magic");
  }
  in.set_endian(image.endian);
  image.cpu = in.u32();
  image.cpu_sub = in.u32();
  image.type = in.u32();
  const auto count = in.u32(), size = in.u32();
  image.flags = in.u32();
  if (image.wide) in.skip(4);
  const auto start = in.position();
  const auto commands = in.take(size);
  CHECK_OK(in.status("the Mach-O load commands"));
  note_part(image, {0, start + size});
  base::Cursor at(commands, image.endian);
  for (std::uint32_t i = 0; i < count && i < 10000; ++i) {
    const auto before = at.position();
    const auto kind = at.u32(), length = at.u32();
    if (!at.ok() || length < 8) {
      odd(image, "load command {} can't be read", i);
      break;
    }
    at.seek(before);
    const auto command = at.take(length);
    if (!at.ok()) {
      odd(image, "load command {} leaves the commands", i);
      break;
    }
    read_command(bytes, kind, command, image);
  }
  for (const auto& s : image.sections) image.extent = std::max(image.extent, s.range.end());
  for (const auto& s : image.sections)
    if (image.type == 1 && s.relocation_count) note_part(image, cut(image, s.relocations_at, std::uint64_t{s.relocation_count} * 8, "relocations"));
  read_initialisers(bytes, image);
  return image;
}

Result<Fat> read_fat(Bytes bytes) {
  base::Cursor in(bytes, std::endian::big);
  const auto magic = in.u32(), count = in.u32();
  CHECK_OK(in.status("the fat header"));
  const bool wide = magic == 0xcafebabf;
  if (magic != 0xcafebabe && !wide) return base::fail(Trouble::malformed, "no fat Mach-O magic");
  if (count == 0 || count > 64) return base::fail(Trouble::malformed, "a fat header of {} slices", count);
  Fat out;
  for (std::uint32_t i = 0; i < count; ++i) {
    Slice s;
    s.cpu = in.u32();
    s.cpu_sub = in.u32();
    const auto offset = in.word(wide), size = in.word(wide);
    in.skip(wide ? 8 : 4);
    CHECK_OK(in.status("the fat header"));
    if (!base::fits(offset, size, bytes.size())) out.anomalies.push_back(fmt::format("slice {} leaves the file", i));
    s.range = {std::min<std::uint64_t>(offset, bytes.size()), base::slice(bytes, offset, size).size()};
    out.slices.push_back(s);
  }
  out.header = {0, in.position()};
  return out;
}

}  // namespace parse::macho
