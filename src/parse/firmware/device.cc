// Firmware of cameras, printers, microcontrollers and switches. See vendor.h.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/checked.h"
#include "base/cursor.h"
#include "parse/firmware/vendor.h"

namespace parse::firmware {
namespace {

using Role = Part::Role;

Layout start(std::string kind, std::string detail, unsigned strength, std::uint64_t header, std::uint64_t end) {
  Layout out{.kind = std::move(kind), .detail = std::move(detail), .strength = strength, .end = end};
  if (header) out.parts.push_back({"header", {0, header}, Role::structure});
  return out;
}
base::Buffer turned(base::Bytes b) { return {b.rbegin(), b.rend()}; }

// Xiaomi HDR1: up to eight blobs with names, an RSA signature behind them.
std::optional<Layout> xiaomi(base::Bytes b) {
  constexpr std::uint64_t header = 48;
  base::Cursor at(b);
  if (base::text_of(at.take(4)) != "HDR1") return std::nullopt;
  const std::uint64_t signature = at.u32();
  const auto sum = at.u32();
  at.skip(2);
  const auto model = at.u16();
  if (!at.ok() || signature < header || signature >= b.size()) return std::nullopt;
  auto out = start("firmware/xiaomi", "Xiaomi image", 80, header, b.size());
  out.facts = {{"model", fmt::format("{}", model)}};
  out.checks.push_back({"image", Sum::crc32_unfinished, {{{12, signature - 12}}}, to_bytes(sum), {8, 4}, {{{header, signature - header}}}});
  for (int i = 0; i < 8; ++i) {
    const std::uint64_t blob = at.u32();
    if (blob == 0) continue;
    base::Cursor in(base::slice(b, blob, header));
    const auto magic = in.u32();
    in.skip(4);
    const std::uint64_t size = in.u32();
    in.skip(4);
    const auto name = field_text(in.take(32));
    if (!in.ok() || magic != 0xBABE || blob < header || !base::fits(blob + header, size, signature)) return std::nullopt;
    out.parts.push_back({"blob header", {blob, header}, Role::structure});
    out.parts.push_back({name, {blob + header, size}});
  }
  out.parts.push_back({"signature", {signature, b.size() - signature}, Role::structure});
  return out.parts.size() > 3 ? std::optional(out) : std::nullopt;
}

// Switches of Marvell's "ROS": a table of named files, most of them behind a header of their own.
std::optional<Layout> ros(base::Bytes b) {
  constexpr std::uint64_t table = 48, entry_size = 32;
  if (!base::starts_with(b, "RNTP") || b.size() < table || base::text_of(b.subspan(24, 4)) != "PACK") return std::nullopt;
  base::Cursor at(b);
  at.seek(32);
  const std::uint64_t count = at.u32();
  if (count == 0 || count > 256 || !base::fits(table, count * entry_size, b.size())) return std::nullopt;
  auto out = start("firmware/ros", fmt::format("ROS image of {} files", count), 88, table + count * entry_size, table + count * entry_size);
  for (std::uint64_t i = 0; i < count; ++i) {
    base::Cursor in(b.subspan(table + i * entry_size, entry_size));
    const auto name = field_text(in.take(16));
    const std::uint64_t offset = in.u32(), size = in.u32();
    if (name.empty() || offset < table + count * entry_size || offset > b.size()) return std::nullopt;
    if (size) out.parts.push_back({name, {offset, size}});
    out.end = std::max(out.end, offset + size);
  }
  return out;
}
// One such file: 32 bytes, the unpacked size among them, then LZMA that says the same size.
std::optional<Layout> ros_file(base::Bytes b) {
  if (!base::starts_with(b, "RNTP") || b.size() < 64) return std::nullopt;
  base::Cursor at(b);
  at.seek(20);
  const std::uint64_t size = at.u32();
  at.seek(37);
  if (b[32] != 0x5d || at.u64() != size || size == 0) return std::nullopt;
  auto out = start("firmware/ros-file", "file of a ROS image", 88, 32, b.size());
  out.parts.push_back({"content", {32, b.size() - 32}, Role::member, "lzma"});
  return out;
}

// Matter over-the-air image: Matter Core Specification 1.0, section 11.20. The header is a TLV structure.
std::optional<Layout> matter(base::Bytes b) {
  base::Cursor at(b);
  if (at.u32() != 0x1BEEF11E) return std::nullopt;
  const auto total = at.u64();
  const std::uint64_t header = at.u32();
  const auto tlv = at.take(header);
  if (!at.ok() || tlv.size() < 4 || tlv[0] != 0x15 || total < 16 + header || total > (1ull << 40)) return std::nullopt;
  auto out = start("firmware/matter-ota", "Matter update image", 80, 16 + header, total);
  const base::Range payload{16 + header, total - 16 - header};
  base::Cursor in(tlv);
  in.skip(1);
  std::uint64_t method = 0;
  static constexpr std::array<std::string_view, 7> names = {"vendor", "product", "version", "version text", "payload size", "oldest applicable", "newest applicable"};
  for (int i = 0; i < 32 && in.ok() && !in.at_end(); ++i) {
    const auto control = in.u8();
    const unsigned type = control & 0x1f;
    if (type == 0x18 || control >> 5 != 1) break;
    const auto tag = in.u8();
    const auto sized = [&](unsigned exponent) { return exponent == 0 ? in.u8() : exponent == 1 ? in.u16() : exponent == 2 ? in.u32() : in.u64(); };
    if (type <= 7) {
      const std::uint64_t value = sized(type & 3);
      if (tag == 8) method = value;
      else if (tag < names.size()) out.facts[std::string(names[tag])] = fmt::format("{}", value);
    } else if (type >= 0x0c && type <= 0x13) {
      const auto value = in.take(sized(type & 3));
      if (tag == 3) out.facts["version text"] = field_text(base::slice(value, 0, 64));
      const auto sum = method == 1 ? Sum::sha256 : method == 7 ? Sum::sha384 : Sum::sha512;
      if (tag == 9 && (method == 1 || method == 7 || method == 8)) out.checks.push_back({"payload", sum, {{payload}}, {value.begin(), value.end()}});
    } else {
      break;
    }
  }
  if (payload.size) out.parts.push_back({"payload", payload});
  return out;
}

// Espressif ESP32 application: docs.espressif.com, "Firmware Image Format". Segments, then up to 15
// zeros and a sum, then perhaps a SHA-256.
std::optional<Layout> esp(base::Bytes b) {
  constexpr std::uint64_t header = 24;
  if (b.size() < 48 || b[0] != 0xE9 || b[1] == 0 || b[1] > 16 || b[2] > 5) return std::nullopt;
  static constexpr std::array<std::pair<unsigned, std::string_view>, 8> chips = {{{0, "ESP32"}, {2, "ESP32-S2"}, {5, "ESP32-C3"}, {9, "ESP32-S3"}, {12, "ESP32-C2"}, {13, "ESP32-C6"}, {16, "ESP32-H2"}, {18, "ESP32-P4"}}};
  base::Cursor at(b);
  at.seek(4);
  const auto entry = at.u32();
  at.seek(12);
  const unsigned chip = at.u16();
  const auto found = std::ranges::find(chips, chip, &std::pair<unsigned, std::string_view>::first);
  const auto hashed = b[23];
  if (found == chips.end() || hashed > 1 || entry < 0x3C000000 || entry > 0x60100000) return std::nullopt;
  auto out = start("firmware/esp", fmt::format("{} image", found->second), 60, header, 0);
  Check sum{"segments", Sum::xor8, {{{}, -1, {0xEF}}}};
  at.seek(header);
  for (int i = 0; i < b[1]; ++i) {
    const std::uint32_t address = at.u32();
    const std::uint64_t size = at.u32();
    const auto offset = at.position();
    at.skip(size);
    if (!at.ok() || size % 4 || (size && (address < 0x3C000000 || address > 0x60100000))) return std::nullopt;
    out.parts.push_back({"segment header", {offset - 8, 8}, Role::structure});
    if (size == 0) continue;
    out.parts.push_back({fmt::format("segment-{}-0x{:08x}", i, address), {offset, size}});
    sum.over.push_back({{offset, size}});
  }
  const auto sum_at = at.position() | 15;
  if (sum_at >= b.size()) return std::nullopt;
  out.parts.push_back({"sum of segments", {at.position(), sum_at + 1 - at.position()}, Role::structure});
  sum.stated = to_bytes(b[sum_at]);
  sum.at = {sum_at, 1};
  out.checks.push_back(std::move(sum));
  out.end = sum_at + 1;
  if (hashed) {
    const auto digest = base::slice(b, out.end, 32);
    out.parts.push_back({"digest", {out.end, 32}, Role::structure});
    if (digest.size() == 32) out.checks.push_back({"image", Sum::sha256, {{{0, out.end}}}, {digest.begin(), digest.end()}, {out.end, 32}});
    out.end += 32;
  }
  at.seek(header + 8);
  if (at.u32() == 0xABCD5432) {  // the application's description
    at.skip(12);
    out.facts["version"] = field_text(at.take(32));
    out.facts["project"] = field_text(at.take(32));
  }
  return out;
}

// The partition table of Espressif chips, alone or at its usual place of a whole flash memory.
std::optional<Layout> esp_flash(base::Bytes b) {
  constexpr std::uint64_t entry_size = 32;
  for (const std::uint64_t table : {std::uint64_t{0}, std::uint64_t{0x8000}}) {
    Layout out{.kind = "firmware/esp-flash", .detail = table ? "flash memory of an Espressif chip" : "partition table of an Espressif chip", .strength = 72};
    base::Cursor at(base::slice(b, table, 0xC00));
    int count = 0;
    for (; count < 96; ++count) {
      const auto magic = at.u16();
      const auto type = at.u8();
      at.skip(1);
      const std::uint64_t offset = at.u32(), size = at.u32();
      const auto name = field_text(at.take(16));
      at.skip(4);
      if (!at.ok() || magic != 0x50AA) break;
      if (offset % 4096 || size == 0 || offset < 0x1000 || size > (128u << 20) || (type > 1 && type < 0x40)) return std::nullopt;
      if (table && base::fits(offset, size, b.size())) out.parts.push_back({name.empty() ? fmt::format("partition-{}", count) : name, {offset, size}});
      out.facts[name] = fmt::format("0x{:x} + 0x{:x}", offset, size);
    }
    if (count < 2) continue;
    const auto tail = base::slice(b, table + static_cast<std::uint64_t>(count) * entry_size, entry_size);
    const bool summed = tail.size() == entry_size && tail[0] == 0xEB && tail[1] == 0xEB;
    const auto size = (static_cast<std::uint64_t>(count) + summed) * entry_size;
    out.parts.push_back({"partition table", {table, size}, Role::structure});
    if (summed) out.checks.push_back({"partition table", Sum::md5, {{{table, static_cast<std::uint64_t>(count) * entry_size}}}, {tail.begin() + 16, tail.end()}, {table + size - 16, 16}});
    if (table)
      for (const std::uint64_t boot : {std::uint64_t{0}, std::uint64_t{0x1000}})
        if (b[boot] == 0xE9) {
          out.parts.push_back({"bootloader", {boot, table - boot}});
          break;
        }
    out.end = table ? b.size() : size;
    return out;
  }
  return std::nullopt;
}

// USB Device Firmware Upgrade 1.1, appendix B: a suffix of 16 bytes, read from the end.
std::optional<Layout> dfu(base::Bytes b) {
  if (b.size() <= 16) return std::nullopt;
  const auto tail = b.subspan(b.size() - 16);
  base::Cursor at(tail);
  const auto device = at.u16(), product = at.u16(), maker = at.u16(), version = at.u16();
  if (base::text_of(at.take(3)) != "UFD" || at.u8() != 16 || (version != 0x100 && version != 0x11A)) return std::nullopt;
  Layout out{.kind = "firmware/dfu", .detail = "image with DFU suffix", .strength = 46, .end = b.size()};
  out.facts = {{"maker", fmt::format("{:04x}", maker)}, {"product", fmt::format("{:04x}", product)}, {"device", fmt::format("{:04x}", device)}};
  out.checks.push_back({"image", Sum::crc32_unfinished, {{{0, b.size() - 4}}}, turned(tail.subspan(12)), {b.size() - 4, 4}});
  out.parts.push_back({"image", {0, b.size() - 16}});
  out.parts.push_back({"DFU suffix", {b.size() - 16, 16}, Role::structure});
  return out;
}

// Broadcom set-top images: objects of 64 bytes of header, each with its sum and that of its content.
std::optional<Layout> sao(base::Bytes b) {
  constexpr std::uint64_t header = 64;
  Layout out{.kind = "firmware/sao", .detail = "Broadcom SAO image", .strength = 96};
  std::uint64_t offset = 0;
  for (int i = 0; i < 256; ++i) {
    base::Cursor at(base::slice(b, offset), std::endian::big);
    const auto magic = base::text_of(at.take(4));
    const auto sum = at.u32();
    const auto name = field_text(at.take(4));
    at.skip(4);
    const std::uint64_t size = at.u32();
    at.skip(0x34 - 0x14);
    const auto content_sum = at.u32();
    at.skip(8);
    if (!at.ok() || magic != "SOBJ" || size > at.left()) break;
    const bool header_proved = compute(Sum::crc32, b, {{{offset + 8, header - 8}}}) == to_bytes(sum);
    const bool content_proved = !header_proved && size && size < 4096 && compute(Sum::crc32, b, {{{offset + header, size}}}) == to_bytes(content_sum);
    if (!header_proved && !content_proved) break;
    out.parts.push_back({"SAO header", {offset, header}, Role::structure});
    out.checks.push_back({name, Sum::crc32, {{{offset + header, size}}}, to_bytes(content_sum), {offset + 0x34, 4}});
    if (size) out.parts.push_back({name, {offset + header, size}});
    offset += header + size;
  }
  out.end = offset;
  return offset ? std::optional(out) : std::nullopt;
}

// Grain Media cameras: 256 bytes with the length of what follows and a name.
std::optional<Layout> grain_media(base::Bytes b) {
  constexpr std::uint64_t header = 256;
  base::Cursor at(b, std::endian::big);
  if (at.u32() != 0x805A474D) return std::nullopt;
  at.skip(4);
  const std::uint64_t size = at.u32();
  if (!at.ok() || size == 0 || !base::fits(header, size, b.size())) return std::nullopt;
  auto out = start("firmware/grain-media", "Grain Media image", 56, header, header + size);
  out.facts = {{"name", field_text(base::slice(b, 16, 16))}};
  out.parts.push_back({"image", {header, size}});
  return out;
}

// Xerox dynamic loadable module: lines of text, then an archive.
std::optional<Layout> xerox(base::Bytes b) {
  constexpr std::string_view end_mark = "\n%%XRXend\n";
  if (!base::starts_with(b, "%%XRXbegin\n")) return std::nullopt;
  const auto text = base::text_of(base::slice(b, 0, 1 << 16));
  const auto end = text.find(end_mark);
  if (end == text.npos || end + end_mark.size() >= b.size()) return std::nullopt;
  const auto header = end + end_mark.size();
  auto out = start("firmware/xerox-dlm", "Xerox loadable module", 90, 0, b.size());
  out.parts.push_back({"header.txt", {0, header}, Role::member, "text"});
  out.parts.push_back({"module", {header, b.size() - header}});
  return out;
}

// Secure software download of cable modems (DOCSIS SEC): a PKCS #7 signature, parameters of type
// 28, the image; Intel's and MaxLinear's Puma put one more header of type 43 in front of it.
std::optional<Layout> docsis(base::Bytes b) {
  static constexpr std::array<std::uint8_t, 11> signed_data = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02};
  base::Cursor at(b, std::endian::big);
  if (at.u16() != 0x3082) return std::nullopt;
  const std::uint64_t signature = 4ull + at.u16();
  if (!std::ranges::equal(at.take(signed_data.size()), signed_data)) return std::nullopt;
  at.seek(signature);
  if (at.u8() != 28) return std::nullopt;
  at.skip(at.u16());
  if (!at.ok() || at.at_end()) return std::nullopt;
  auto image = at.position();
  if (at.u8() == 43) {
    at.skip(at.u16());
    const auto after = at.position();
    for (const std::uint64_t extra : {0, 6})
      if (base::starts_with(base::slice(b, after + extra, 4), "\x27\x05\x19\x56")) image = after + extra;
  }
  auto out = start("firmware/docsis", "signed software of a cable modem", 88, 0, b.size());
  out.parts.push_back({"signature", {0, signature}});
  out.parts.push_back({"download parameters", {signature, image - signature}, Role::structure});
  out.parts.push_back({"image", {image, b.size() - image}});
  return out;
}

}  // namespace

const std::vector<Format>& device_formats() {
  static const std::vector<Format> all = {
      {"firmware/xiaomi", "Xiaomi", xiaomi}, {"firmware/ros", "Marvell", ros}, {"firmware/ros-file", "Marvell", ros_file},
      {"firmware/matter-ota", "Matter", matter}, {"firmware/esp", "Espressif", esp}, {"firmware/esp-flash", "Espressif", esp_flash},
      {"firmware/sao", "Broadcom", sao}, {"firmware/grain-media", "Grain Media", grain_media}, {"firmware/xerox-dlm", "Xerox", xerox},
      {"firmware/docsis", "CableLabs", docsis}, {"firmware/dfu", "USB-IF", dfu},
  };
  return all;
}

}  // namespace parse::firmware
