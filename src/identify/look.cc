// See look.h. The zip directory follows PKWARE's APPNOTE 6.3.10, section 4.3; nothing is unpacked here.
#include "identify/look.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/checked.h"
#include "base/cursor.h"

namespace identify {
namespace {

std::uint64_t number(base::Bytes bytes, std::uint64_t offset, std::size_t size, std::endian endian) {
  base::Cursor at(base::slice(bytes, offset, size), endian);
  return size == 2 ? at.u16() : at.u32();
}

constexpr auto bad_in_text = [] {
  std::array<bool, 256> bad{};
  for (int i = 0; i < 32; ++i) bad[i] = true;
  for (const char c : {'\t', '\n', '\r', '\f', '\x1b', '\b', '\v'}) bad[static_cast<unsigned char>(c)] = false;
  bad[0x7F] = true;
  return bad;
}();

}  // namespace

std::uint32_t little32(base::Bytes b, std::uint64_t o) { return static_cast<std::uint32_t>(number(b, o, 4, std::endian::little)); }
std::uint16_t little16(base::Bytes b, std::uint64_t o) { return static_cast<std::uint16_t>(number(b, o, 2, std::endian::little)); }
std::uint32_t big32(base::Bytes b, std::uint64_t o) { return static_cast<std::uint32_t>(number(b, o, 4, std::endian::big)); }
std::uint16_t big16(base::Bytes b, std::uint64_t o) { return static_cast<std::uint16_t>(number(b, o, 2, std::endian::big)); }

bool has(base::Bytes bytes, std::uint64_t offset, std::string_view magic) {
  return base::fits(offset, magic.size(), bytes.size()) && std::memcmp(bytes.data() + offset, magic.data(), magic.size()) == 0;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::string extension(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot + 1 >= name.size() || name.size() - dot > 20) return {};
  return lower(name.substr(dot + 1));
}

bool one_of(std::string_view word, std::initializer_list<std::string_view> list) { return std::ranges::find(list, word) != list.end(); }

bool is_text(base::Bytes bytes) {
  if (bytes.empty()) return false;
  if (bytes.size() >= 4 && (has(bytes, 0, "\xFF\xFE") || has(bytes, 0, "\xFE\xFF"))) {
    // UTF-16: mostly one zero byte a character, or at least no zero characters.
    std::size_t zero_pairs = 0;
    const auto head = base::slice(bytes, 0, 4096);
    for (std::size_t i = 2; i + 1 < head.size(); i += 2) zero_pairs += head[i] == 0 && head[i + 1] == 0;
    return zero_pairs == 0;
  }
  const auto head = base::slice(bytes, 0, 65536);
  std::size_t bad = 0, high = 0;
  for (const auto b : head) {
    if (b == 0) return false;
    bad += bad_in_text[b];
    high += b >= 0x80;
  }
  // A stray form feed or control byte happens in old manuals; a third of high bytes with control
  // bytes among them is compressed data, not Latin-1.
  return bad * 200 <= head.size() && (bad == 0 || high * 3 <= head.size());
}

std::string_view opening(base::Bytes bytes, std::size_t most) {
  auto text = base::text_of(base::slice(bytes, 0, most));
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

std::string_view trim_front(std::string_view text) {
  const auto at = text.find_first_not_of(" \t\r\n\f");
  return at == std::string_view::npos ? std::string_view{} : text.substr(at);
}

ZipNames zip_names(base::Bytes bytes) {
  ZipNames out;
  if (bytes.size() < 22) return out;
  // The end record stands within the last 65,557 bytes: 22 and a comment.
  const std::uint64_t window_size = std::min<std::uint64_t>(bytes.size(), 65557);
  const auto window = base::text_of(bytes.subspan(bytes.size() - window_size));
  const auto found = window.rfind("PK\x05\x06");
  if (found == std::string_view::npos || window.size() - found < 22) return out;
  const std::uint64_t end = bytes.size() - window_size + found;
  base::Cursor record(bytes.subspan(end));
  record.skip(10);
  const auto count = record.u16();
  const auto size = record.u32();
  const auto offset = record.u32();
  const auto comment = record.u16();
  if (!base::fits(end + 22, comment, bytes.size())) return out;
  std::uint64_t directory = 0;
  if (size != 0xFFFFFFFF && size <= end) {
    directory = end - size;  // what precedes the zip shifts its offsets: the size is the safer guide
  } else if (offset < end) {
    directory = offset;
  } else {
    return out;
  }
  if (count == 0 && size == 0) {
    out.valid = end == 0;
    return out;
  }
  out.start = directory >= offset && offset != 0xFFFFFFFF ? directory - offset : 0;
  base::Cursor at(bytes.subspan(0, end));
  at.seek(directory);
  while (at.left() >= 46 && out.names.size() < 20000) {
    if (at.u32() != 0x02014b50) break;
    at.skip(24);
    const std::uint64_t name = at.u16(), extra = at.u16(), note = at.u16();
    at.skip(12);
    const auto text = base::text_of(at.take(name));
    at.skip(extra + note);
    if (!at.ok()) break;
    out.names.push_back(text);
  }
  out.valid = !out.names.empty();
  return out;
}

}  // namespace identify
