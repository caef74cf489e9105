// Firmware of routers and modems. See vendor.h.
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

// Broadcom's TRX: up to three (version 2: four) parts at increasing offsets; the sum runs from the
// flags to the end and lacks its last inversion. OpenWrt tools/firmware-utils trx.c.
std::optional<Layout> trx(base::Bytes b) {
  base::Cursor at(b);
  if (base::text_of(at.take(4)) != "HDR0") return std::nullopt;
  const std::uint64_t size = at.u32();
  const auto sum = at.u32();
  at.skip(2);
  const auto version = at.u16();
  if (version != 1 && version != 2) return std::nullopt;
  const std::uint64_t header = version == 1 ? 28 : 32;
  std::vector<std::uint64_t> offsets;
  for (int i = 0; i < (version == 1 ? 3 : 4); ++i)
    if (const auto offset = at.u32()) offsets.push_back(offset);
  if (!at.ok() || size <= header || offsets.empty() || offsets[0] < header || !std::ranges::is_sorted(offsets) || offsets.back() >= size) return std::nullopt;
  auto out = start("firmware/trx", fmt::format("TRX image, version {}", version), 80, header, size);
  out.checks.push_back({"image", Sum::crc32_unfinished, {{{12, size - 12}}}, to_bytes(sum), {8, 4}});
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const auto end = i + 1 < offsets.size() ? offsets[i + 1] : size;
    if (end > offsets[i]) out.parts.push_back({fmt::format("part-{}", i), {offsets[i], end - offsets[i]}});
  }
  return out;
}

// CyberTAN (Linksys): a board's name, the date, "U2ND", then a TRX.
std::optional<Layout> cybertan(base::Bytes b) {
  if (b.size() < 64 || base::text_of(b.subspan(14, 4)) != "U2ND" || !trx(b.subspan(32))) return std::nullopt;
  auto out = start("firmware/cybertan", "CyberTAN image", 90, 32, b.size());
  out.facts = {{"board", field_text(b.first(4))}, {"version", fmt::format("{}.{}.{}", b[11], b[12], b[13])}};
  out.parts.push_back({"trx", {32, b.size() - 32}});
  return out;
}

// TP-Link, version 1: 512 bytes, big-endian; the md5 is of the image with a fixed salt in its place,
// another one where there is a boot loader in front. OpenWrt mktplinkfw.c.
std::optional<Layout> tplink(base::Bytes b) {
  constexpr std::uint64_t header = 512;
  if (b.size() < header) return std::nullopt;
  base::Cursor at(b, std::endian::big);
  const auto version = at.u32();
  const auto maker = field_text(at.take(24));
  const auto release = field_text(at.take(36));
  const auto hardware = at.u32(), revision = at.u32();
  at.seek(76);
  const auto md5 = at.take(16);
  at.seek(124);
  const std::uint64_t size = at.u32();
  std::array<base::Range, 3> parts;
  for (auto& p : parts) p.offset = at.u32(), p.size = at.u32();
  if (version != 0x01000000 && version != 0x02000000) return std::nullopt;
  if (maker.empty() || !std::ranges::all_of(maker, [](char c) { return c >= ' ' && c <= '~'; }) || size < header) return std::nullopt;
  for (const auto& p : parts)
    if (p.size && !base::fits(p.offset, p.size, std::max<std::uint64_t>(size, b.size()))) return std::nullopt;
  if (parts[0].size == 0 || parts[0].offset < header) return std::nullopt;
  auto out = start("firmware/tplink", fmt::format("TP-Link image of {}", maker), 72, header, size);
  out.facts = {{"maker", maker}, {"version", release}, {"hardware", fmt::format("0x{:08x} revision {}", hardware, revision)}};
  static const base::Buffer plain = {0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb, 0xdd, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x38};
  static const base::Buffer boot = {0x8c, 0xef, 0x33, 0x5b, 0xd5, 0xc5, 0xce, 0xfa, 0xa7, 0x9c, 0x28, 0xda, 0xb2, 0xe9, 0x0f, 0x42};
  const auto over = [&](const base::Buffer& salt) { return std::vector<Piece>{{{0, 76}}, {{}, -1, salt}, {{92, size - 92}}}; };
  out.checks.push_back({"image", Sum::md5, over(plain), {md5.begin(), md5.end()}, {76, 16}, over(boot)});
  static constexpr std::array<std::string_view, 3> names = {"kernel", "rootfs", "boot"};
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (parts[i].size) out.parts.push_back({std::string(names[i]), parts[i]});
  return out;
}

