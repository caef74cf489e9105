// Password hashes in the forms of crypt(5), identified and tried against a short list of defaults
// with the system's crypt(3). Hashes whose cost is high are not tried: work is bounded by count.
#include <crypt.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "examine/keys/part.h"

namespace examine::key_parts {
namespace {

using namespace std::string_view_literals;
using evidence::Confidence;
using evidence::Facet;

constexpr std::size_t most_tried = 12;  // hashes of one artifact
constexpr std::array defaults = {""sv, "admin"sv, "root"sv, "password"sv, "1234"sv, "12345"sv, "123456"sv, "12345678"sv, "toor"sv, "default"sv, "changeme"sv, "guest"sv,
                                 "user"sv, "test"sv, "pass"sv, "support"sv, "ubnt"sv, "alpine"sv, "raspberry"sv, "secret"sv, "welcome"sv, "letmein"sv, "debian"sv, "live"sv};

struct Hash {
  std::string text;
  std::string_view method;
  std::string user;       ///< of a shadow or passwd line
  base::Range range;
  std::size_t trials = 0; ///< how many defaults are affordable
};

bool hash_character(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '/'; }

// The part after the last '$' has the length of the method's digest; the salt is of salt characters.
bool is_whole(std::string_view text, std::size_t digest, std::size_t most_salt) {
  const auto last = text.rfind('$');
  if (text.size() - last - 1 != digest) return false;
  const auto salt = text.substr(text.rfind('$', last - 1) + 1, last - text.rfind('$', last - 1) - 1);
  return salt.size() <= most_salt && std::all_of(salt.begin(), salt.end(), hash_character);
}

std::optional<Hash> identify(std::string_view text) {
  Hash out;
  const auto rounds_at = text.find("$rounds=");
  unsigned rounds = 5000;
  if (rounds_at == 2) {
    rounds = 0;
    for (auto p = text.begin() + 10; p != text.end() && *p >= '0' && *p <= '9' && rounds < 100'000'000; ++p) rounds = rounds * 10 + static_cast<unsigned>(*p - '0');
  }
  const std::size_t affordable = rounds <= 10000 ? defaults.size() : 0;
  if (text.starts_with("$1$") && is_whole(text, 22, 8)) out.method = "MD5-crypt", out.trials = defaults.size();
  else if (text.starts_with("$5$") && is_whole(text, 43, 16)) out.method = "SHA-256-crypt", out.trials = affordable;
  else if (text.starts_with("$6$") && is_whole(text, 86, 16)) out.method = "SHA-512-crypt", out.trials = affordable;
  else if (text.starts_with("$apr1$") && is_whole(text, 22, 8)) out.method = "Apache MD5";
  else if ((text.starts_with("$y$") || text.starts_with("$gy$")) && is_whole(text, 43, 86)) out.method = "yescrypt", out.trials = text.starts_with("$y$j9T$") ? 6 : 0;
  else if (text.starts_with("$2") && text.size() == 60 && text[3] == '$' && text[6] == '$' && "abxy"sv.find(text[2]) != std::string_view::npos) {
    const auto cost = (text[4] - '0') * 10 + (text[5] - '0');
    out.method = "bcrypt", out.trials = cost < 4 ? 0 : cost <= 6 ? defaults.size() : cost <= 10 ? 6 : 0;
  } else return std::nullopt;
  out.text = std::string(text);
  return out;
}

bool is_account_file(const evidence::View& view) {
  const auto name = view.place.file_name();
  return name == "shadow" || name == "passwd" || name == "shadow-" || name == "passwd-" || name == "gshadow" || name == "master.passwd" || name == "shadow.sample";
}

// user:hash:… of shadow and passwd; the user's name is tried as password too.
std::string user_before(std::string_view text, std::size_t at) {
  if (at < 2 || text[at - 1] != ':') return {};
  const auto line = text.rfind('\n', at - 1);
  const auto begin = line == std::string_view::npos ? 0 : line + 1;
  const auto user = text.substr(begin, at - 1 - begin);
  return user.size() <= 32 && user.find_first_of(": \t") == std::string_view::npos ? std::string(user) : std::string{};
}

bool opens(const std::string& hash, std::string_view password) {
  crypt_data state;
  std::memset(&state, 0, sizeof state);
  const char* answer = crypt_r(std::string(password).c_str(), hash.c_str(), &state);
  return answer && hash == answer;
}

std::optional<std::string> open(const Hash& hash) {
  if (hash.trials && !hash.user.empty() && opens(hash.text, hash.user)) return hash.user;
  for (std::size_t i = 0; i < hash.trials; ++i)
    if (opens(hash.text, defaults[i])) return std::string(defaults[i]);
  return std::nullopt;
}

void state(const evidence::View& view, evidence::Sink& sink, const Hash& hash, const std::optional<std::string>& password) {
  const auto context = context_of(view);
  evidence::Item item;
  item.facet = Facet::key;
  item.word = "password-hash";
  item.value = hash.text;
  item.range = hash.range;
  item.secret = true;
  item.attributes = {{"method", std::string(hash.method)}, {"opened", password ? "yes" : hash.trials ? "no" : "not tried"}};
  if (!hash.user.empty()) item.attributes["user"] = hash.user;
  if (!context.empty()) item.attributes["context"] = context;
  sink.state(item);
  if (!password) return;
  // A hash that a login reads is a door; the same hash in a manual or a test is not known to be one.
  const bool live = is_account_file(view) && is_live_place(view);
  item.facet = Facet::trust;
  item.word = "hard-coded-credential";
  item.attributes["password"] = password->empty() ? "empty" : *password == hash.user ? "the user's name" : "a default";
  item.confidence = live ? Confidence::high : is_account_file(view) ? Confidence::medium : Confidence::low;
  sink.state(std::move(item));
}

// Traditional DES-crypt has no mark: 13 characters, and only where a shadow or passwd file says so.
std::vector<Hash> unmarked(std::string_view text) {
  std::vector<Hash> out;
  for (std::size_t begin = 0; begin < text.size() && out.size() < 1000;) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const auto line = text.substr(begin, end - begin);
    if (const auto colon = line.find(':'); colon != std::string_view::npos && colon > 0 && colon <= 32) {
      const auto field = line.substr(colon + 1, line.find(':', colon + 1) - colon - 1);
      if (field.size() == 13 && std::all_of(field.begin(), field.end(), hash_character))
        out.push_back({std::string(field), "DES-crypt", std::string(line.substr(0, colon)), {begin + colon + 1, 13}, defaults.size()});
    }
    begin = end + 1;
  }
  return out;
}

}  // namespace

