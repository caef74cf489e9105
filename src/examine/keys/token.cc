// Tokens of clouds and services that have a form of their own, with the checksum verified where the
// form has one, and JSON Web Tokens (RFC 7519) whose header decodes.
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "examine/keys/part.h"
#include "parse/pem/pem.h"

namespace examine::key_parts {
namespace {

using evidence::Confidence;

constexpr std::string_view base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::uint32_t crc32(std::string_view text) {
  std::uint32_t sum = 0xffffffff;
  for (const char c : text) {
    sum ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum;
}

// GitHub and npm: the last 6 characters are the CRC-32 of the 30 before them, in base 62.
bool has_crc(std::string_view random) {
  if (random.size() != 36) return false;
  auto sum = crc32(random.substr(0, 30));
  for (std::size_t i = 36; i-- > 30; sum /= 62)
    if (random[i] != base62[sum % 62]) return false;
  return sum == 0;
}

// AWS: the characters after the prefix carry the account number in base 32.
std::string aws_account(std::string_view id) {
  std::uint64_t value = 0;
  for (const char c : id.substr(4, 10)) {
    const auto digit = std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").find(c);
    if (digit == std::string_view::npos) return {};
    value = value << 5 | digit;
  }
  const auto account = ((value >> 2) & 0x7fffffffff80) >> 7;
  return account < 1'000'000'000'000 ? fmt::format("{:012}", account) : std::string{};
}

// Text that a generator of random characters would hardly give: placeholders, runs, few letters.
bool looks_random(std::string_view text) {
  std::array<unsigned, 256> seen{};
  unsigned distinct = 0, run = 1, longest = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!seen[static_cast<std::uint8_t>(text[i])]++) ++distinct;
    run = i && text[i] == text[i - 1] ? run + 1 : 1;
    longest = std::max(longest, run);
  }
  return distinct >= std::min<std::size_t>(text.size() / 3, 10) && longest < 5 && base::entropy(base::bytes_of(text)) > 2.8;
}

std::optional<std::string> jwt_algorithm(std::string_view token) {
  const auto header = parse::pem::decode_base64(token.substr(0, token.find('.')));
  if (!header) return std::nullopt;
  const auto json = nlohmann::json::parse(header->begin(), header->end(), nullptr, false);
  if (!json.is_object() || !json.contains("alg") || !json["alg"].is_string()) return std::nullopt;
  return json["alg"].get<std::string>();
}

struct Verdict {
  std::string service, check;
  Confidence confidence = Confidence::medium;
};

std::optional<Verdict> judge_token(std::string_view t, std::string_view around) {
  if (t.size() < 20 || t.size() > 500) return std::nullopt;
  const auto rest = [&](std::size_t n) { return t.substr(n); };
  if (t.starts_with("gh") && t[3] == '_') return has_crc(rest(4)) ? std::optional(Verdict{"github", "checksum", Confidence::high}) : std::nullopt;
  if (t.starts_with("npm_")) return has_crc(rest(4)) ? std::optional(Verdict{"npm", "checksum", Confidence::high}) : std::nullopt;
  if (t.starts_with("github_pat_")) return looks_random(rest(11)) ? std::optional(Verdict{"github", "form", Confidence::high}) : std::nullopt;
  if (t.starts_with("pypi-")) {
    const auto raw = parse::pem::decode_base64(rest(5));
    if (!raw || base::text_of(*raw).find("pypi.org") == std::string_view::npos) return std::nullopt;
    return Verdict{"pypi", "macaroon", Confidence::high};
  }
  if (t.starts_with("AKIA") || t.starts_with("ASIA")) {
    if (!looks_random(rest(4)) || aws_account(t).empty()) return std::nullopt;
    static const re2::RE2 secret("(?:^|[^A-Za-z0-9/+=])([A-Za-z0-9/+]{40})(?:$|[^A-Za-z0-9/+=])", re2::RE2::Latin1);
    re2::StringPiece second;
    const bool beside = re2::RE2::PartialMatch(re2::StringPiece(around.data(), around.size()), secret, &second) && looks_random({second.data(), second.size()});
    return Verdict{"aws", beside ? "secret beside it" : "form", beside ? Confidence::high : Confidence::medium};
  }
  struct Form { std::string_view prefix, service; std::size_t skip; Confidence confidence; };
  static constexpr Form forms[] = {{"xox", "slack", 5, Confidence::high}, {"AIza", "google", 4, Confidence::high}, {"sk_live_", "stripe", 8, Confidence::high}, {"rk_live_", "stripe", 8, Confidence::high},
                                   {"sk_test_", "stripe-test", 8, Confidence::medium}, {"glpat-", "gitlab", 6, Confidence::high}, {"SG.", "sendgrid", 3, Confidence::high},
                                   {"https://", "discord-webhook", 30, Confidence::high}, {"SK", "twilio", 2, Confidence::low}, {"AC", "twilio", 2, Confidence::low}};
  for (const auto& form : forms)
    if (t.starts_with(form.prefix)) {
      if (!looks_random(rest(form.skip))) return std::nullopt;
      return Verdict{std::string(form.service), "form", form.confidence};
    }
  if (t[0] >= '0' && t[0] <= '9' && looks_random(t.substr(t.find(':') + 1))) return Verdict{"telegram-bot", "form", Confidence::high};
  return std::nullopt;
}

constexpr char pattern[] =
    "gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}|npm_[A-Za-z0-9]{36}|pypi-AgE[A-Za-z0-9_-]+|xox[abeoprs]-[0-9]{6,14}-[A-Za-z0-9-]+|"
    "A[KS]IA[A-Z2-7]{16}|AIza[0-9A-Za-z_-]{35}|[sr]k_live_[0-9A-Za-z]+|sk_test_[0-9A-Za-z]+|glpat-[0-9A-Za-z_-]{20}|SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}|"
    "(?:AC|SK)[0-9a-f]{32}|[0-9]{8,10}:AA[A-Za-z0-9_-]{33}|https://discord(?:app)?\\.com/api/webhooks/[0-9]{17,20}/[A-Za-z0-9_-]+|"
    "eyJ[A-Za-z0-9_-]+\\.eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*";

bool word_character(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }

}  // namespace

