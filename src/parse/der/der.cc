#include "parse/der/der.h"

#include "base/cursor.h"

namespace parse::der {

using base::Bytes;
using base::Result;
using base::Trouble;

Result<Element> first(Bytes bytes) {
  base::Cursor in(bytes);
  Element out;
  out.tag = in.u8();
  out.number = out.tag & 0x1f;
  if (out.number == 0x1f) {
    out.number = 0;
    for (int i = 0;; ++i) {
      if (i == 5) return base::fail(Trouble::malformed, "a DER tag number is longer than 5 bytes");
      const auto b = in.u8();
      CHECK_OK(in.status("a DER tag"));
      out.number = (out.number << 7) | (b & 0x7f);
      if (!(b & 0x80)) break;
    }
  }
  std::uint64_t length = in.u8();
  CHECK_OK(in.status("a DER header"));
  if (length == 0x80) return base::fail(Trouble::unsupported, "an indefinite BER length");
  if (length & 0x80) {
    const auto count = length & 0x7f;
    if (count > 8) return base::fail(Trouble::malformed, "a DER length of {} bytes", count);
    length = 0;
    for (std::uint64_t i = 0; i < count; ++i) length = (length << 8) | in.u8();
  }
  out.content = in.take(length);
  CHECK_OK(in.status("a DER element"));
  out.whole = bytes.first(in.position());
  return out;
}

Result<std::vector<Element>> all(Bytes bytes, std::size_t most) {
  std::vector<Element> out;
  while (!bytes.empty()) {
    if (out.size() >= most) return base::fail(Trouble::limit, "more than {} DER elements in one", most);
    out.push_back(TRY(first(bytes)));
    bytes = bytes.subspan(out.back().whole.size());
  }
  return out;
}

Result<> walk(Bytes bytes, const std::function<bool(const Element&, unsigned)>& visit, std::size_t most) {
  std::vector<Bytes> open = {bytes};  // rest of each level
  std::size_t count = 0;
  while (!open.empty()) {
    auto& rest = open.back();
    if (rest.empty()) {
      open.pop_back();
      continue;
    }
    const auto element = TRY(first(rest));
    rest = rest.subspan(element.whole.size());
    if (++count > most) return base::fail(Trouble::limit, "more than {} DER elements", most);
    const bool enter = visit(element, static_cast<unsigned>(open.size() - 1));
    if (!enter || !element.constructed()) continue;
    if (open.size() >= most_depth) return base::fail(Trouble::limit, "DER nested deeper than {}", most_depth);
    open.push_back(element.content);
  }
  return {};
}

std::string oid_text(Bytes content) {
  if (content.empty() || content.size() > 64 || (content.back() & 0x80)) return {};
  std::string out;
  std::uint64_t value = 0;
  for (const auto b : content) {
    if (value >> 56) return {};
    value = (value << 7) | (b & 0x7f);
    if (b & 0x80) continue;
    if (out.empty()) {
      const auto top = std::min<std::uint64_t>(value / 40, 2);
      out = fmt::format("{}.{}", top, value - top * 40);
    } else {
      out += fmt::format(".{}", value);
    }
    value = 0;
  }
  return out;
}

namespace {

void put_utf8(std::string& out, std::uint32_t c) {
  if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) c = 0xfffd;
  if (c < 0x80) out += static_cast<char>(c);
  else if (c < 0x800) {
    out += static_cast<char>(0xc0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

bool digits(std::string_view text) {
  for (const char c : text)
    if (c < '0' || c > '9') return false;
  return true;
}

}  // namespace

std::string string_text(const Element& element) {
  const auto content = base::slice(element.content, 0, 1024);
  const std::size_t width = element.is(bmp_string) ? 2 : element.is(universal_string) ? 4 : 1;
  if (width == 1 && !element.is(t61_string)) return std::string(base::text_of(content));
  std::string out;  // T61 is read as Latin-1, as everybody does
  for (std::size_t i = 0; i + width <= content.size(); i += width) {
    std::uint32_t c = 0;
    for (std::size_t k = 0; k < width; ++k) c = (c << 8) | content[i + k];
    put_utf8(out, c);
  }
  return out;
}

std::string date_text(const Element& element) {
  const auto text = base::text_of(element.content);
  if (element.is(utc_time) && text.size() >= 6 && digits(text.substr(0, 6)))
    return fmt::format("{}{}-{}-{}", text[0] < '5' ? "20" : "19", text.substr(0, 2), text.substr(2, 2), text.substr(4, 2));
  if (element.is(generalized_time) && text.size() >= 8 && digits(text.substr(0, 8)))
    return fmt::format("{}-{}-{}", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2));
  return {};
}

unsigned integer_bits(Bytes content) {
  if (content.empty() || (content[0] & 0x80)) return 0;
  std::size_t i = 0;
  while (i < content.size() && content[i] == 0) ++i;
  if (i == content.size() || content.size() - i > (1u << 20)) return 0;
  return static_cast<unsigned>((content.size() - i - 1) * 8 + (32 - static_cast<unsigned>(__builtin_clz(content[i]))));
}

}  // namespace parse::der
