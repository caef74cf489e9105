// Reads and applies a policy. Every key is checked; an unknown one is an error, since a policy that
// silently lacks a line would let in what it was meant to keep out.
#include "judge/policy.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace judge {
namespace {

using report::YamlNode;

constexpr std::size_t most_key_bytes = 64 << 10;

struct Reading {
  Policy& policy;
  const std::string& file;
  std::vector<Problem>& problems;
  void wrong(int line, std::string text, bool hard = true) { problems.push_back({file, line, std::move(text), hard}); }
};

constexpr std::string_view classes[] = {"broken-trust", "private-flow", "command-flow", "concealment", "later-stage",
                                        "weak-protection", "ability", "update", "source", "user-rule"};

void read_effect(const YamlNode& node, Reading& into) {
  EffectLine line;
  bool has_effect = false;
  for (const auto& [key, value] : node.pairs) {
    const auto bad = [&](std::string_view takes) { into.wrong(key.line, fmt::format("{} takes {}", key.text, takes)); };
    if (key.text == "class") {
      line.classes = node.texts_of("class");
      for (const auto& c : line.classes)
        if (std::ranges::find(classes, c) == std::end(classes)) into.wrong(key.line, fmt::format("the class '{}' is not known", c));
    } else if (key.text == "confidence") {
      if (const auto c = evidence::confidence_from(value.text)) line.confidence = *c;
      else bad("low, medium or high");
    } else if (key.text == "severity") {
      if (const auto s = report::severity_from(value.text)) line.severity = *s;
      else bad("info, low, medium, high or critical");
    } else if (key.text == "standing") {
      line.standing = report::standing_from(value.text);
      if (!line.standing) bad("undeclared, declared or not-declarable");
    } else if (key.text == "state") {
      for (const auto& text : node.texts_of("state")) {
        if (const auto n = report::news_from(text)) line.news.insert(*n);
        else bad("new, changed or unchanged, or a list of them");
      }
    } else if (key.text == "effect") {
      has_effect = true;
      if (const auto e = report::effect_from(value.text)) line.effect = *e;
      else bad("disclose, conditional or fail");
    } else {
      into.wrong(key.line, fmt::format("'{}' is not known in an effect", key.text));
    }
  }
  if (!has_effect) into.wrong(node.line, "an effect needs the key effect");
  into.policy.effects.push_back(std::move(line));
}

std::optional<std::uint64_t> bytes_from(const std::string& text) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc()) return std::nullopt;
  const std::string unit(end, text.data() + text.size());
  const std::uint64_t factor = unit.empty() ? 1 : unit == " KiB" ? 1024 : unit == " MiB" ? 1u << 20 : unit == " GiB" ? 1u << 30 : 0;
  if (factor == 0 || n > UINT64_MAX / factor) return std::nullopt;
  return n * factor;
}

void read_limit(evidence::Label label, const YamlNode& node, Reading& into) {
  CoverageLimit limit;
  limit.label = label;
  for (const auto& [key, value] : node.pairs) {
    if (key.text == "share") {
      double share = 0;
      const auto [end, error] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), share);
      if (error != std::errc() || share < 0 || share > 1) into.wrong(key.line, "share is a number from 0 to 1");
      limit.share = share;
    } else if (key.text == "at-least" || key.text == "bytes") {
      const auto n = bytes_from(value.text);
      if (!n) into.wrong(key.line, fmt::format("{} is a number of bytes, as 4096 or '16 MiB'", key.text));
      else (key.text == "bytes" ? limit.bytes : limit.at_least) = *n;
    } else {
      into.wrong(key.line, fmt::format("'{}' is not known in a coverage limit", key.text));
    }
  }
  into.policy.limits.push_back(limit);
}

void read_coverage(const YamlNode& node, Reading& into) {
  for (const auto& [key, value] : node.pairs) {
    if (key.text == "opaque") read_limit(evidence::Label::opaque, value, into);
    else if (key.text == "scanned") read_limit(evidence::Label::scanned, value, into);
    else if (key.text == "of") {
      if (value.text != "all" && value.text != "gained") into.wrong(key.line, "of takes all or gained: with a baseline, only what the version before had not counts");
      into.policy.only_gained_coverage = value.text == "gained";
    } else if (key.text == "opaque-executable") {
      if (const auto n = bytes_from(value.text)) into.policy.opaque_executable = *n;
      else into.wrong(key.line, "opaque-executable is a number of bytes");
    } else {
      into.wrong(key.line, fmt::format("'{}' is not known in coverage", key.text));
    }
  }
}

void read_words(const YamlNode& node, std::string_view key, evidence::Facet facet, std::set<std::string>& out, Reading& into) {
  for (auto& word : node.texts_of(key)) {
    if (!evidence::is_word(facet, word))
      into.wrong(node.find(key)->line, fmt::format("'{}' is not a word of {}", word, evidence::name_of(facet)));
    out.insert(std::move(word));
  }
}

