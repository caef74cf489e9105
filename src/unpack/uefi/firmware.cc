// Firmware volumes and the files in them. UEFI Platform Initialization 1.7, volume 3, chapters 2 and 3.
#include "unpack/uefi/firmware.h"

#include <algorithm>

#include "base/checked.h"

namespace unpack::uefi_format {

using base::Trouble;

void Walk::trouble(std::string_view word, std::string value, base::Range range) {
  const auto there = base::slice(bytes(), range.offset, range.size).size();
  state_trouble(sink, word, std::move(value), there ? base::Range{range.offset, there} : base::Range{});
}

std::string Walk::name(const std::string& stem, std::string_view end) {
  auto out = fmt::format("{}{}", stem, end);
  if (const auto n = ++used[out]; n > 1) out = fmt::format("{}-{}{}", stem, n, end);
  return out;
}

base::Result<> Walk::give(base::Range range, std::string name, artifact::Origin origin, std::string kind) {
  const auto content = base::slice(bytes(), range.offset, range.size);
  if (content.empty()) return {};
  CHECK_OK(sink.spend(content.size()));
  if (std::ranges::all_of(content, [first = content[0]](std::uint8_t b) { return b == first; })) {
    ledger.padding({range.offset, content.size()}, fmt::format("constant content of 0x{:02x}", content[0]));
    return {};
  }
  artifact::Entry entry;
  entry.name = std::move(name);
  entry.origin = origin;
  entry.kind = std::move(kind);
  const Extent whole{range.offset, range.size};
  return ledger.give(entry, {&whole, 1}, range.size);
}

namespace {

bool erased(base::Bytes bytes, std::uint8_t value) {
  return std::ranges::all_of(bytes, [value](std::uint8_t b) { return b == value; });
}

base::Result<> file_content(Walk& walk, const File& file, const std::string& prefix) {
  const base::Range body{file.body(), file.range.size - file.header};
  const auto stem = prefix + file.guid;
  const auto origin = file.deleted ? artifact::Origin::hidden : artifact::Origin::member;
  const auto content = base::slice(walk.bytes(), body.offset, body.size);
  if (TRY(other_store(walk, body, stem))) return {};
  // Files of makers' own types (above 0xC0) hold sections or anything.
  if (file.deleted || file.is_raw() || file.type == 0 || (file.type >= 0xC0 && !are_sections(content))) return walk.give(body, walk.name(stem, ".raw"), origin);
  return sections(walk, body, stem);
}

base::Result<> one_file(Walk& walk, const File& file, const std::string& prefix) {
  walk.ledger.structure({file.range.offset, file.header}, "firmware file header");
  if (!file.header_checksum_holds || (!file.data_checksum_holds && !file.is_pad())) {
    walk.trouble("malformed", fmt::format("the {} checksum of the firmware file {} does not hold", file.header_checksum_holds ? "content" : "header", file.guid),
                  {file.range.offset, file.header});
  }
  if (file.is_pad()) return {};  // what a pad file holds is proved constant, or handed on, by close()
  return file_content(walk, file, prefix);
}

base::Result<> files(Walk& walk, const Volume& volume, const std::string& prefix) {
  const auto end = std::min<std::uint64_t>(volume.range.end(), walk.bytes().size());
  for (auto at = volume.files; at + 24 <= end;) {
    CHECK_OK(walk.sink.spend(64));
    if (erased(base::slice(walk.bytes(), at, 24), volume.erased)) return {};
    const auto file = read_file(walk.bytes(), at, volume);
    if (!file) {
      walk.trouble("malformed", file.error().what, {at, 24});
      return {};
    }
    CHECK_OK(walk.sink.spend(file->range.size));
    CHECK_OK(one_file(walk, *file, prefix));
    at = volume.range.offset + (file->range.end() - volume.range.offset + 7) / 8 * 8;
  }
  return {};
}

base::Result<> one_volume(Walk& walk, const Volume& volume, std::uint64_t end, const std::string& prefix) {
  const auto& range = volume.range;
  if (range.end() > end)
    walk.trouble("truncated", fmt::format("the firmware volume at 0x{:x} says that it is {} bytes long", range.offset, range.size), {range.offset, volume.header});
  if (!volume.checksum_holds) walk.trouble("malformed", fmt::format("the header checksum of the firmware volume at 0x{:x} does not hold", range.offset));
  walk.ledger.structure({range.offset, volume.header}, "firmware volume header");
  if (volume.extended) walk.ledger.structure({volume.extended, volume.extended_size}, "firmware volume header");
  if (volume.has_files()) return files(walk, volume, prefix);
  const auto from = range.offset + volume.header;
  const base::Range body{from, std::min(range.end(), end) - std::min(from, end)};
  if (volume.has_variables()) return variable_stores(walk, body, prefix + "variables");
  walk.trouble("unsupported", fmt::format("a firmware volume of the file system {}", volume.file_system), {range.offset, 32});
  return walk.give(body, walk.name(prefix, "content"), artifact::Origin::embedded);
}

// The next volume with a sound header at or after `from`; volumes begin at multiples of 8.
std::optional<Volume> next_volume(base::Bytes bytes, std::uint64_t from, std::uint64_t end) {
  const auto text = base::text_of(base::slice(bytes, 0, end));
  for (auto at = from + 0x28; (at = text.find("_FVH", at)) != text.npos; at += 4) {
    const auto start = at - 0x28;
    if (start % 8) continue;
    auto volume = read_volume(base::slice(bytes, 0, end), start);
    // A sum that is wrong is only believed at the very start, where a volume is expected.
    if (volume && (volume->checksum_holds || start == 0)) return volume;
  }
  return std::nullopt;
}

}  // namespace

bool holds_volume(base::Bytes bytes, std::uint64_t from, std::uint64_t end) { return next_volume(bytes, from, end).has_value(); }

base::Result<> volumes(Walk& walk, std::uint64_t from, std::uint64_t end) {
  CHECK_OK(walk.sink.spend(end - std::min(from, end)));
  for (auto at = from; at < end;) {
    const auto volume = next_volume(walk.bytes(), at, end);
    if (!volume) return {};
    const bool whole = volume->range.offset == 0 && volume->range.end() >= walk.bytes().size();
    CHECK_OK(one_volume(walk, *volume, end, whole ? "" : fmt::format("volume@0x{:x}/", volume->range.offset)));
    at = std::max(at + 8, volume->range.end());
  }
  return {};
}

}  // namespace unpack::uefi_format
