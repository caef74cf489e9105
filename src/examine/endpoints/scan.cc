#include "examine/endpoints/scan.h"

#include <algorithm>
#include <array>

#include "examine/endpoints/address.h"
#include "examine/endpoints/host_name.h"
#include "examine/endpoints/url.h"
#include "examine/endpoints/wallet.h"

namespace examine {
namespace {

using namespace std::string_view_literals;
using evidence::Confidence;

constexpr bool digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool alnum(char c) { return digit(c) || letter(c); }
constexpr bool hex(char c) { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr bool host_character(char c) { return alnum(c) || c == '-' || c == '.' || c == '_'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

constexpr std::array<bool, 256> anchors = [] {
  std::array<bool, 256> out{};
  for (const unsigned char c : ":@.+13bx"sv) out[c] = true;
  return out;
}();

// Top-level domains that are file name extensions at least as often. After an '@' only those that
// hardly any mailbox has; elsewhere also those of countries, where no label stands before the name.
bool looks_like_file(std::string_view name, bool mailbox) {
  static constexpr std::array always = {"so"sv, "py"sv, "sh"sv, "rs"sv, "md"sv, "cc"sv, "zip"sv, "mov"sv};
  static constexpr std::array alone = {"in"sv, "pl"sv, "am"sv, "ps"sv, "la"sv, "do"sv};
  const auto last = name.substr(name.rfind('.') + 1);
  if (std::ranges::find(always, last) != always.end()) return true;
  return !mailbox && std::ranges::find(alone, last) != alone.end() && std::ranges::count(name, '.') == 1;
}

class Scanner {
 public:
  Scanner(std::string_view text, bool code) : text_(text), code_(code) {}

  std::vector<Sighting> run() {
    for (at_ = 0; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (!anchors[static_cast<unsigned char>(c)] || at_ < past_) continue;
      switch (c) {
        case ':': colon(); break;
        case '@': at_sign(); break;
        case '.': dot(); break;
        case '+': plus(); break;
        case 'x': ethereum(); break;
        default: bitcoin(); break;
      }
    }
    return std::move(found_);
  }

 private:
  char before(std::size_t i) const { return i ? text_[i - 1] : '\0'; }
  char after(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  /// Up to n characters before `i`, on the same line, in lower case.
  std::string context(std::size_t i, std::size_t n) const {
    const auto from = i > n ? i - n : 0;
    auto part = text_.substr(from, i - from);
    if (const auto line = part.find_last_of("\n\0"sv); line != std::string_view::npos) part.remove_prefix(line + 1);
    return lower(part);
  }

  void add(Sighting s) {
    std::erase_if(s.attributes, [](const auto& a) { return a.second.empty(); });
    past_ = std::max(past_, s.offset + s.size);
    found_.push_back(std::move(s));
  }

  void colon() {
    if (after(at_ + 1) == '/' || after(at_ + 1) == '\\') {
      if (const auto url = read_url(text_, at_)) return add_url(*url);
    }
    if (phone_scheme()) return;
    ipv6();
  }

  void add_url(const Url& url) {
    const auto sure = url.host_word.empty() ? Confidence::low : Confidence::high;
    if (!url.host_word.empty())
      add({url.host_word == "onion" ? "onion"sv : url.host_word == "ipv4" ? "ipv4"sv : url.host_word == "ipv6" ? "ipv6"sv : "host"sv, url.host,
           {{"label", url.label}, {"via", "url"}}, url.begin, url.end - url.begin, sure});
    add({"url", url.text, {{"label", url.label}, {"host", url.host}, {"scheme", url.scheme}}, url.begin, url.end - url.begin, sure, url.credentials});
  }

  bool phone_scheme() {
    const auto scheme = context(at_, 7);
    if (!std::ranges::any_of(std::array{"tel"sv, "sms"sv, "smsto"sv, "callto"sv}, [&](auto s) {
          return scheme.ends_with(s) && (scheme.size() == s.size() || !alnum(scheme[scheme.size() - s.size() - 1]));
        }))
      return false;
    std::string number;
    std::size_t end = at_ + 1;
    for (; end < text_.size() && end < at_ + 24; ++end) {
      const char c = text_[end];
      if (digit(c) || (c == '+' && number.empty())) number += c;
      else if (c != '-' && c != '.' && c != '(' && c != ')') break;
    }
    if (number.size() < 5) return false;
    add({"phone", number, {{"via", "scheme"}}, at_ + 1, end - at_ - 1, Confidence::high, true});
    return true;
  }

  void ipv6() {
    std::size_t begin = at_;
    while (begin > 0 && at_ - begin < 5 && hex(text_[begin - 1])) --begin;
    if (alnum(before(begin)) || before(begin) == ':' || before(begin) == '_' || before(begin) == '.' || before(begin) == '$') return;
    std::size_t end = at_;
    while (end < text_.size() && end - begin < 46 && (hex(text_[end]) || text_[end] == ':' || text_[end] == '.')) ++end;
    if (alnum(after(end)) || after(end) == '_') return;
    auto run = text_.substr(begin, end - begin);
    while (run.ends_with('.') || (run.ends_with(':') && !run.ends_with("::"))) run.remove_suffix(1);
    const auto colons = std::ranges::count(run, ':');
    if (colons < 2) return;
    const auto address = read_ipv6(run);
    if (!address) return;
    bool long_group = false, any_digit = false;
    std::size_t width = 0;
    for (const char c : run) {
      width = hex(c) ? width + 1 : 0;
      long_group |= width >= 3;
      any_digit |= digit(c);
    }
    const bool framed = before(begin) == '[' && after(begin + run.size()) == ']';
    const bool prefixed = after(begin + run.size()) == '/' && digit(after(begin + run.size() + 1));
    const bool loopback = run == "::1";
    if (!loopback && !(long_group && any_digit && (colons >= 3 || framed || prefixed || run.find("::") > 0))) return;
    if (run.starts_with("::") && !loopback && run.find('.') == std::string_view::npos && !prefixed && !framed) return;
    add({"ipv6", write_ipv6(*address), {{"label", label_of_ipv6(*address)}}, begin, run.size()});
  }

  void at_sign() {
    std::size_t begin = at_;
    while (begin > 0 && at_ - begin < 65 && (alnum(text_[begin - 1]) || "._%+-"sv.find(text_[begin - 1]) != std::string_view::npos)) --begin;
    if (begin < past_) return;
    while (begin < at_ && (text_[begin] == '.' || text_[begin] == '-' || text_[begin] == '%' || text_[begin] == '+')) ++begin;
    std::size_t end = at_ + 1;
    while (end < text_.size() && end - at_ < 255 && host_character(text_[end])) ++end;
    auto host = text_.substr(at_ + 1, end - at_ - 1);
    while (host.ends_with('.') || host.ends_with('-') || host.ends_with('_')) host.remove_suffix(1);
    const auto after_host = at_ + 1 + host.size();
    const auto local = text_.substr(begin, at_ - begin);
    if (local.empty() || local.size() > 64 || host.size() < 4) return;
    const auto name = read_host_name(host);
    const char next = after(after_host), then = after(after_host + 1);
    // user@host:path is a place for ssh, scp or git, not a mailbox.
    if (next == ':' && (then == '/' || then == '~' || alnum(then))) {
      const auto address = name ? std::nullopt : read_ipv4(host);
      if (name && name->domain.size())
        add({name->onion ? "onion"sv : "host"sv, name->name, {{"label", name->label}, {"via", "ssh"}}, begin, after_host - begin});
      else if (address)
        add({"ipv4", std::string(host), {{"label", label_of_ipv4(*address)}, {"via", "ssh"}}, begin, after_host - begin});
      return;
    }
    if (!name || name->domain.empty() || (name->onion && name->broken)) return;
    if (!letter(local.front()) && !digit(local.front()) && local.front() != '_') return;
    const auto last = std::string_view(name->name).substr(name->name.rfind('.') + 1);
    // What a file, a symbol version or a decorator looks like: x@y.so, foo@2x.py
    if (looks_like_file(name->name, true)) return;
    if (name->label.empty() && lower(host) != host && last.size() > 3) return;  // Decorator@Type.name
    add({"mail", lower(text_.substr(begin, after_host - begin)), {{"label", name->label}, {"host", name->name}}, begin, after_host - begin, Confidence::high, true});
  }

  void dot() {
    if (at_ < token_past_) return;
    if (digit(before(at_)) && digit(after(at_ + 1))) {
      if (ipv4()) return;
    }
    if (alnum(before(at_)) && alnum(after(at_ + 1))) host_token();
  }

  bool ipv4() {
    std::size_t begin = at_;
    while (begin > 0 && at_ - begin < 4 && digit(text_[begin - 1])) --begin;
    std::size_t end = at_;
    while (end < text_.size() && end - begin < 17 && (digit(text_[end]) || text_[end] == '.')) ++end;
    auto run = text_.substr(begin, end - begin);
    while (run.ends_with('.')) run.remove_suffix(1);
    end = begin + run.size();
    const auto address = read_ipv4(run);
    if (!address) return false;
    token_past_ = std::max(token_past_, end);  // whatever it is, no later dot starts another
    const char left = before(begin), right = after(end);
    if (alnum(left) || left == '.' || left == '_' || left == '-' || left == '~' || left == '+' || left == '^') return true;
    if (letter(right) || right == '_' || right == '-' || right == '~' || right == '+' || (right == '.' && (alnum(after(end + 1)) || after(end + 1) == '*'))) return true;
    const auto label = label_of_ipv4(*address);
    if (label == "netmask") return true;
    const bool port = right == ':' && digit(after(end + 1)), prefix = right == '/' && digit(after(end + 1));
    const auto words = context(begin, 40);
    const bool addressed = port || prefix || says_address(words) || label == "loopback" || label == "private" || label == "documentation";
    if (!addressed && (says_version(words) || std::ranges::all_of(*address, [](auto b) { return b < 32; }))) return true;
    if (label == "reserved" && !addressed) return true;
    add({"ipv4", std::string(run), {{"label", label}}, begin, run.size(), addressed ? Confidence::high : code_ ? Confidence::medium : Confidence::low});
    return true;
  }

  static bool says_address(std::string_view words) {
    static constexpr std::array list = {"host"sv, "addr"sv, " ip "sv, "ip="sv, "ip:"sv, "ip\""sv, "ipv4"sv, "server"sv, "connect"sv, "ping "sv, "/dev/tcp/"sv, "/dev/udp/"sv,
                                        "ssh "sv, "nc "sv, "ncat "sv, "telnet "sv, "curl "sv, "wget "sv, "dns"sv, "proxy"sv, "gateway"sv, "bind"sv, "listen"sv, "inet"sv, "socket"sv, "@"sv};
    return std::ranges::any_of(list, [&](auto w) { return words.find(w) != std::string_view::npos; });
  }

  static bool says_version(std::string_view words) {
    static constexpr std::array list = {"version"sv, "ver="sv, "ver "sv, "release"sv, "oid"sv, "section"sv, "rfc"sv, "since"sv, "upgrade"sv, "update"sv, "revision"sv,
                                        "upstream"sv, "changes in"sv, "part "sv, "clause"sv, "gcc"sv, ">="sv, "<="sv, "<<"sv, ">>"sv, "=="sv, "(="sv, "~="sv, "package"sv, "fixed in"sv};
    return std::ranges::any_of(list, [&](auto w) { return words.find(w) != std::string_view::npos; });
  }

  // A name that stands alone between quotes or NULs, after a key that says host, after a command
  // that takes a host, or in /dev/tcp/.
  void host_token() {
    std::size_t begin = at_;
    while (begin > 0 && at_ - begin < 64 && (alnum(text_[begin - 1]) || text_[begin - 1] == '-' || text_[begin - 1] == '_')) --begin;
    if (begin < past_ || before(begin) == '.') return;
    std::size_t end = at_;
    while (end < text_.size() && end - begin < 254 && host_character(text_[end])) ++end;
    auto token = text_.substr(begin, end - begin);
    while (token.ends_with('.')) token.remove_suffix(1);
    end = begin + token.size();
    token_past_ = std::max(token_past_, end);
    const char left = before(begin), right = after(end);
    const bool onion = token.size() > 9 && lower(token.substr(token.size() - 6)) == ".onion";
    const auto via = onion ? "onion"sv : host_context(begin, left, right, end);
    if (via.empty()) return;
    if (via == "literal" && (!code_ || !is_plain_host_literal(lower(token)) || lower(token) != token)) return;
    const auto name = read_host_name(token);
    if (!name || name->domain.empty() || (name->onion && name->broken)) return;
    if (via == "field" && !is_plain_host_literal(name->name)) return;
    if (via == "command" && looks_like_file(name->name, false)) return;
    add({name->onion ? "onion"sv : "host"sv, name->name, {{"label", name->label}, {"via", std::string(via)}}, begin, token.size(),
         via == "literal" ? Confidence::low : via == "field" ? Confidence::medium : Confidence::high});
  }

  std::string_view host_context(std::size_t begin, char left, char right, std::size_t end) const {
    const auto words = context(begin, 48);
    if (words.ends_with("/dev/tcp/") || words.ends_with("/dev/udp/")) return "dev-tcp";
    if (left == '@' || left == '/' || left == '\\' || left == '$') return {};
    if (code_ && after_command(words) && right != '(') return "command";
    if ((left == '"' || left == '\'' || left == '=' || left == ':' || left == ' ' || left == '\t') && right != '(' && field_before(words)) return "field";
    const bool quoted = (left == '"' || left == '\'' || left == '`') && right == left;
    const bool with_port = (left == '"' || left == '\'') && right == ':' && digit(after(end + 1));
    const bool whole = left == '\0' && (right == '\0' || (right == ':' && digit(after(end + 1))));
    return quoted || with_port || whole ? "literal"sv : std::string_view{};
  }

  static bool field_before(std::string_view words) {
    while (!words.empty() && (words.back() == ' ' || words.back() == '\t' || words.back() == '"' || words.back() == '\'')) words.remove_suffix(1);
    if (words.empty() || (words.back() != ':' && words.back() != '=')) return false;
    words.remove_suffix(1);
    while (!words.empty() && (words.back() == ' ' || words.back() == '"' || words.back() == '\'' || words.back() == ':')) words.remove_suffix(1);
    static constexpr std::array list = {"host"sv, "hostname"sv, "server"sv, "domain"sv, "proxy"sv, "endpoint"sv, "nameserver"sv, "relay"sv, "gateway"sv, "upstream"sv, "address"sv, "remote"sv, "c2"sv, "peer"sv};
    return std::ranges::any_of(list, [&](auto w) { return words.ends_with(w); });
  }

  static bool after_command(std::string_view words) {
    static constexpr std::array list = {"curl"sv, "wget"sv, "nc"sv, "ncat"sv, "netcat"sv, "ssh"sv, "telnet"sv, "ping"sv, "nslookup"sv, "dig"sv, "ftp"sv, "socat"sv, "host"sv};
    // The command may have options between: keep the words after the last separator.
    if (const auto cut = words.find_last_of(";|&($`\"'"); cut != std::string_view::npos) words.remove_prefix(cut + 1);
    const auto start = words.find_first_not_of(" \t");
    if (start == std::string_view::npos) return false;
    words.remove_prefix(start);
    for (const auto w : list)
      for (auto p = words.find(w); p != std::string_view::npos; p = words.find(w, p + 1))
        if ((p == 0 || words[p - 1] == ' ' || words[p - 1] == '/') && p + w.size() < words.size() && words[p + w.size()] == ' ') {
          // between the command and the name: options only
          auto rest = words.substr(p + w.size());
          const auto plain = std::ranges::count_if(rest, letter);
          return plain < 6 || rest.find('-') != std::string_view::npos;
        }
    return false;
  }

  void plus() {
    if (!code_) return;
    const char quote = before(at_);
    if (quote != '"' && quote != '\'') return;
    std::size_t end = at_ + 1;
    while (end < text_.size() && end - at_ < 17 && digit(text_[end])) ++end;
    const auto digits = end - at_ - 1;
    if (digits < 9 || digits > 15 || after(end) != quote || text_[at_ + 1] == '0') return;
    add({"phone", std::string(text_.substr(at_, end - at_)), {{"via", "literal"}}, at_, end - at_, Confidence::medium, true});
  }

  void ethereum() {
    if (before(at_) != '0' || at_ < 1 || (at_ >= 2 && alnum(text_[at_ - 2])) || text_.size() - at_ < 41) return;
    if (alnum(after(at_ + 41))) return;
    const auto token = text_.substr(at_ - 1, 42);
    if (is_ethereum(token)) add({"wallet", std::string(token), {{"coin", "ethereum"}}, at_ - 1, 42});
  }

  void bitcoin() {
    if (alnum(before(at_))) return;
    std::size_t end = at_;
    while (end < text_.size() && end - at_ < 64 && alnum(text_[end])) ++end;
    const auto token = text_.substr(at_, end - at_);
    if (token.size() < 26 || token.size() > 62) return;
    if (token[0] == 'b' ? is_bitcoin_bech32(token) : token[0] != 'x' && is_bitcoin_base58(token))
      add({"wallet", std::string(token), {{"coin", "bitcoin"}}, at_, token.size()});
  }

  std::string_view text_;
  bool code_;
  std::size_t at_ = 0;
  std::size_t past_ = 0;  ///< anchors before this belong to what was found
  std::size_t token_past_ = 0;  ///< dots before this belong to a token already looked at
  std::vector<Sighting> found_;
};

}  // namespace

std::vector<Sighting> scan_endpoints(std::string_view text, bool code) { return Scanner(text, code).run(); }

}  // namespace examine