void read_known_sets(const YamlNode& node, Reading& into) {
  for (const auto& item : node.items) {
    Policy::KnownSource source;
    for (const auto& [key, value] : item.pairs) {
      if (key.text == "name") source.name = value.text;
      else if (key.text == "file") source.file = value.text;
      else if (key.text == "key") source.key = value.text;
      else into.wrong(key.line, fmt::format("'{}' is not known in a known set", key.text));
    }
    if (source.name.empty() || source.file.empty() || source.key.empty()) into.wrong(item.line, "a known set has a name, a file and a key");
    into.policy.known_sources.push_back(std::move(source));
  }
}

}  // namespace

Policy read_policy(std::string_view text, const std::string& file, std::vector<Problem>& problems) {
  Policy policy;
  Reading into{policy, file, problems};
  policy.digest = base::sha256(text);
  auto document = report::read_yaml(text, file);
  if (!document) {
    into.wrong(0, document.error().what);
    return policy;
  }
  const auto* top = document->find("policy");
  if (!top || !top->is_map()) {
    into.wrong(1, "a policy file has the form policy: {name: ..., effects: [...]}");
    return policy;
  }
  for (const auto& [key, value] : top->pairs) {
    const auto& k = key.text;
    if (k == "name") policy.name = value.text;
    else if (k == "description") policy.description = value.text;
    else if (k == "effects") for (const auto& line : value.items) read_effect(line, into);
    else if (k == "coverage") read_coverage(value, into);
    else if (k == "inconclusive") read_words(*top, k, evidence::Facet::trouble, policy.inconclusive, into);
    else if (k == "permitted-flows") read_words(*top, k, evidence::Facet::private_, policy.permitted_flows, into);
    else if (k == "known-sets") read_known_sets(value, into);
    else if (k == "waiver-keys") policy.waiver_key_files = top->texts_of(k);
    else if (k == "unsigned-waivers") {
      if (value.text != "allowed" && value.text != "refused") into.wrong(key.line, "unsigned-waivers takes allowed or refused");
      policy.unsigned_waivers = value.text == "allowed";
    }
    else if (k == "required-rules") policy.required_rules = top->texts_of(k);
    else if (k == "overflow-disclosed") {
      for (auto& facet : top->texts_of(k)) {
        if (!evidence::facet_from(facet)) into.wrong(key.line, fmt::format("'{}' is not a facet of evidence", facet));
        policy.overflow_disclosed.insert(std::move(facet));
      }
    } else {
      into.wrong(key.line, fmt::format("the key '{}' is not known in a policy", k));
    }
  }
  if (policy.name.empty()) into.wrong(top->line, "the policy has no name");
  if (policy.effects.empty()) into.wrong(top->line, "the policy has no effects");
  for (const auto must : {"limit", "crashed"})
    if (!policy.inconclusive.contains(must)) into.wrong(top->line, fmt::format("'{}' must be inconclusive in every policy", must));
  return policy;
}

report::Effect effect_of(const report::Finding& finding, const Policy& policy) {
  for (const auto& line : policy.effects) {
    if (!line.classes.empty() && std::ranges::find(line.classes, finding.klass) == line.classes.end()) continue;
    if (finding.confidence < line.confidence || finding.severity < line.severity) continue;
    if (line.standing && *line.standing != finding.standing) continue;
    if (!line.news.empty() && !line.news.contains(finding.news)) continue;
    return line.effect;
  }
  return report::Effect::disclose;
}

base::Result<std::shared_ptr<const Policy>> load_policy(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) return base::fail(base::Trouble::usage, "the policy {} can't be read", file);
  std::vector<Problem> problems;
  auto policy = read_policy(text.str(), file, problems);
  for (const auto& p : problems)
    if (p.hard) return base::fail(base::Trouble::usage, "{}:{}: {}", p.file, p.line, p.text);
  const auto folder = std::filesystem::path(file).parent_path();
  for (const auto& source : policy.known_sources) {
    policy.known.push_back(TRY(load_known_set(source.name, folder / source.file, folder / source.key)));
    policy.digest = base::Sha256().add(policy.digest.bytes).add(policy.known.back().digest.bytes).finish();
  }
  for (const auto& key : policy.waiver_key_files) {
    std::ifstream pem(folder / key, std::ios::binary);
    std::string read(most_key_bytes, '\0');
    pem.read(read.data(), static_cast<std::streamsize>(read.size()));
    read.resize(static_cast<std::size_t>(pem.gcount()));
    if (read.empty() || read.size() == most_key_bytes) return base::fail(base::Trouble::usage, "{}: the key {} can't be read", file, base::printable(key));
    policy.digest = base::Sha256().add(policy.digest.bytes).add(base::sha256(read).bytes).finish();
    policy.waiver_keys.push_back(std::move(read));
  }
  return std::make_shared<const Policy>(std::move(policy));
}

base::Digest digest_of(const Policy& policy) { return policy.digest; }
std::string name_of(const Policy& policy) { return policy.name; }
const std::vector<std::string>& waiver_keys_of(const Policy& policy) { return policy.waiver_keys; }
bool takes_unsigned_waivers(const Policy& policy) { return policy.unsigned_waivers; }

}  // namespace judge
