// Imports, exports, debug entries, TLS callbacks, load configuration, .NET header.
#include "parse/pe/directories.h"

#include <algorithm>
#include <cctype>

namespace parse::pe {

using base::Bytes;

namespace {

/// Thunks of one library: `names` tells what to import, `slots` where the loader writes it.
void read_thunks(Bytes bytes, std::string_view library, std::uint64_t names, std::uint64_t slots, bool delayed, Image& image) {
  const auto table = at_rva(bytes, image, names);
  base::Cursor in(table);
  const std::uint64_t each = image.wide ? 8 : 4;
  const std::uint64_t by_ordinal = image.wide ? 1ull << 63 : 1ull << 31;
  for (std::uint64_t i = 0; in.left() >= each && image.imports.size() < most_imports; ++i) {
    const auto thunk = in.word(image.wide);
    if (!thunk) break;
    Import import;
    import.library = library;
    import.delayed = delayed;
    import.slot = image.base + slots + i * each;
    if (thunk & by_ordinal) import.ordinal = static_cast<std::uint16_t>(thunk);
    else {
      const auto address = static_cast<std::uint32_t>(thunk & 0x7fffffff);
      import.name = text_at(bytes, image, std::uint64_t{address} + 2);
      if (const auto offset = image.offset_of(address)) note_part(image, {*offset, std::min<std::uint64_t>(import.name.size() + 3, image.size - *offset)}, "imports");
    }
    image.imports.push_back(import);
  }
  if (!table.empty()) note_part(image, bytes, table.first(in.position()), "imports");
}

}  // namespace

std::string Import::qualified() const {
  std::string out;
  for (const char c : library) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string_view end : {".dll", ".drv", ".ocx", ".exe", ".sys"})
    if (out.ends_with(end)) {
      out.erase(out.size() - end.size());
      break;
    }
  return out + "." + (name.empty() ? fmt::format("#{}", ordinal) : std::string(name));
}

void read_imports(Bytes bytes, Directory at, Image& image) {
  if (!at.address) return;
  const auto table = at_rva(bytes, image, at.address);
  if (table.empty()) return odd(image, "the import directory lies outside the sections");
  base::Cursor in(table);
  for (int i = 0; i < 4096 && in.left() >= 20; ++i) {
    const auto names = in.u32();
    in.skip(8);
    const auto library = in.u32(), slots = in.u32();
    if (!library && !slots) break;
    const auto text = text_at(bytes, image, library);
    if (const auto offset = image.offset_of(library)) note_part(image, {*offset, std::min<std::uint64_t>(text.size() + 1, image.size - *offset)}, "imports");
    read_thunks(bytes, text, names ? names : slots, slots, false, image);
  }
  note_part(image, bytes, table.first(in.position()), "imports");
}

void read_delayed_imports(Bytes bytes, Directory at, Image& image) {
  if (!at.address) return;
  const auto table = at_rva(bytes, image, at.address);
  base::Cursor in(table);
  for (int i = 0; i < 4096 && in.left() >= 32; ++i) {
    const auto attributes = in.u32(), library = in.u32();
    in.skip(4);
    const auto slots = in.u32(), names = in.u32();
    in.skip(12);
    if (!library) break;
    const auto base = attributes & 1 ? 0 : image.base;  // old linkers wrote addresses
    if (library < base || names < base || slots < base) continue;
    read_thunks(bytes, text_at(bytes, image, library - base), names - base, slots - base, true, image);
  }
  if (!table.empty()) note_part(image, bytes, table.first(in.position()), "delayed imports");
}

