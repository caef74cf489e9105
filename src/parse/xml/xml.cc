// See xml.h.
#include "parse/xml/xml.h"

#include <charconv>

namespace parse::xml {
namespace {

using base::Trouble;

constexpr int most_depth = 100;
constexpr std::size_t most_elements = 500'000;

void append_character(std::string& out, std::uint32_t c) {
  if (c < 0x80) out += static_cast<char>(c);
  else if (c < 0x800) out += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
  else if (c < 0x10000) out += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
  else if (c < 0x110000) out += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)), static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
}

void append_text(std::string& out, std::string_view raw) {
  for (std::size_t i = 0; i < raw.size();) {
    const auto end = raw[i] == '&' ? raw.substr(i, 12).find(';') : raw.npos;
    if (end == raw.npos) {
      out += raw[i++];
      continue;
    }
    const auto name = raw.substr(i + 1, end - 1);
    if (name == "lt") out += '<';
    else if (name == "gt") out += '>';
    else if (name == "amp") out += '&';
    else if (name == "quot") out += '"';
    else if (name == "apos") out += '\'';
    else if (name.starts_with('#')) {
      const bool hex = name.starts_with("#x");
      std::uint32_t c = 0;
      std::from_chars(name.data() + (hex ? 2 : 1), name.data() + name.size(), c, hex ? 16 : 10);
      append_character(out, c);
    }
    i += end + 1;
  }
}

class Reading {
 public:
  explicit Reading(std::string_view text) : text_(text) {}

  base::Result<Element> root() {
    Element none;
    while (at_ < text_.size()) {
      const auto open = text_.find('<', at_);
      if (open == text_.npos) break;
      at_ = open;
      if (pass_markup(none)) continue;
      Element out;
      CHECK_OK(element(out, 0));
      return out;
    }
    return base::fail(Trouble::malformed, "the XML holds no element");
  }

 private:
  // Comments, instructions, declarations and CDATA (whose text goes to `into`).
  bool pass_markup(Element& into) {
    const auto rest = text_.substr(at_);
    const auto behind = [&](std::string_view end) {
      const auto found = text_.find(end, at_);
      at_ = found == text_.npos ? text_.size() : found + end.size();
    };
    if (rest.starts_with("<!--")) behind("-->");
    else if (rest.starts_with("<?")) behind("?>");
    else if (rest.starts_with("<![CDATA[")) {
      const auto from = at_ + 9;
      behind("]]>");
      into.text += text_.substr(from, at_ - from - std::min<std::size_t>(3, at_ - from));
    } else if (rest.starts_with("<!")) behind(">");
    else return false;
    return true;
  }

  // at_ stands on the '<' of an opening tag.
  base::Result<> element(Element& out, int depth) {
    if (depth > most_depth || ++elements_ > most_elements) return base::fail(Trouble::limit, "XML of more than {} elements or deeper than {}", most_elements, most_depth);
    const auto close = tag_end();
    if (close == text_.npos) return base::fail(Trouble::truncated, "an XML tag does not end");
    auto tag = text_.substr(at_ + 1, close - at_ - 1);
    at_ = close + 1;
    const bool empty = tag.ends_with('/');
    if (empty) tag.remove_suffix(1);
    const auto blank = tag.find_first_of(" \t\r\n");
    out.name = tag.substr(0, blank);
    if (blank != tag.npos) out.attributes = tag.substr(blank);
    if (out.name.empty() || out.name[0] == '/') return base::fail(Trouble::malformed, "an XML tag at byte {} has no name", at_);
    if (empty) return {};
    for (;;) {
      const auto open = text_.find('<', at_);
      if (open == text_.npos) return base::fail(Trouble::truncated, "the XML element {} does not end", out.name);
      append_text(out.text, text_.substr(at_, open - at_));
      at_ = open;
      if (pass_markup(out)) continue;
      if (text_.substr(at_).starts_with("</")) {
        const auto end = text_.find('>', at_);
        if (end == text_.npos || !text_.substr(at_ + 2).starts_with(out.name)) return base::fail(Trouble::malformed, "the XML element {} is closed by another", out.name);
        at_ = end + 1;
        return {};
      }
      out.children.emplace_back();
      CHECK_OK(element(out.children.back(), depth + 1));
    }
  }

  // The '>' of a tag, one in quotes left out.
  std::size_t tag_end() const {
    char quote = 0;
    for (auto i = at_; i < text_.size(); ++i) {
      const char c = text_[i];
      if (quote) quote = c == quote ? 0 : quote;
      else if (c == '"' || c == '\'') quote = c;
      else if (c == '>') return i;
    }
    return text_.npos;
  }

  std::string_view text_;
  std::size_t at_ = 0, elements_ = 0;
};

}  // namespace

const Element* Element::child(std::string_view of) const {
  for (const auto& c : children)
    if (c.name == of) return &c;
  return nullptr;
}
std::string_view Element::text_of(std::string_view of) const {
  const auto* found = child(of);
  return found ? std::string_view(found->text) : std::string_view{};
}
std::string_view Element::attribute(std::string_view of) const {
  for (std::size_t at = 0; (at = attributes.find(of, at)) != attributes.npos; ++at) {
    if (at == 0 || (attributes[at - 1] != ' ' && attributes[at - 1] != '\t' && attributes[at - 1] != '\n')) continue;
    const auto rest = attributes.substr(at + of.size());
    if (rest.size() < 3 || rest[0] != '=' || (rest[1] != '"' && rest[1] != '\'')) continue;
    return rest.substr(2, rest.find(rest[1], 2) - 2);
  }
  return {};
}

base::Result<Element> read(std::string_view text) { return Reading(text).root(); }

std::optional<std::uint64_t> decimal_of(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t')) text.remove_suffix(1);
  while (!text.empty() && (text[0] == ' ' || text[0] == '\n' || text[0] == '\r' || text[0] == '\t')) text.remove_prefix(1);
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::vector<std::uint8_t> base64_of(std::string_view text) {
  std::vector<std::uint8_t> out;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    int v = -1;
    if (c >= 'A' && c <= 'Z') v = c - 'A';
    else if (c >= 'a' && c <= 'z') v = c - 'a' + 26;
    else if (c >= '0' && c <= '9') v = c - '0' + 52;
    else if (c == '+') v = 62;
    else if (c == '/') v = 63;
    else if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    else break;
    held = held << 6 | static_cast<std::uint32_t>(v);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<std::uint8_t>(held >> bits));
    }
  }
  return out;
}

}  // namespace parse::xml
