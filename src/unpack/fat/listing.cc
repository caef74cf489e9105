// Directory entries of FAT (with long names) and exFAT. See volume.h.
#include <algorithm>

#include "base/cursor.h"
#include "unpack/disk/utf16.h"
#include "unpack/fat/volume.h"

namespace unpack::fat_format {
namespace {

constexpr std::uint64_t entry_size = 32;

// "NAME    EXT" with the two bits that say "written in lower case".
std::string short_name(base::Bytes e, bool deleted) {
  const auto part = [&](std::uint64_t at, std::uint64_t n, bool lower) {
    std::string out(base::text_of(e.subspan(at, n)));
    while (!out.empty() && out.back() == ' ') out.pop_back();
    if (lower)
      for (auto& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
  };
  auto name = part(0, 8, e[12] & 8);
  if (!name.empty() && deleted) name[0] = '_';
  else if (!name.empty() && name[0] == 5) name[0] = '\xE5';
  const auto extension = part(8, 3, e[12] & 16);
  return extension.empty() ? name : name + "." + extension;
}

std::uint8_t short_checksum(base::Bytes e) {
  std::uint8_t sum = 0;
  for (std::size_t i = 0; i < 11; ++i) sum = static_cast<std::uint8_t>((sum << 7 | sum >> 1) + e[i]);
  return sum;
}

// Long names stand in front of their entry, last part first.
struct LongName {
  base::Buffer units;
  std::uint8_t checksum = 0;
  bool deleted = false;

  void add(base::Bytes e) {
    const bool gone = e[0] == 0xE5;
    if (!units.empty() && (e[13] != checksum || gone != deleted || (!gone && e[0] & 0x40))) units.clear();
    checksum = e[13];
    deleted = gone;
    if (units.size() > 20 * 26) return;
    base::Buffer part;
    for (const auto& [at, n] : {std::pair{1, 10}, {14, 12}, {28, 4}}) part.insert(part.end(), e.begin() + at, e.begin() + at + n);
    units.insert(units.begin(), part.begin(), part.end());
  }
};

}  // namespace

Listing list_fat(base::Bytes directory) {
  Listing out;
  LongName name;
  for (std::uint64_t at = 0; at + entry_size <= directory.size(); at += entry_size) {
    const auto e = directory.subspan(at, entry_size);
    if (e[0] == 0) break;
    out.end = at + entry_size;
    const auto attributes = e[11];
    if ((attributes & 0x3F) == 0x0F) {
      name.add(e);
      continue;
    }
    File file;
    file.deleted = e[0] == 0xE5;
    const bool named = !name.units.empty() && name.deleted == file.deleted && (file.deleted || name.checksum == short_checksum(e));
    file.name = named ? utf8_of_utf16(name.units) : short_name(e, file.deleted);
    name.units.clear();
    if (attributes & 8 || e[0] == '.') continue;  // the volume's label, "." and ".."
    file.directory = attributes & 16;
    base::Cursor in(e);
    in.seek(20);
    const std::uint32_t high = in.u16();
    in.seek(26);
    file.first = high << 16 | in.u16();
    file.size = in.u32();
    out.files.push_back(std::move(file));
  }
  return out;
}

Listing list_exfat(base::Bytes directory) {
  Listing out;
  for (std::uint64_t at = 0; at + entry_size <= directory.size();) {
    const auto e = directory.subspan(at, entry_size);
    if (e[0] == 0) break;
    at += entry_size;
    out.end = at;
    const auto type = e[0] & 0x7F;
    base::Cursor in(e);
    if (type == 1 || type == 2) {
      File file;
      in.seek(20);
      file.first = in.u32();
      file.size = in.u64();
      file.deleted = !(e[0] & 0x80);
      if (!file.deleted) out.tables.insert(type == 1 ? out.tables.begin() : out.tables.end(), file);
      continue;
    }
    if (type != 5) continue;
    File file;
    file.deleted = !(e[0] & 0x80);
    file.directory = e[4] & 16;
    const std::uint64_t more = e[1];
    std::uint64_t units = 0;
    base::Buffer name;
    // Streams and names follow; a deleted set may have been written over in part.
    for (std::uint64_t i = 0; i < more && at + entry_size <= directory.size(); ++i) {
      const auto part = directory.subspan(at, entry_size);
      if ((part[0] & 0x40) == 0 || (part[0] & 0x80) != (e[0] & 0x80)) break;
      at += entry_size;
      out.end = at;
      base::Cursor stream(part);
      if ((part[0] & 0x7F) == 0x40) {
        file.row = part[1] & 2;
        units = part[3];
        stream.seek(8);
        file.valid = stream.u64();
        stream.skip(4);
        file.first = stream.u32();
        file.size = stream.u64();
      } else if ((part[0] & 0x7F) == 0x41) {
        name.insert(name.end(), part.begin() + 2, part.end());
      }
    }
    name.resize(std::min<std::uint64_t>(name.size(), units * 2));
    file.name = utf8_of_utf16(name, false);
    if (!file.name.empty()) out.files.push_back(std::move(file));
  }
  return out;
}

}  // namespace unpack::fat_format