void read_exports(Bytes bytes, Directory at, Image& image) {
  if (!at.address) return;
  const auto table = at_rva(bytes, image, at.address, 40);
  base::Cursor in(table);
  in.skip(12);
  const auto name = in.u32(), first = in.u32(), functions = in.u32(), names = in.u32();
  const auto functions_at = in.u32(), names_at = in.u32(), ordinals_at = in.u32();
  if (!in.ok()) return odd(image, "the export directory lies outside the sections");
  image.export_name = text_at(bytes, image, name);
  const auto addresses = at_rva(bytes, image, functions_at, std::uint64_t{functions} * 4);
  base::Cursor address(addresses);
  for (std::uint32_t i = 0; i < functions && address.left() >= 4 && image.exports.size() < most_exports; ++i) {
    Export e;
    e.address = address.u32();
    e.ordinal = first + i;
    if (e.address >= at.address && e.address - at.address < at.size) e.forward = text_at(bytes, image, e.address);
    image.exports.push_back(e);
  }
  const auto name_table = at_rva(bytes, image, names_at, std::uint64_t{names} * 4), ordinal_table = at_rva(bytes, image, ordinals_at, std::uint64_t{names} * 2);
  base::Cursor name_in(name_table), ordinal_in(ordinal_table);
  while (name_in.left() >= 4 && ordinal_in.left() >= 2) {
    const auto text = text_at(bytes, image, name_in.u32());
    const auto index = ordinal_in.u16();
    if (index < image.exports.size()) image.exports[index].name = text;
  }
  std::erase_if(image.exports, [](const Export& e) { return !e.address && e.name.empty(); });
  note_part(image, bytes, at_rva(bytes, image, at.address, at.size), "exports");
}

void read_debug(Bytes bytes, Directory at, Image& image) {
  base::Cursor in(at_rva(bytes, image, at.address, at.address ? at.size : 0));
  while (in.left() >= 28 && image.debug.size() < 64) {
    in.skip(12);
    Debug entry;
    entry.type = in.u32();
    const auto size = in.u32();
    in.skip(4);
    const auto offset = in.u32();
    const auto content = base::slice(bytes, offset, size);
    if (entry.type == 2 && base::starts_with(content, "RSDS")) {
      base::Cursor text(content);
      text.skip(24);
      entry.pdb = text.c_string(4096);
    }
    if (!content.empty()) note_part(image, {offset, content.size()}, "debug entry");
    image.debug.push_back(entry);
  }
}

void read_tls(Bytes bytes, Directory at, Image& image) {
  if (!at.address) return;
  base::Cursor in(at_rva(bytes, image, at.address));
  in.skip(image.wide ? 24 : 12);
  const auto callbacks = in.word(image.wide);
  if (!in.ok() || callbacks < image.base) return;
  base::Cursor list(at_rva(bytes, image, callbacks - image.base));
  while (list.left() >= (image.wide ? 8u : 4u) && image.tls_callbacks.size() < 1000) {
    const auto address = list.word(image.wide);
    if (!address) break;
    image.tls_callbacks.push_back(address);
  }
}

void read_load_config(Bytes bytes, Directory at, Image& image) {
  if (!at.address) return;
  const auto table = at_rva(bytes, image, at.address);
  base::Cursor in(table);
  const auto size = in.u32();
  base::Cursor config(base::slice(table, 0, size ? size : at.size));
  config.seek(image.wide ? 0x58 : 0x3c);
  const auto cookie = config.word(image.wide);
  if (config.ok() && cookie) image.security_cookie = cookie;
  config.seek(image.wide ? 0x90 : 0x58);
  const auto flags = config.u32();
  if (config.ok()) image.guard_flags = flags;
}

void read_dotnet(Bytes bytes, Directory at, Image& image) {
  if (!at.address) return;
  base::Cursor in(at_rva(bytes, image, at.address, 72));
  in.skip(8);
  const auto metadata = in.u32(), metadata_size = in.u32();
  Dotnet out;
  out.flags = in.u32();
  out.entry_token = in.u32();
  if (!in.ok()) return odd(image, "the .NET header lies outside the sections");
  note_part(image, bytes, at_rva(bytes, image, at.address, 72), ".NET header");
  base::Cursor root(at_rva(bytes, image, metadata, metadata_size));
  const auto magic = root.u32();
  root.skip(8);
  const auto version = base::text_of(root.take(root.u32()));
  root.skip(2);
  const auto streams = root.u16();
  if (!root.ok() || magic != 0x424a5342) return odd(image, "the .NET metadata can't be read");
  out.version = version.substr(0, version.find('\0'));
  for (int i = 0; i < streams && i < 64 && root.ok(); ++i) {
    root.skip(8);
    out.streams.push_back(root.c_string(32));
    root.align(4);
  }
  image.dotnet = std::move(out);
}

}  // namespace parse::pe
