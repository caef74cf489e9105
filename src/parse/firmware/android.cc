// See android.h.
#include "parse/firmware/android.h"

#include <fmt/format.h>

#include "base/checked.h"
#include "base/cursor.h"

namespace parse::firmware {
namespace {

std::uint64_t up(std::uint64_t n, std::uint64_t page) { return (n + page - 1) / page * page; }
bool is_page(std::uint64_t n) { return n >= 512 && n <= 65536 && (n & (n - 1)) == 0; }

// 7 bits each of a version's three numbers, then year and month of the patch level.
std::string os_version(std::uint32_t v) {
  const auto patch = v & 0x7ff, number = v >> 11;
  return v ? fmt::format("{}.{}.{}, {}-{:02}", number >> 14 & 0x7f, number >> 7 & 0x7f, number & 0x7f, 2000 + (patch >> 4), patch & 15) : "";
}

/// Places parts one behind the other, each filled up to a page.
class Pages {
 public:
  Pages(Layout& out, std::uint64_t page, std::uint64_t at) : out_(out), page_(page), at_(at) {}
  base::Range add(std::string name, std::uint64_t size, std::string kind = {}) {
    const base::Range range{at_, size};
    if (size) {
      out_.parts.push_back({std::move(name), range, Part::Role::member, std::move(kind)});
      at_ += up(size, page_);
      out_.end = range.end();
    }
    return range;
  }
  std::uint64_t at() const { return at_; }