base::Result<> find_tokens(const evidence::View& view, evidence::Sink& sink) {
  static const re2::RE2 tokens(pattern, [] {
    re2::RE2::Options options(re2::RE2::Latin1);
    options.set_max_mem(16 << 20);
    return options;
  }());
  if (!tokens.ok()) return base::fail(base::Trouble::bug, "the token pattern does not compile: {}", tokens.error());
  const auto text = base::text_of(view.bytes);
  const re2::StringPiece whole(text.data(), text.size());
  re2::StringPiece match;
  std::size_t from = 0;
  for (std::size_t count = 0; count < 100000 && tokens.Match(whole, from, text.size(), re2::RE2::UNANCHORED, &match, 1); ++count) {
    const auto at = static_cast<std::size_t>(match.data() - text.data());
    from = at + 1;
    const auto token = text.substr(at, match.size());
    const auto end = at + token.size();
    if ((at && word_character(text[at - 1])) || (end < text.size() && word_character(text[end]))) continue;
    evidence::Item item;
    item.facet = evidence::Facet::key;
    item.value = std::string(token);
    item.range = {at, token.size()};
    item.secret = true;
    if (token.starts_with("eyJ")) {
      const auto algorithm = jwt_algorithm(token);
      if (!algorithm) continue;
      item.word = "jwt";
      item.attributes = {{"algorithm", algorithm->substr(0, 40)}};
    } else {
      const auto around_from = at > 200 ? at - 200 : 0;
      const auto verdict = judge_token(token, text.substr(around_from, end - around_from + 300));
      if (!verdict) continue;
      item.word = "token";
      item.confidence = verdict->confidence;
      item.attributes = {{"service", verdict->service}, {"check", verdict->check}};
      if (token.find("EXAMPLE") != std::string_view::npos) item.attributes["label"] = "documentation";
    }
    if (const auto context = context_of(view); !context.empty()) item.attributes["context"] = context;
    sink.state(std::move(item));
    from = end;
  }
  return {};
}

}  // namespace examine::key_parts
