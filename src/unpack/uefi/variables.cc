// Stores of UEFI variables: the form of the reference implementation (with and without signatures'
// time stamps), its two older relatives, and the records "NVAR". Each variable is a member named as
// the operating system names it, "db-d719b2cb-3d3a-4596-a3bc-dad00e67656f"; deleted and replaced ones
// are hidden members. None of this is in the specification; the layouts are those that images hold.
#include <algorithm>
#include <array>

#include "base/cursor.h"
#include "identify/look.h"
#include "unpack/uefi/firmware.h"
#include "unpack/uefi/guid.h"

namespace unpack::uefi_format {
namespace {

using artifact::Origin;

constexpr std::string_view plain_store = "DDCF3616-3275-4164-98B6-FE85707FFE7D", signed_store = "AAF32C78-947B-439A-A180-2E144EC37792",
                           work_block = "9E58292B-7C68-497D-A0CE-6500FD9F1B95";

struct Variable {
  base::Range header, name, data;
  std::uint8_t state = 0;
  std::string guid;
  std::uint64_t end() const { return data.end(); }
};

// At `at`, before `end`; `with_time`: the form with a counter and a time stamp.
std::optional<Variable> read_variable(base::Bytes bytes, std::uint64_t at, std::uint64_t end, bool with_time) {
  base::Cursor in(base::slice(bytes, at, end - std::min(at, end)));
  if (in.u16() != 0x55AA) return std::nullopt;
  Variable out;
  out.state = in.u8();
  in.skip(1 + 4 + (with_time ? 8 + 16 + 4 : 0));
  const std::uint64_t name = in.u32(), data = in.u32();
  out.guid = guid_text(in.take(16));
  out.header = {at, in.position()};
  if (!in.ok() || name < 2 || name > 2048 || name + data > in.left()) return std::nullopt;
  out.name = {out.header.end(), name};
  out.data = {out.name.end(), data};
  return out;
}

base::Result<> give_variable(Walk& walk, base::Range data, const std::string& stem, std::string name, std::string guid, bool live) {
  std::ranges::replace(name, '/', '_');
  return walk.give(data, walk.name(fmt::format("{}/{}-{}", stem, name, identify::lower(guid)), ""), live ? Origin::member : Origin::hidden);
}

base::Result<> variables(Walk& walk, base::Range range, const std::string& stem, bool with_time) {
  for (auto at = range.offset; at < range.end();) {
    CHECK_OK(walk.sink.spend(64));
    auto v = read_variable(walk.bytes(), at, range.end(), with_time);
    if (!v) return {};  // erased from here on, or damaged: close() tells
    walk.ledger.structure({v->header.offset, v->header.size + v->name.size}, "UEFI variable");
    const auto name = utf16_text(base::slice(walk.bytes(), v->name.offset, v->name.size));
    CHECK_OK(give_variable(walk, v->data, stem, name, v->guid, v->state == 0x3F));
    at = range.offset + (v->end() - range.offset + 3) / 4 * 4;
  }
  return {};
}

// A store begins with its GUID (or four letters) and size. False if none stands at `at`.
base::Result<bool> one_store(Walk& walk, std::uint64_t at, std::uint64_t end, const std::string& stem, std::uint64_t& next) {
  base::Cursor in(base::slice(walk.bytes(), at, end - at));
  const auto guid = guid_text(in.take(16));
  const bool with_time = guid == signed_store;
  if (!with_time && guid != plain_store) return false;
  const std::uint64_t size = in.u32();
  const auto format = in.u8();
  if (!in.ok() || size < 28 || format != 0x5A) return false;
  if (size > end - at) walk.trouble("truncated", "a store of UEFI variables ends behind its volume", {at, 28});
  next = at + std::min(size, end - at);
  walk.ledger.structure({at, 28}, "UEFI variable store");
  CHECK_OK(variables(walk, {at + 28, next - at - 28}, stem, with_time));
  return true;
}

// The offset of `guid` at a multiple of 4 in the range.
std::optional<std::uint64_t> find_guid(base::Bytes bytes, base::Range range, std::string_view guid) {
  for (std::uint64_t at = range.offset; at + 16 <= range.end(); at += 4) {
    const auto b = base::slice(bytes, at, 16);
    if (b.size() < 16) return std::nullopt;
    if (b[0] == 0xFF || b[0] == 0) continue;
    if (guid_text(b) == guid) return at;
  }
  return std::nullopt;
}

// One record of an NVAR store.
struct Record {
  base::Range range;
  std::uint64_t next = 0;
  std::uint8_t attributes = 0;
  bool valid() const { return attributes & 0x80; }
  bool data_only() const { return attributes & 0x08; }
  bool ascii() const { return attributes & 0x02; }
  bool own_guid() const { return attributes & 0x04; }
};

std::optional<Record> read_record(base::Bytes bytes, std::uint64_t at, std::uint64_t end) {
  base::Cursor in(base::slice(bytes, at, end - std::min(at, end)));
  if (base::text_of(in.take(4)) != "NVAR") return std::nullopt;
  Record out;
  const std::uint64_t size = in.u16(), low = in.u16();
  out.next = low | std::uint64_t{in.u8()} << 16;
  out.attributes = in.u8();
  if (!in.ok() || size < 10 || size > end - at) return std::nullopt;
  out.range = {at, size};
  return out;
}

base::Result<> records(Walk& walk, base::Range range, const std::string& stem) {
  std::map<std::uint64_t, std::string> names;  // of the records that go on elsewhere
  for (auto at = range.offset; at < range.end();) {
    const auto r = read_record(walk.bytes(), at, range.end());
    if (!r) return {};
    CHECK_OK(walk.sink.spend(64));
    base::Cursor in(base::slice(walk.bytes(), at, r->range.size));
    in.skip(10);
    std::string name = "unnamed";
    if (r->data_only()) {
      if (const auto found = names.find(at); found != names.end()) name = found->second;
    } else {
      std::string guid;
      if (r->own_guid()) {
        guid = guid_text(in.take(16));
      } else {
        const std::uint64_t place = 16 * (std::uint64_t{in.u8()} + 1);
        if (place <= range.size) {
          guid = guid_text(base::slice(walk.bytes(), range.end() - place, 16));
          walk.ledger.structure({range.end() - place, 16}, "UEFI variable store");
        }
      }
      const auto rest = base::slice(walk.bytes(), at + in.position(), in.left());
      if (r->ascii()) {
        name = in.c_string(1024);
      } else {
        name = utf16_text(rest);
        while (in.left() >= 2 && in.u16() != 0) {}
      }
      std::ranges::replace(name, '/', '_');
      name += "-" + identify::lower(guid);
    }
    const bool replaced = r->next != 0xFFFFFF && r->next != 0;
    if (replaced) names[at + r->next] = name;
    walk.ledger.structure({at, in.position()}, "UEFI variable");
    CHECK_OK(walk.give({at + in.position(), in.left()}, walk.name(stem + "/" + name, ""), r->valid() && !replaced ? Origin::member : Origin::hidden));
    at = r->range.end();
  }
  return {};
}

}  // namespace

base::Result<bool> other_store(Walk& walk, base::Range range, const std::string& stem) {
  base::Cursor in(base::slice(walk.bytes(), range.offset, range.size));
  const auto letters = base::text_of(in.take(4));
  if (letters == "NVAR" && read_record(walk.bytes(), range.offset, range.end())) {
    CHECK_OK(records(walk, range, stem));
    return true;
  }
  if (letters != "$VSS" && letters != "$SVS" && letters != "$NSS") return false;
  const std::uint64_t size = in.u32();
  if (in.u8() != 0x5A || !in.ok() || size < 16 || size > range.size) return false;
  walk.ledger.structure({range.offset, 16}, "UEFI variable store");
  const bool with_time = !read_variable(walk.bytes(), range.offset + 16, range.offset + size, false);
  CHECK_OK(variables(walk, {range.offset + 16, size - 16}, stem, with_time));
  return true;
}

base::Result<> variable_stores(Walk& walk, base::Range range, const std::string& stem) {
  auto at = range.offset, next = at;
  if (TRY(one_store(walk, at, range.end(), stem, next))) at = next;
  else if (TRY(other_store(walk, range, stem))) return {};
  CHECK_OK(walk.sink.spend(range.size));
  // The block that makes writes safe, and copies of a volume behind it.
  const base::Range rest{at, range.end() - at};
  if (const auto work = find_guid(walk.bytes(), rest, work_block)) walk.ledger.structure({*work, 32}, "fault tolerant write block");
  if (walk.nesting) return {};
  ++walk.nesting;
  auto done = volumes(walk, rest.offset, rest.end());
  --walk.nesting;
  return done;
}

}  // namespace unpack::uefi_format