// SEAMA (Alpha Networks; D-Link and others): entities one behind the other, each with texts and,
// when it has content, the md5 of it. OpenWrt seama.h.
std::optional<Layout> seama(base::Bytes b) {
  Layout out{.kind = "firmware/seama", .detail = "SEAMA image", .strength = 72};
  std::uint64_t offset = 0;
  for (int i = 0; i < 64; ++i) {
    base::Cursor at(base::slice(b, offset), std::endian::big);
    if (at.u32() != 0x5EA3A417) break;
    at.skip(2);
    const std::uint64_t texts = at.u16(), size = at.u32();
    const auto md5 = size ? at.take(16) : base::Bytes{};
    const auto about = at.take(texts);
    if (!at.ok() || (texts && (about.empty() || about.back() != 0))) break;
    if (size > at.left()) break;
    const auto content = offset + at.position();
    out.parts.push_back({"SEAMA header", {offset, at.position()}, Role::structure});
    for (std::size_t from = 0; from < about.size();) {
      const auto text = field_text(about.subspan(from));
      if (const auto equals = text.find('='); equals != text.npos) out.facts[text.substr(0, equals)] = text.substr(equals + 1);
      from += base::text_of(about.subspan(from)).find('\0') + 1;
    }
    if (size) {
      out.parts.push_back({fmt::format("image-{}", i), {content, size}});
      out.checks.push_back({fmt::format("image-{}", i), Sum::md5, {{{content, size}}}, {md5.begin(), md5.end()}, {offset + 12, 16}});
    }
    offset = content + size;
  }
  out.end = offset;
  return offset ? std::optional(out) : std::nullopt;
}

// Netgear's CHK: the header says how long it is, and holds sums of kernel, root and itself. The
// sums are Fletcher-like; that of the header proves it.
std::uint32_t netgear_sum(base::Bytes bytes, base::Range blank) {
  std::uint32_t c0 = 0, c1 = 0;
  for (std::uint64_t i = 0; i < bytes.size(); ++i) {
    c0 += i >= blank.offset && i < blank.end() ? 0 : bytes[i];
    c1 += c0;
  }
  const auto fold = [](std::uint32_t v) {
    v = (v & 0xffff) + (v >> 16);
    return ((v >> 16) + v) & 0xffff;
  };
  return fold(c1) << 16 | fold(c0);
}
std::optional<Layout> chk(base::Bytes b) {
  base::Cursor at(b, std::endian::big);
  if (at.u32() != 0x2A23245E) return std::nullopt;
  const std::uint64_t header = at.u32();
  at.skip(8 + 8);
  const std::uint64_t kernel = at.u32(), root = at.u32();
  at.skip(4);
  const auto sum = at.u32();
  if (!at.ok() || header < 40 || header > 1024 || header > b.size() || kernel == 0) return std::nullopt;
  if (netgear_sum(b.first(header), {36, 4}) != sum) return std::nullopt;
  auto out = start("firmware/chk", "Netgear CHK image", 90, header, header + kernel + root);
  out.facts = {{"board", field_text(b.subspan(40, header - 40))}};
  out.parts.push_back({"kernel", {header, kernel}});
  if (root) out.parts.push_back({"rootfs", {header + kernel, root}});
  return out;
}

