#include "code/machine/password_check.h"

#include <algorithm>
#include <array>
#include <optional>

namespace code::machine {
namespace {

struct Reader {
  std::string_view name;
  int buffer;  ///< argument that is filled; -1 = the result
};
constexpr auto readers = std::to_array<Reader>({
    {"read", 1}, {"recv", 1}, {"recvfrom", 1}, {"fgets", 0}, {"gets", 0}, {"gets_s", 0}, {"fread", 0}, {"getline", 0}, {"scanf", 1}, {"fscanf", 2}, {"scanf_s", 1},
    {"fgetws", 0}, {"_getws", 0}, {"wscanf", 1}, {"wscanf_s", 1}, {"_read", 1}, {"getpass", -1}, {"getpass_r", 1}, {"readpassphrase", 1}, {"readline", -1}, {"_getch", -1},
    {"ReadConsoleW", 1}, {"ReadConsoleA", 1}, {"wgetnstr", 1}, {"wgetstr", 1}, {"SSL_read", 1}, {"EVP_read_pw_string", 0},
});
constexpr auto comparers = std::to_array<std::string_view>({"strcmp", "strncmp", "strcasecmp", "strncasecmp", "memcmp", "bcmp", "wcscmp", "wcsncmp", "wcsicmp", "_wcsicmp", "stricmp",
    "_stricmp", "strcmpi", "_mbscmp", "lstrcmpA", "lstrcmpW", "lstrcmpiA", "lstrcmpiW", "g_strcmp0", "CRYPTO_memcmp", "consttime_memequal", "timingsafe_bcmp", "strcoll"});
constexpr auto writers = std::to_array<std::string_view>({"puts", "printf", "fputs", "fprintf", "write", "send", "putws", "_putws", "wprintf", "fwprintf", "fputws", "wprintf_s", "printf_s", "fwrite",
    "dprintf", "SSL_write", "perror", "printw", "waddnstr", "addstr", "_cputs", "cputs", "_write", "WriteConsoleW", "WriteConsoleA", "__stdio_common_vfprintf", "getpass", "readpassphrase", "readline", "EVP_read_pw_string", "getpass_r"});

/// Static C libraries name their functions __read, Windows' _read: underscores don't count.
std::string_view bare(std::string_view name) {
  while (name.starts_with('_')) name.remove_prefix(1);
  return name;
}

const Reader* reader_named(std::string_view name) {
  for (const auto& r : readers)
    if (bare(r.name) == bare(name)) return &r;
  return nullptr;
}

bool writes(std::string_view name) { return std::ranges::any_of(writers, [&](auto w) { return bare(w) == bare(name); }); }

std::optional<std::string> text_of(const Image& image, const Value& v) {
  const auto n = number_of(image, v);
  return n ? image.text_at(*n) : std::nullopt;
}

/// The buffer that a value stands for: a loaded cell that holds an address is that address.
Value buffer_of(const Image& image, const Value& v) {
  if (v.kind == Value::Kind::loaded)
    if (const auto n = number_of(image, v); n && *n) return constant(*n);
  return v;
}

struct Asked {
  std::string input, prompt;
};

class Search {
 public:
  Search(const Image& image, const std::vector<Call>& calls) : image_(image), calls_(calls) {
    for (std::size_t i = 0; i < calls.size(); ++i) by_target_.emplace(calls[i].target, i);
  }