base::Result<> find_password_hashes(const evidence::View& view, evidence::Sink& sink) {
  const auto text = base::text_of(view.bytes);
  std::vector<Hash> found;
  for (auto at = text.find('$'); at != std::string_view::npos && found.size() < 1000; at = text.find('$', at + 1)) {
    if (at + 30 > text.size() || "1562yga"sv.find(text[at + 1]) == std::string_view::npos) continue;
    if (at && (hash_character(text[at - 1]) || text[at - 1] == '$' || text[at - 1] == '{')) continue;
    std::size_t end = at;
    while (end < text.size() && end - at < 256 && (hash_character(text[end]) || text[end] == '$' || text[end] == '=' || text[end] == ',')) ++end;
    auto hash = identify(text.substr(at, end - at));
    if (!hash) continue;
    hash->range = {at, end - at};
    hash->user = user_before(text, at);
    found.push_back(std::move(*hash));
    at = end - 1;
  }
  if (is_account_file(view))
    for (auto& hash : unmarked(text)) found.push_back(std::move(hash));
  std::size_t tried = 0;
  for (auto& hash : found) {
    if (hash.trials && ++tried > most_tried) hash.trials = 0;
    CHECK_OK(sink.spend((hash.trials + 1) << 16));
    state(view, sink, hash, open(hash));
  }
  return {};
}

}  // namespace examine::key_parts
