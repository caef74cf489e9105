// See toml.h.
#include "parse/toml/toml.h"

#include <charconv>
#include <optional>

namespace parse::toml {
namespace {

using base::Trouble;

constexpr std::size_t most_depth = 64;
constexpr std::size_t most_values = 500'000;

bool is_bare(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; }

void append_character(std::string& out, std::uint32_t c) {
  if (c < 0x80) out += static_cast<char>(c);
  else if (c < 0x800) out += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
  else if (c < 0x10000) out += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
  else if (c < 0x110000) out += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)), static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
}

class Reading {
 public:
  Reading(std::string_view text, const std::function<void(const Value&)>& use) : text_(text), use_(use) {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
  }

  base::Result<> document() {
    std::size_t table = 0;  // how many keys of path_ the last [header] gave
    for (pass_blank(true); at_ < text_.size(); pass_blank(true)) {
      path_.resize(text_[at_] == '[' ? 0 : table);
      if (text_[at_] == '[') {
        CHECK_OK(header());
        table = path_.size();
      } else {
        CHECK_OK(pair(0));
      }
      pass_blank(false);
      if (at_ < text_.size() && text_[at_] != '\n') return wrong("more behind a value");
    }
    return {};
  }

 private:
  base::Result<> wrong(std::string_view what) const {
    return base::fail(at_ < text_.size() ? Trouble::malformed : Trouble::truncated, "TOML at byte {}: {}", at_, what);
  }

  bool next(std::string_view wanted) {
    if (!text_.substr(at_).starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
  }

  void pass_blank(bool lines) {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        if (at_ == text_.size() || !lines) return;
      } else if (c != ' ' && c != '\t' && c != '\r' && (c != '\n' || !lines)) {
        return;
      }
    }
  }

  base::Result<> give(Kind kind, std::string text, std::size_t from) {
    if (++given_ > most_values) return base::fail(Trouble::limit, "TOML of more than {} values", most_values);
    use_({path_, kind, std::move(text), {from, at_ - from}});
    return {};
  }

  base::Result<> header() {
    const auto from = at_;
    const bool array = next("[[");
    if (!array) ++at_;
    CHECK_OK(keys());
    if (!next(array ? "]]" : "]")) return wrong("a table's header does not end");
    return give(Kind::table, {}, from);
  }

  // a . "b" . 'c'  onto path_
  base::Result<> keys() {
    do {
      pass_blank(false);
      if (path_.size() >= most_depth) return base::fail(Trouble::limit, "TOML deeper than {}", most_depth);
      std::string key;
      if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
        CHECK_OK(string(key));
      } else {
        const auto from = at_;
        while (at_ < text_.size() && is_bare(text_[at_])) ++at_;
        if (at_ == from) return wrong("no key where one has to be");
        key = text_.substr(from, at_ - from);
      }
      path_.push_back(std::move(key));
      pass_blank(false);
    } while (next("."));
    return {};
  }

  base::Result<> pair(std::size_t depth) {
    CHECK_OK(keys());
    if (!next("=")) return wrong("no = behind a key");
    pass_blank(false);
    return value(depth);
  }

  base::Result<> value(std::size_t depth) {
    if (depth > most_depth) return base::fail(Trouble::limit, "TOML deeper than {}", most_depth);
    if (at_ >= text_.size()) return wrong("no value");
    const auto from = at_;
    const char c = text_[at_];
    if (c == '"' || c == '\'') {
      std::string text;
      CHECK_OK(string(text));
      return give(Kind::string, std::move(text), from);
    }
    if (c == '[') return array(depth);
    if (c == '{') return table(depth);
    while (at_ < text_.size() && (is_bare(text_[at_]) || text_[at_] == '+' || text_[at_] == '.' || text_[at_] == ':')) ++at_;
    if (at_ == from) return wrong("no value");
    return give(Kind::other, std::string(text_.substr(from, at_ - from)), from);
  }

  base::Result<> array(std::size_t depth) {
    ++at_;
    for (;;) {
      pass_blank(true);
      if (next("]")) return {};
      CHECK_OK(value(depth + 1));
      pass_blank(true);
      if (!next(",") && (at_ >= text_.size() || text_[at_] != ']')) return wrong("an array does not end");
    }
  }

  base::Result<> table(std::size_t depth) {
    const auto from = at_++;
    CHECK_OK(give(Kind::table, {}, from));
    const auto outer = path_.size();
    for (;;) {
      pass_blank(true);  // line ends and a last comma: TOML 1.1
      if (next("}")) return {};
      CHECK_OK(pair(depth + 1));
      path_.resize(outer);
      pass_blank(true);
      if (!next(",") && (at_ >= text_.size() || text_[at_] != '}')) return wrong("an inline table does not end");
    }
  }

  base::Result<> string(std::string& out) {
    const char quote = text_[at_];
    const auto three = std::string(3, quote);
    const bool block = next(three);
    if (!block) ++at_;
    if (block && !next("\r\n")) (void)next("\n");
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (block ? text_.substr(at_).starts_with(three) : c == quote) {
        at_ += block ? 3 : 1;
        // Up to two quotes may stand before the three that end it.
        for (int more = 0; block && more < 2 && at_ < text_.size() && text_[at_] == quote; ++more, ++at_) out += quote;
        return {};
      }
      if (c == '\n' && !block) return wrong("a string goes over its line");
      ++at_;
      if (c == '\\' && quote == '"') {
        CHECK_OK(escape(out));
      } else {
        out += c;
      }
    }
    return wrong("a string does not end");
  }

  // at_ stands behind the backslash.
  base::Result<> escape(std::string& out) {
    if (at_ >= text_.size()) return wrong("a string does not end");
    const char c = text_[at_++];
    static constexpr std::string_view names = "btnfre\"\\", means = "\b\t\n\f\r\x1b\"\\";
    if (const auto known = names.find(c); known != names.npos) {
      out += means[known];
    } else if (c == 'u' || c == 'U' || c == 'x') {
      const std::size_t digits = c == 'u' ? 4 : c == 'U' ? 8 : 2;
      const auto hex = text_.substr(at_, digits);
      std::uint32_t number = 0;
      const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), number, 16);
      if (error != std::errc() || hex.size() < digits || end != hex.data() + digits) return wrong("an escape without its digits");
      append_character(out, number);
      at_ += digits;
    } else if (c == '\n' || c == ' ' || c == '\t' || c == '\r') {
      at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
    } else {
      return wrong("an unknown escape");
    }
    return {};
  }

  std::string_view text_;
  const std::function<void(const Value&)>& use_;
  std::size_t at_ = 0, given_ = 0;
  std::vector<std::string> path_;
};

}  // namespace

base::Result<> read(std::string_view text, const std::function<void(const Value&)>& use) { return Reading(text, use).document(); }

}  // namespace parse::toml