  /// Was this value, seen in the function of call `at`, filled by an input that a password prompt precedes?
  std::optional<Asked> asked(std::size_t at, Value value, int depth) const {
    value = buffer_of(image_, value);
    const auto function = calls_[at].function;
    if (value.kind == Value::Kind::result) {
      const auto& from = calls_[static_cast<std::size_t>(value.n)];
      const auto* r = reader_named(from.name);
      return r && r->buffer < 0 ? prompted(static_cast<std::size_t>(value.n)) : std::nullopt;
    }
    if (value.kind == Value::Kind::stack || value.kind == Value::Kind::constant) {
      // Same function, in any order: loops put the comparison before or after the input.
      for (auto i = first_of(function, at); i < calls_.size() && calls_[i].function == function; ++i) {
        const auto* r = reader_named(calls_[i].name);
        if (!r || r->buffer < 0 || !(buffer_of(image_, calls_[i].arguments[static_cast<std::size_t>(r->buffer)]) == value)) continue;
        if (auto found = prompted(i)) return found;
      }
      return std::nullopt;
    }
    if (value.kind == Value::Kind::param && depth < 3 && value.n < 5) {
      const auto [from, to] = by_target_.equal_range(function);
      for (auto c = from; c != to; ++c)
        if (auto found = asked(c->second, calls_[c->second].arguments[static_cast<std::size_t>(value.n)], depth + 1)) return found;
    }
    return std::nullopt;
  }

 private:
  std::size_t first_of(std::uint64_t function, std::size_t at) const {
    while (at > 0 && calls_[at - 1].function == function) --at;
    return at;
  }

  /// The last text shown before an input in its function asks for a password.
  std::optional<Asked> prompted(std::size_t input) const {
    for (auto i = input + 1; i-- > 0 && calls_[i].function == calls_[input].function && input - i < 12;) {
      // A function without a name that is given a text counts as showing it: printf is often inlined or wrapped.
      if (!writes(calls_[i].name) && !calls_[i].name.empty()) continue;
      for (const auto& a : calls_[i].arguments) {
        const auto text = text_of(image_, a);
        if (!text || text->size() < 3) continue;
        if (!asks_for_password(*text)) return std::nullopt;
        return Asked{calls_[input].name, *text};
      }
    }
    return std::nullopt;
  }

  const Image& image_;
  const std::vector<Call>& calls_;
  std::multimap<std::uint64_t, std::size_t> by_target_;
};

}  // namespace

bool compares(std::string_view function) { return std::ranges::any_of(comparers, [&](auto c) { return bare(c) == bare(function); }); }
bool reads_input(std::string_view function) { return reader_named(function) != nullptr; }

bool asks_for_password(std::string_view text) {
  std::string lower;
  for (const char c : text) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  for (const std::string_view word : {"password", "passwd", "passphrase", "passcode", "pass word", "pin code", "secret code", "access code", "login key", "unlock code", "passwort", "mot de passe", "contrase"})
    if (lower.find(word) != std::string::npos) return lower.size() < 80;
  return lower == "pin:" || lower == "pin: " || lower == "code: " || lower == "key: " || lower == "pass:" || lower == "pass: ";
}

std::vector<PasswordCheck> password_checks(const Image& image, const std::vector<Call>& calls) {
  std::vector<PasswordCheck> out;
  const Search search(image, calls);
  for (std::size_t i = 0; i < calls.size() && out.size() < 64; ++i) {
    const auto& c = calls[i];
    if (!compares(c.name)) continue;
    for (const int side : {0, 1}) {
      const auto text = text_of(image, c.arguments[static_cast<std::size_t>(side)]);
      // Short texts, and texts with blanks or line ends, are answers and commands.
      if (!text || text->size() < 4 || text->find_first_of(" \n\r\t%") != std::string::npos) continue;
      const auto& other = c.arguments[static_cast<std::size_t>(1 - side)];
      if (text_of(image, other)) continue;
      const auto asked = search.asked(i, other, 0);
      if (!asked) continue;
      PasswordCheck check;
      check.text = *text;
      check.text_offset = image.offset_of(*number_of(image, c.arguments[static_cast<std::size_t>(side)])).value_or(0);
      check.call_offset = image.offset_of(c.address).value_or(0);
      check.comparison = c.name;
      check.input = asked->input;
      check.prompt = asked->prompt;
      out.push_back(std::move(check));
      break;
    }
  }
  return out;
}

}  // namespace code::machine
