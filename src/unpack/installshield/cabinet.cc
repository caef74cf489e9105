// See cabinet.h.
#include "unpack/installshield/cabinet.h"

#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"

namespace unpack::installshield_format {
namespace {

using base::Trouble;

constexpr std::uint64_t descriptor_size = 0x57;

std::string text_at(base::Bytes header, std::uint64_t at) { return std::string(base::Cursor(base::slice(header, at)).c_string(1024)); }

}  // namespace

base::Result<std::vector<CabinetFile>> listed_files(base::Bytes header) {
  base::Cursor at(header);
  if (base::text_of(at.take(4)) != "ISc(") return base::fail(Trouble::malformed, "no InstallShield header");
  const auto version = at.u32();
  const auto major = version >> 24 == 1 ? version >> 12 & 15 : version >> 24 == 2 || version >> 24 == 4 ? (version & 0xFFFF) / 100 : 0;
  at.skip(4);
  const std::uint64_t descriptor = at.u32();
  if (major && major < 6) return base::fail(Trouble::unsupported, "an InstallShield cabinet of version {} is not read", major);
  at.seek(descriptor + 0x0C);
  const std::uint64_t table = descriptor + at.u32();
  at.seek(descriptor + 0x1C);
  const std::uint64_t directories = at.u32();
  at.seek(descriptor + 0x28);
  const std::uint64_t files = at.u32(), second = at.u32();
  CHECK_OK(at.status("the InstallShield header"));
  if (!base::fits(table + second, files * descriptor_size, header.size()) || !base::fits(table, directories * 4, header.size()))
    return base::fail(Trouble::malformed, "the InstallShield header's table of {} files leaves the file", files);
  std::vector<std::string> folders;
  base::Cursor names(base::slice(header, table, directories * 4));
  for (std::uint64_t i = 0; i < directories; ++i) folders.push_back(text_at(header, table + names.u32()));
  std::vector<CabinetFile> out;
  for (std::uint64_t i = 0; i < files; ++i) {
    base::Cursor in(base::slice(header, table + second + i * descriptor_size, descriptor_size));
    CabinetFile f;
    f.flags = in.u16();
    f.plain = in.u64();
    f.packed = in.u64();
    f.offset = in.u64();
    in.skip(32);
    f.name = text_at(header, table + in.u32());
    const auto folder = in.u16();
    in.skip(21);
    f.volume = in.u16();
    if (folder < folders.size() && !folders[folder].empty()) f.name = folders[folder] + "/" + f.name;
    std::ranges::replace(f.name, '\\', '/');
    out.push_back(std::move(f));
  }
  return out;
}

base::Result<> extract(base::Bytes volume, const CabinetFile& file, const stream::Take& take) {
  const auto stored = file.compressed() ? file.packed : file.plain;
  if (!base::fits(file.offset, stored, volume.size())) return base::fail(Trouble::truncated, "it ends outside its cabinet");
  auto packed = base::slice(volume, file.offset, stored);
  base::Buffer clear;
  if (file.obfuscated()) {
    clear.assign(packed.begin(), packed.end());
    unsigned seed = 0;
    for (auto& b : clear) {
      const auto turned = static_cast<std::uint8_t>(b ^ 0xD5);
      b = static_cast<std::uint8_t>((turned >> 2 | turned << 6) - (seed++ % 0x47));
    }
    packed = clear;
  }
  if (!file.compressed()) return packed.empty() ? base::Result<>{} : take(packed);
  // Pieces with their length in front, each deflated on its own.
  base::Cursor at(packed);
  std::uint64_t made = 0;
  while (at.left() >= 2 && made < file.plain) {
    const auto piece = at.take(at.u16());
    if (!at.ok()) return base::fail(Trouble::truncated, "a deflated piece is cut");
    const auto done = stream::deflate(piece, take);
    if (!done.end) return done.end;
    made += done.produced;
    if (piece.empty()) return base::fail(Trouble::malformed, "an empty deflated piece");
  }
  if (made < file.plain) return base::fail(Trouble::truncated, "{} of {} bytes are there", made, file.plain);
  return {};
}

}  // namespace unpack::installshield_format
