// See records.h.
#include "unpack/zip/records.h"

#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"

namespace unpack::zip_format {
namespace {

// Zip64 values stand in extra field 1, in this order, only for fields that are all ones.
void widen(base::Bytes extra, std::initializer_list<std::uint64_t*> fields) {
  base::Cursor at(extra);
  while (at.left() >= 4) {
    const auto id = at.u16();
    const auto size = at.u16();
    const auto body = at.take(size);
    if (!at.ok() || id != 1) continue;
    base::Cursor wide(body);
    for (auto* field : fields)
      if (*field == 0xFFFFFFFF && wide.left() >= 8) *field = wide.u64();
    return;
  }
}

std::optional<Header> directory_entry(base::Bytes bytes, std::uint64_t offset) {
  base::Cursor at(base::slice(bytes, offset));
  if (at.u32() != 0x02014b50) return std::nullopt;
  Header h;
  h.offset = offset;
  h.made_by = at.u16();
  at.skip(2);
  h.flags = at.u16();
  h.method = at.u16();
  at.skip(4);
  h.crc = at.u32();
  h.packed = at.u32();
  h.size = at.u32();
  const auto name = at.u16(), extra = at.u16(), comment = at.u16();
  at.skip(4);
  h.attributes = at.u32();
  h.local = at.u32();
  h.name = base::text_of(at.take(name));
  const auto fields = at.take(extra);
  at.skip(comment);
  if (!at.ok()) return std::nullopt;
  widen(fields, {&h.size, &h.packed, &h.local});
  h.length = at.position();
  return h;
}

void read_entries(base::Bytes bytes, Directory& d) {
  std::uint64_t at = d.at;
  const auto end = d.at + d.size;
  while (at < end) {
    const auto h = directory_entry(bytes.first(d.end_record), at);
    if (!h) break;
    at += h->length;
    d.entries.push_back(*h);
  }
  d.complete = at == end && (d.entries.size() & 0xFFFF) == (d.stated_count & 0xFFFF);
  d.size = at - d.at;
}

std::optional<Directory> directory_of(base::Bytes bytes, std::uint64_t record) {
  base::Cursor at(base::slice(bytes, record));
  at.skip(10);
  Directory d;
  d.stated_count = at.u16();
  d.size = at.u32();
  std::uint64_t stated = at.u32();
  const auto comment = at.u16();
  if (!at.ok() || !base::fits(record + 22, comment, bytes.size())) return std::nullopt;
  d.end_record = record;
  d.comment = {record + 22, comment};
  d.end = record + 22 + comment;
  std::uint64_t before = record;  // the directory ends here
  if (record >= 20 && base::starts_with(base::slice(bytes, record - 20), "PK\x06\x07")) {
    base::Cursor locator(bytes.subspan(record - 20, 20));
    locator.skip(8);
    const auto wide_at = locator.u64();
    // The zip64 record stands right in front of its locator; its stated offset may be shifted.
    for (const auto candidate : {record >= 76 ? record - 76 : 0, wide_at}) {
      if (!base::fits(candidate, 56, record) || !base::starts_with(base::slice(bytes, candidate), "PK\x06\x06")) continue;
      base::Cursor wide(bytes.subspan(candidate, 56));
      wide.skip(32);
      d.stated_count = wide.u64();
      d.size = wide.u64();
      stated = wide.u64();
      before = d.end_record = candidate;
      break;
    }
  }
  if (d.size == 0) {
    d.at = before;
    d.shift = stated <= before ? before - stated : 0;
    return d.stated_count == 0 ? std::optional(d) : std::nullopt;
  }
  const auto begins = [&](std::uint64_t o) { return base::starts_with(base::slice(bytes, o), "PK\x01\x02"); };
  if (d.size <= before && begins(before - d.size)) d.at = before - d.size;
  else if (stated < before && begins(stated)) d.at = stated;
  else return std::nullopt;
  d.shift = d.at >= stated ? d.at - stated : 0;
  return d;
}

}  // namespace

std::optional<Header> local_header(base::Bytes bytes, std::uint64_t offset) {
  base::Cursor at(base::slice(bytes, offset));
  if (at.u32() != 0x04034b50) return std::nullopt;
  Header h;
  h.offset = offset;
  at.skip(2);
  h.flags = at.u16();
  h.method = at.u16();
  at.skip(4);
  h.crc = at.u32();
  h.packed = at.u32();
  h.size = at.u32();
  const auto name = at.u16(), extra = at.u16();
  h.name = base::text_of(at.take(name));
  const auto fields = at.take(extra);
  if (!at.ok()) return std::nullopt;
  widen(fields, {&h.size, &h.packed});
  h.length = at.position();
  return h;
}

std::optional<Directory> find_directory(base::Bytes bytes, std::vector<std::uint64_t>& sound_ends) {
  const std::uint64_t start = bytes.size() > 65557 + 65536 ? bytes.size() - 65557 - 65536 : 0;
  auto window = base::text_of(bytes.subspan(start));
  std::optional<Directory> out;
  for (int tries = 0; tries < 64; ++tries) {
    const auto found = window.rfind("PK\x05\x06");
    if (found == window.npos) break;
    if (auto d = directory_of(bytes, start + found)) {
      sound_ends.push_back(start + found);
      if (!out || (out->entries.empty() && d->size)) {
        read_entries(bytes, *d);
        out = std::move(d);
      }
    }
    window = window.substr(0, found);
  }
  return out;
}

}  // namespace unpack::zip_format
