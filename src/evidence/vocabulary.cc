// THE shared list of words. See docs/glossary.md, which a test holds against this file.
#include "evidence/vocabulary.h"

#include <algorithm>
#include <array>

namespace evidence {
namespace {

using Words = std::span<const std::string_view>;

template <std::size_t N>
using List = std::array<std::string_view, N>;

constexpr List<17> private_words = {"location", "contacts", "messages", "call-log", "microphone", "camera", "screen",
                                    "keystrokes", "clipboard", "files", "credentials", "keys", "browser-history",
                                    "device-id", "subscriber-id", "traffic", "environment"};
constexpr List<18> private_all = [] {
  List<18> all{};
  std::ranges::copy(private_words, all.begin());
  all[17] = "account";
  return all;
}();
constexpr List<11> outside_words = {"network", "dns", "sms", "call", "bluetooth", "usb", "broadcast", "log", "shared-file", "ipc", "push"};
constexpr List<9> command_words = {"execute-command", "load-code", "evaluate", "write-executable", "change-trust",
                                   "change-account", "change-firewall", "update-self", "open-shell"};
constexpr List<11> power_words = {"listen", "connect", "capture-traffic", "trace-process", "inject-process", "escalate",
                                  "persist", "read-secrets", "record", "disable-security", "wipe"};
constexpr List<12> concealment_words = {"packed", "encrypted-payload", "decoded-string", "dynamic-code", "anti-analysis", "time-trigger",
                                        "magic-trigger", "hidden-file", "masquerade", "log-tampering", "steganography", "mismatch"};
constexpr List<8> trust_words = {"embedded-private-key", "hard-coded-credential", "backdoor-account", "added-trust-root",
                                 "key-escrow", "weakened-crypto", "signature-bypass", "unlisted-listener"};
constexpr List<9> trouble_words = {"malformed", "truncated", "limit", "unsupported", "encrypted", "io", "crashed", "not-replayable", "bug"};

constexpr List<11> endpoint_words = {"url", "host", "ipv4", "ipv6", "mail", "onion", "phone", "wallet", "port", "socket", "bus-name"};
constexpr List<10> key_words = {"private-key", "certificate", "public-key", "ssh-public-key", "token", "jwt", "password-hash", "password", "recipient", "signature"};
constexpr List<6> account_words = {"user", "sudo", "authorized-key", "pam", "default-login", "service"};
constexpr List<6> step_words = {"install", "update", "remove", "build", "start", "healthcheck"};
constexpr List<6> reference_words = {"runs", "loads", "includes", "downloads", "decodes", "needs"};
constexpr List<11> property_words = {"architecture", "format", "build", "entropy", "interpreter", "constructor", "tlsh", "opaque-growth", "beyond-source", "endpoint-swapped", "unexplained"};
constexpr List<4> identity_words = {"package", "signer", "maker", "version"};

struct Row {
  Facet facet;
  std::string_view name;
  bool closed;
  Words words;
  std::string_view meaning;
};

constexpr std::array<Row, 24> rows = {{
    {Facet::private_, "private", true, private_all, "something private is read"},
    {Facet::outside, "outside", true, outside_words, "something leaves or comes in by this way"},
    {Facet::command, "command", true, command_words, "what comes in takes effect by this way"},
    {Facet::power, "power", true, power_words, "a neutral ability"},
    {Facet::concealment, "concealment", true, concealment_words, "something is hidden"},
    {Facet::trust, "trust", true, trust_words, "trust is broken"},
    {Facet::endpoint, "endpoint", false, endpoint_words, "an outside that is named"},
    {Facet::key, "key", false, key_words, "key material, a certificate, a token"},
    {Facet::account, "account", false, account_words, "an account, a right to log in, a service that starts by itself"},
    {Facet::step, "step", false, step_words, "runs at install, update, removal, build or start"},
    {Facet::reference, "reference", false, reference_words, "this artifact runs, loads, includes, downloads or decodes that one"},
    {Facet::permission, "permission", false, {}, "a right that the platform's metadata asks for"},
    {Facet::capability, "capability", false, {}, "a named ability, from a matched rule or metadata"},
    {Facet::flow, "flow", false, {}, "from something to somewhere, as 'credentials to network'"},
    {Facet::yara, "yara", false, {}, "a rule that the user brought matches"},
    {Facet::import, "import", false, {}, "an imported function, as 'library.function' or 'function'"},
    {Facet::export_, "export", false, {}, "an exported function"},
    {Facet::section, "section", false, {}, "a section's or segment's name"},
    {Facet::string, "string", false, {}, "a string"},
    {Facet::function_name, "function-name", false, {}, "a function's name, from symbols"},
    {Facet::property, "property", false, property_words, "a fact of the format"},
    {Facet::hardening, "hardening", false, {}, "a protection that is there or missing"},
    {Facet::identity, "identity", false, identity_words, "who the product says it is"},
    {Facet::trouble, "trouble", true, trouble_words, "something that could not be read"},
}};

constexpr auto facet_list = [] {
  std::array<Facet, rows.size()> out{};
  for (std::size_t i = 0; i < rows.size(); ++i) out[i] = rows[i].facet;
  return out;
}();

const Row& row(Facet facet) { return *std::ranges::find(rows, facet, &Row::facet); }

}  // namespace

std::string_view name_of(Facet facet) { return row(facet).name; }

std::optional<Facet> facet_from(std::string_view name) {
  const auto found = std::ranges::find(rows, name, &Row::name);
  if (found == rows.end()) return std::nullopt;
  return found->facet;
}

std::span<const Facet> all_facets() { return facet_list; }
std::span<const std::string_view> words_of(Facet facet) { return row(facet).words; }
bool is_closed(Facet facet) { return row(facet).closed; }
bool is_word(Facet facet, std::string_view word) {
  const auto words = words_of(facet);
  return words.empty() || std::ranges::find(words, word) != words.end();
}
std::string_view meaning_of(Facet facet) { return row(facet).meaning; }

std::string_view name_of(Confidence confidence) {
  switch (confidence) {
    case Confidence::low: return "low";
    case Confidence::medium: return "medium";
    case Confidence::high: return "high";
  }
  return "low";
}

std::optional<Confidence> confidence_from(std::string_view name) {
  for (const auto c : {Confidence::low, Confidence::medium, Confidence::high})
    if (name_of(c) == name) return c;
  return std::nullopt;
}

}  // namespace evidence