 private:
  Layout& out_;
  std::uint64_t page_, at_;
};

void add_text(Layout& out, base::Bytes bytes, std::string name, base::Range field) {
  const auto text = base::text_of(base::slice(bytes, field.offset, field.size));
  const auto size = std::min(text.find('\0'), text.size());
  if (size) out.parts.push_back({std::move(name), {field.offset, size}, Part::Role::member, "text"});
}

// The id of mkbootimg is the SHA-1 of each part with its size; others write what they like, often
// more or fewer than 20 bytes.
void add_id(Layout& out, base::Bytes bytes, std::vector<Piece> over) {
  const auto id = bytes.subspan(576, 32);
  bool any = false;
  for (std::size_t i = 0; i < 32; ++i) {
    if (i >= 20 && id[i]) return;
    any = any || id[i];
  }
  if (any) out.checks.push_back({"parts (id)", Sum::sha1, std::move(over), {id.begin(), id.begin() + 20}, {576, 20}});
}

std::optional<Layout> old_boot(base::Bytes bytes, std::uint32_t version) {
  if (bytes.size() < 1660) return std::nullopt;
  base::Cursor at(bytes);
  at.seek(8);
  const std::uint64_t kernel = at.u32();
  at.skip(4);
  const std::uint64_t ramdisk = at.u32();
  at.skip(4);
  const std::uint64_t second = at.u32();
  at.skip(8);
  const std::uint64_t page = at.u32();
  at.skip(4);
  const auto system = at.u32();
  if (!is_page(page) || (kernel == 0 && ramdisk == 0)) return std::nullopt;
  Layout out{.kind = "android-boot", .detail = fmt::format("Android boot image, version {}", version > 4 ? 0 : version), .strength = 88};
  out.facts = {{"system", os_version(system)}, {"board", field_text(bytes.subspan(48, 16))}};
  out.parts.push_back({"Android boot header", {0, std::min<std::uint64_t>(page, bytes.size())}, Part::Role::structure});
  add_text(out, bytes, "cmdline", {64, 512});
  add_text(out, bytes, "extra-cmdline", {608, 1024});
  out.end = page;
  Pages pages(out, page, page);
  std::vector<Piece> id;
  id.push_back({pages.add("kernel", kernel)});
  id.push_back({{8, 4}});
  id.push_back({pages.add("ramdisk", ramdisk)});
  id.push_back({{16, 4}});
  id.push_back({pages.add("second", second)});
  id.push_back({{24, 4}});
  if (version > 4) {  // before versions the field was the size of the device trees
    id.push_back({pages.add("dt", version)});
    id.push_back({{40, 4}});
  } else if (version >= 1) {
    at.seek(1632);
    id.push_back({pages.add("recovery_dtbo", at.u32())});
    id.push_back({{1632, 4}});
    at.seek(1648);
    if (version == 2) {
      id.push_back({pages.add("dtb", at.u32())});
      id.push_back({{1648, 4}});
    }
  }
  add_id(out, bytes, std::move(id));
  return out;
}

std::optional<Layout> new_boot(base::Bytes bytes, std::uint32_t version) {
  constexpr std::uint64_t page = 4096;
  base::Cursor at(bytes);
  at.seek(8);
  const std::uint64_t kernel = at.u32(), ramdisk = at.u32();
  const auto system = at.u32(), header = at.u32();
  at.seek(1580);
  const std::uint64_t signature = version >= 4 ? at.u32() : 0;
  if (!at.ok() || header < 1580 || header > page) return std::nullopt;
  Layout out{.kind = "android-boot", .detail = fmt::format("Android boot image, version {}", version), .strength = 88};
  out.facts = {{"system", os_version(system)}};
  out.parts.push_back({"Android boot header", {0, std::min<std::uint64_t>(page, bytes.size())}, Part::Role::structure});
  add_text(out, bytes, "cmdline", {44, 1536});
  out.end = page;
  Pages pages(out, page, page);
  pages.add("kernel", kernel);
  pages.add("ramdisk", ramdisk);
  pages.add("boot_signature", signature);
  return out;
}

}  // namespace

std::optional<Layout> android_boot(base::Bytes bytes) {
  if (!base::starts_with(bytes, "ANDROID!")) return std::nullopt;
  base::Cursor at(bytes);
  at.seek(40);
  const auto version = at.u32();
  if (!at.ok()) return std::nullopt;
  return version == 3 || version == 4 ? new_boot(bytes, version) : old_boot(bytes, version);
}

std::optional<Layout> vendor_boot(base::Bytes bytes) {
  if (!base::starts_with(bytes, "VNDRBOOT")) return std::nullopt;
  base::Cursor at(bytes);
  at.seek(8);
  const auto version = at.u32();
  const std::uint64_t page = at.u32();
  at.skip(8);
  const std::uint64_t ramdisks = at.u32();
  at.seek(2096);
  const std::uint64_t header = at.u32(), dtb = at.u32();
  at.seek(2112);
  const std::uint64_t table = at.u32(), entries = at.u32(), entry_size = at.u32(), config = at.u32();
  if (version < 3 || version > 4 || !is_page(page) || bytes.size() < 2128 || header < 2100 || header > 65536) return std::nullopt;
  Layout out{.kind = "android-boot", .detail = fmt::format("Android vendor boot image, version {}", version), .strength = 88};
  out.facts = {{"board", field_text(bytes.subspan(2080, 16))}};
  out.end = up(header, page);
  out.parts.push_back({"Android vendor boot header", {0, out.end}, Part::Role::structure});
  add_text(out, bytes, "cmdline", {28, 2048});
  const auto first = out.end;
  const auto dtb_at = first + up(ramdisks, page), table_at = dtb_at + up(dtb, page), config_at = table_at + up(table, page);
  std::uint64_t covered = 0;
  if (version == 4 && entry_size >= 108 && entries <= table / entry_size) {
    out.parts.push_back({"table of vendor ramdisks", {table_at, table}, Part::Role::structure});
    for (std::uint64_t i = 0; i < entries && i < 1024; ++i) {
      base::Cursor entry(base::slice(bytes, table_at + i * entry_size, entry_size));
      const std::uint64_t size = entry.u32(), offset = entry.u32();
      entry.skip(4);
      const auto name = field_text(entry.take(32));
      if (!entry.ok() || !base::fits(offset, size, ramdisks)) continue;
      out.parts.push_back({name.empty() ? fmt::format("ramdisk-{}", i) : "ramdisk-" + name, {first + offset, size}});
      covered += size;
    }
  }
  if (covered == 0 && ramdisks) out.parts.push_back({"ramdisk", {first, ramdisks}});
  if (dtb) out.parts.push_back({"dtb", {dtb_at, dtb}});
  if (version == 4 && config) out.parts.push_back({"bootconfig", {config_at, config}});
  out.end = version == 4 && config ? config_at + config : version == 4 && table ? table_at + table : dtb ? dtb_at + dtb : first + ramdisks;
  return out;
}

std::optional<Layout> android_dtbo(base::Bytes bytes) {
  base::Cursor at(bytes, std::endian::big);
  if (at.u32() != 0xD7B7AB1E) return std::nullopt;
  const std::uint64_t total = at.u32(), header = at.u32(), entry_size = at.u32(), count = at.u32(), entries = at.u32();
  const auto page = at.u32(), version = at.u32();
  if (!at.ok() || header < 32 || header > 256 || entry_size < 32 || entry_size > 256 || count == 0 || count > 4096 || version > 1) return std::nullopt;
  if (!base::fits(entries, count * entry_size, total) || entries < header) return std::nullopt;
  Layout out{.kind = "android-dtbo", .detail = fmt::format("table of {} device tree overlays", count), .strength = 96, .end = total};
  out.facts = {{"page", fmt::format("{}", page)}};
  out.parts.push_back({"table of overlays", {0, header}, Part::Role::structure});
  out.parts.push_back({"table of overlays", {entries, count * entry_size}, Part::Role::structure});
  std::map<std::uint64_t, std::uint64_t> seen;  // several entries may name one tree
  for (std::uint64_t i = 0; i < count; ++i) {
    base::Cursor entry(base::slice(bytes, entries + i * entry_size, entry_size), std::endian::big);
    const std::uint64_t size = entry.u32(), offset = entry.u32();
    const auto id = entry.u32();
    if (!entry.ok() || size == 0 || !base::fits(offset, size, total) || !seen.emplace(offset, size).second) continue;
    out.parts.push_back({fmt::format("overlay-{}-id-{:x}", i, id), {offset, size}});
  }
  return out;
}

}  // namespace parse::firmware