// Realtek's sections: a four-letter name, addresses, a length that counts a sum of 16 bits, which
// makes the sum of all words zero.
std::optional<Layout> realtek(base::Bytes b) {
  static constexpr std::array<std::string_view, 8> names = {"cs6c", "csys", "cr6c", "r6cr", "csro", "boot", "w6cg", "w6cp"};
  Layout out{.kind = "firmware/realtek", .detail = "Realtek image", .strength = 64};
  std::uint64_t offset = 0;
  for (int i = 0; i < 16; ++i) {
    base::Cursor at(base::slice(b, offset), std::endian::big);
    const auto name = base::text_of(at.take(4));
    const auto load = at.u32(), burn = at.u32();
    const std::uint64_t size = at.u32();
    if (!at.ok() || std::ranges::find(names, name) == names.end() || size < 4 || size > at.left()) break;
    if (i == 0 && (size < 256 || (burn & 0xff) || load == 0)) return std::nullopt;
    out.parts.push_back({"Realtek header", {offset, 16}, Role::structure});
    out.parts.push_back({std::string(name), {offset + 16, size}});
    offset += 16 + size;
  }
  out.end = offset;
  return offset ? std::optional(out) : std::nullopt;
}

// ZyNOS: 48 bytes in front of a part of flash memory, "SIG" inside. Zyxel's image of the whole is a
// list of such parts.
std::optional<Layout> zynos(base::Bytes b) {
  if (b.size() < 64 || base::text_of(b.subspan(6, 3)) != "SIG") return std::nullopt;
  base::Cursor at(b, std::endian::big);
  at.seek(9);
  const auto type = at.u8();
  const std::uint64_t plain = at.u32(), packed = at.u32();
  const auto flags = at.u8();
  at.seek(24);
  const auto version = field_text(at.take(15));
  const auto size = packed ? packed : plain;
  if (type > 8 || size < 64 || size > b.size() - 48 || plain > (256u << 20) || flags & 0x03) return std::nullopt;
  auto out = start("firmware/zynos", "ZyNOS image", 48, 48, 48 + size);
  out.facts = {{"version", version}, {"type", fmt::format("{}", type)}};
  out.parts.push_back({"image", {48, size}});
  return out;
}

