// Headers and sections; the directories are in their own files.
#include "parse/pe/pe.h"

#include <algorithm>

#include "base/checked.h"
#include "parse/pe/directories.h"

namespace parse::pe {
namespace {

using base::Bytes;
using base::Result;
using base::Trouble;

struct Headers {
  std::uint16_t section_count = 0;
  std::uint64_t sections_at = 0;
  std::uint32_t header_size = 0;
  std::vector<Directory> directories;
};

Result<Headers> read_headers(Bytes bytes, Image& image) {
  if (!base::starts_with(bytes, "MZ")) return base::fail(Trouble::malformed, "no MZ magic");
  base::Cursor in(bytes);
  in.seek(0x3c);
  const auto at = in.u32();
  in.seek(at);
  const auto magic = in.u32();
  CHECK_OK(in.status("the PE header"));
  if (magic != 0x4550) return base::fail(Trouble::malformed, "an MZ file without a PE header");
  image.machine = in.u16();
  Headers h;
  h.section_count = in.u16();
  image.timestamp = in.u32();
  in.skip(8);
  const auto optional_size = in.u16();
  image.characteristics = in.u16();
  const auto optional_at = in.position();
  const auto kind = in.u16();
  if (kind != 0x10b && kind != 0x20b) return base::fail(Trouble::malformed, "a PE optional header of kind {:#x}", kind);
  image.wide = kind == 0x20b;
  in.skip(14);
  image.entry = in.u32();
  in.skip(image.wide ? 4 : 8);
  image.base = in.word(image.wide);
  in.skip(32 - 4);  // alignments, versions, up to SizeOfImage
  h.header_size = in.u32();
  in.skip(4);
  image.subsystem = in.u16();
  image.dll_characteristics = in.u16();
  in.skip(image.wide ? 32 : 16);
  in.skip(4);
  const auto count = in.u32();
  CHECK_OK(in.status("the PE optional header"));
  if (count > 16) odd(image, "{} data directories", count);
  for (std::uint32_t i = 0; i < std::min(count, 16u); ++i) {
    const auto address = in.u32();
    h.directories.push_back({address, in.u32()});
  }
  CHECK_OK(in.status("the PE data directories"));
  h.directories.resize(16);
  h.sections_at = optional_at + optional_size;
  note_part(image, {0, std::min<std::uint64_t>(at, bytes.size())}, "DOS header");
  note_part(image, {at, in.position() - at}, "PE header");
  return h;
}

void read_sections(Bytes bytes, const Headers& h, Image& image) {
  base::Cursor in(base::slice(bytes, h.sections_at));
  for (std::uint32_t i = 0; i < h.section_count && in.left() >= 40 && image.sections.size() < most_sections; ++i) {
    Section s;
    const auto name = base::text_of(in.take(8));
    s.name = name.substr(0, name.find('\0'));
    s.memory_size = in.u32();
    s.address = in.u32();
    s.file_size = in.u32();
    s.offset = in.u32();
    in.skip(12);
    s.flags = in.u32();
    const auto offset = s.offset & ~0x1ffu;  // the loader rounds down to 512
    if (s.file_size && base::fits(offset, s.file_size, image.size)) s.range = {offset, s.file_size};
    else if (s.file_size) {
      odd(image, "section {} leaves the file", base::printable(s.name));
      if (offset < image.size) s.range = {offset, image.size - offset};
    }
    image.sections.push_back(s);
    image.extent = std::max(image.extent, s.range.end());
  }
  if (image.sections.size() != h.section_count) odd(image, "{} of {} section headers are there", image.sections.size(), h.section_count);
  const auto end = std::min<std::uint64_t>(h.sections_at + image.sections.size() * 40ull, image.size);
  if (h.sections_at < end) note_part(image, {h.sections_at, end - h.sections_at}, "section headers");
  image.extent = std::max({image.extent, end, std::min<std::uint64_t>(h.header_size, image.size)});
}

}  // namespace

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case 0x14c: return "i386";
    case 0x8664: return "x86-64";
    case 0x1c0: case 0x1c2: case 0x1c4: return "ARM";
    case 0xaa64: return "AArch64";
    case 0x200: return "IA-64";
    case 0x5032: case 0x5064: return "RISC-V";
    case 0xebc: return "EFI byte code";
    case 0x6232: case 0x6264: return "LoongArch";
    default: return fmt::format("machine {:#x}", machine);
  }
}

std::string Image::machine_name() const { return pe::machine_name(machine); }

std::string_view Image::subsystem_name() const {
  switch (subsystem) {
    case 1: return "native";
    case 2: return "Windows GUI";
    case 3: return "Windows console";
    case 9: return "Windows CE";
    case 10: return "EFI application";
    case 11: return "EFI boot driver";
    case 12: return "EFI runtime driver";
    default: return "unknown subsystem";
  }
}

const Section* Image::section_at(std::uint32_t rva) const {
  for (const auto& s : sections)
    if (rva >= s.address && rva - s.address < std::max<std::uint64_t>(s.memory_size, s.range.size)) return &s;
  return nullptr;
}

std::optional<std::uint64_t> Image::offset_of(std::uint32_t rva) const {
  for (const auto& s : sections)
    if (rva >= s.address && rva - s.address < s.range.size) return s.range.offset + (rva - s.address);
  if (!section_at(rva) && rva < size && (sections.empty() || rva < sections[0].address)) return rva;  // the headers are mapped too
  return std::nullopt;
}

Result<Image> read(Bytes bytes) {
  Image image;
  image.size = bytes.size();
  const auto h = TRY(read_headers(bytes, image));
  read_sections(bytes, h, image);
  const auto& d = h.directories;
  read_exports(bytes, d[0], image);
  read_imports(bytes, d[1], image);
  read_resources(bytes, d[2], image);
  if (d[4].size) {  // the one directory that is a file offset
    if (base::fits(d[4].address, d[4].size, image.size)) image.certificates = {d[4].address, d[4].size};
    else odd(image, "the certificate table leaves the file");
    note_part(image, image.certificates, "certificate table");
  }
  note_part(image, bytes, at_rva(bytes, image, d[5].address, d[5].size), "relocations");
  read_debug(bytes, d[6], image);
  read_tls(bytes, d[9], image);
  read_load_config(bytes, d[10], image);
  read_delayed_imports(bytes, d[13], image);
  read_dotnet(bytes, d[14], image);
  return image;
}

}  // namespace parse::pe