// Arcadyan: LZMA behind a length, with two blocks of 32 bytes exchanged and the digits and bytes
// of the first one turned around. No secret is needed to undo it.
base::Buffer arcadyan_plain(base::Bytes b) {
  base::Buffer out;
  if (b.size() < 0x88 - 4) return out;
  const auto add = [&](base::Bytes part) { out.insert(out.end(), part.begin(), part.end()); };
  add(b.subspan(0x64, 0x20));
  add(b.subspan(0x20, 0x44));
  add(b.first(0x20));
  add(b.subspan(0x84));
  for (int i = 0; i < 32; ++i) out[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(out[static_cast<std::size_t>(i)] << 4 | out[static_cast<std::size_t>(i)] >> 4);
  for (std::size_t i = 0; i < 32; i += 2) std::swap(out[i], out[i + 1]);
  return out;
}
std::optional<Layout> arcadyan(base::Bytes b) {
  if (b.size() < 0x100 || b[0x68] != 0x00 || b[0x69] != 0xD5 || b[0x6a] != 0x08 || b[0x6b] != 0x00) return std::nullopt;
  const auto begin = arcadyan_plain(b.subspan(4, 0x90));
  base::Cursor at(begin);
  const auto properties = at.u8();
  const auto dictionary = at.u32();
  const auto size = at.u64();
  if (properties != 0x5d || dictionary < 1u << 16 || (dictionary & (dictionary - 1)) || size == 0 || size > (1u << 30) || at.u8() != 0) return std::nullopt;
  auto out = start("firmware/arcadyan", "Arcadyan obfuscated image", 88, 4, b.size());
  out.parts.push_back({"image.lzma", {4, b.size() - 4}, Role::member, "", arcadyan_plain});
  return out;
}

// Broadcom's ProgramStore of cable modems: 92 bytes with a CRC-16 of their first 84.
std::optional<Layout> program_store(base::Bytes b) {
  constexpr std::uint64_t header = 92;
  if (b.size() <= header) return std::nullopt;
  base::Cursor at(b, std::endian::big);
  at.skip(2);
  const auto control = at.u16();
  at.skip(4);
  at.skip(4);
  const std::uint64_t size = at.u32();
  at.skip(4);
  const auto name = field_text(at.take(48));
  at.skip(8 + 8);
  const auto sum = at.u16();
  at.skip(2);
  const auto crc = at.u32();
  if (name.empty() || size == 0 || size > b.size() - header || (control & 0xff) > 7) return std::nullopt;
  // CRC-16/X-25 turned around: start and end with ones, most significant bit first.
  std::uint32_t c = 0xffff;
  for (const auto byte : b.first(84)) {
    c ^= static_cast<std::uint32_t>(byte) << 8;
    for (int bit = 0; bit < 8; ++bit) c = c & 0x8000 ? c << 1 ^ 0x1021 : c << 1;
    c &= 0xffff;
  }
  if ((~c & 0xffff) != sum) return std::nullopt;
  auto out = start("firmware/program-store", "Broadcom ProgramStore image", 64, header, header + size);
  static constexpr std::array<std::string_view, 8> packings = {"none", "lz", "mini-lzo", "reserved", "nrv2d99", "lzma", "", ""};
  out.facts = {{"name", name}, {"compression", std::string(packings[control & 7])}};
  out.checks.push_back({"image", Sum::crc32, {{{header, size}}}, to_bytes(crc), {88, 4}});
  out.parts.push_back({"image", {header, size}});
  return out;
}

// D-Link's encrypted images, whose keys are the maker's.
std::optional<Layout> dlink(base::Bytes b) {
  const auto encrypted = [&](std::string kind, std::string detail, std::uint64_t header, std::uint64_t size) {
    auto out = start(std::move(kind), std::move(detail), 72, header, header + size);
    out.parts.push_back({"the image", {header, size}, Role::encrypted});
    return out;
  };
  base::Cursor at(b, std::endian::big);
  const auto magic = base::text_of(at.take(4));
  if (magic == "SHRS") {
    at.skip(4);
    const std::uint64_t size = at.u32();
    if (size && size % 16 == 0 && base::fits(0x6dc, size, b.size())) return encrypted("firmware/shrs", "D-Link SHRS image, encrypted", 0x6dc, size);
  }
  if (magic == "MH01" && b.size() > 0x51) {
    at.set_endian(std::endian::little);
    const std::uint64_t size = at.u32();
    if (base::starts_with(b.subspan(16), "MH01") && base::text_of(b.subspan(0x41, 8)) == "Salted__" && size < b.size()) return encrypted("firmware/mh01", "D-Link MH01 image, encrypted", 0x41, b.size() - 0x41);
  }
  return std::nullopt;
}

// DrayTek: 256 bytes and the image's size with them; a file system; the md5 as text behind.
std::optional<Layout> draytek(base::Bytes b) {
  constexpr std::uint64_t header = 256;
  base::Cursor at(b, std::endian::big);
  if (base::text_of(at.take(4)) != "2RDH" || at.u32() != header) return std::nullopt;
  const std::uint64_t size = at.u32();
  at.seek(0x54);
  const std::uint64_t root = at.u32();
  if (!at.ok() || size > b.size() || root == 0 || !base::fits(header, root, size)) return std::nullopt;
  auto out = start("firmware/draytek", "DrayTek image", 72, header, size);
  out.parts.push_back({"rootfs", {header, root}});
  if (size > header + root) out.parts.push_back({"digest", {header + root, size - header - root}, Role::structure});
  return out;
}

}  // namespace

const std::vector<Format>& router_formats() {
  static const std::vector<Format> all = {
      {"firmware/trx", "Broadcom", trx}, {"firmware/cybertan", "CyberTAN", cybertan}, {"firmware/tplink", "TP-Link", tplink},
      {"firmware/seama", "Alpha Networks", seama}, {"firmware/chk", "Netgear", chk}, {"firmware/realtek", "Realtek", realtek},
      {"firmware/zynos", "Zyxel", zynos}, {"firmware/arcadyan", "Arcadyan", arcadyan}, {"firmware/program-store", "Broadcom", program_store},
      {"firmware/shrs", "D-Link", dlink}, {"firmware/draytek", "DrayTek", draytek},
  };
  return all;
}

std::optional<Layout> vendor(base::Bytes bytes) {
  for (const auto* formats : {&router_formats(), &device_formats()})
    for (const auto& format : *formats)
      if (auto found = format.read(bytes)) return found;
  return std::nullopt;
}

}  // namespace parse::firmware
