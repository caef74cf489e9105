#include "render/gitlab/gitlab.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "render/columns.h"
#include "render/outline.h"
#include "report/wording.h"

namespace render {
namespace {

using Json = nlohmann::ordered_json;
using report::Finding;
using report::Report;
using report::sentence;

constexpr std::size_t most_name = 255, most_solution = 7000, most_description = 100'000, most_messages = 100;

/// Whole characters of UTF-8, at most `most` of them.
std::string cut(std::string text, std::size_t most) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80 && ++characters > most - 3) return text.substr(0, i) + "...";
  return text;
}

std::string_view severity_of(const Finding& f) {
  static constexpr std::string_view names[] = {"Info", "Low", "Medium", "High", "Critical"};
  return f.effect == report::Effect::disclose ? names[0] : names[static_cast<std::size_t>(f.severity)];
}

/// A UUID of the vendor's own making (RFC 9562, section 5.8), the same for the same finding of the same product.
std::string uuid_of(const Report& r, const Finding& f) {
  auto digest = base::sha256(r.product.digest + "\n" + f.id);
  digest.bytes[6] = static_cast<std::uint8_t>((digest.bytes[6] & 0x0F) | 0x80);
  digest.bytes[8] = static_cast<std::uint8_t>((digest.bytes[8] & 0x3F) | 0x80);
  const auto hex = digest.hex();
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4), hex.substr(20, 12));
}

bool is_link(const std::string& text) {
  return text.starts_with("https://") && text.size() > 8 && base::printable(text) == text && text.find_first_of(" \"<>\\^`{|}") == std::string::npos;
}

Json identifiers(const Finding& f) {
  const auto rule = f.rule.empty() ? std::string("rule") : sentence(f.rule);
  Json out = Json::array({{{"type", "assay_rule"}, {"name", "Assay: " + rule}, {"value", rule}}});
  static constexpr std::string_view cwe = "https://cwe.mitre.org/data/definitions/";
  for (const auto& reference : f.references) {
    if (!is_link(reference) || !reference.starts_with(cwe)) continue;
    const auto number = reference.substr(cwe.size(), reference.find('.', cwe.size()) - cwe.size());
    if (!number.empty() && number.size() < 6 && number.find_first_not_of("0123456789") == std::string::npos)
      out.push_back({{"type", "cwe"}, {"name", "CWE-" + number}, {"value", number}, {"url", reference}});
  }
  return out;
}

/// The first place of the deciding evidence.
Json location(const Report& r, const Outline& o, const Finding& f) {
  for (const auto& id : f.evidence)
    if (const auto e = o.exhibits.find(id); e != o.exhibits.end()) {
      Json out = {{"file", place_of(r, e->second->node)}};
      const auto line = line_of(e->second->item);  // "line 6"
      if (line.size() > 5 && line.size() < 14 && line.find_first_not_of("0123456789", 5) == std::string::npos) out["start_line"] = std::stoi(line.substr(5));
      return out;
    }
  return {{"file", place_of(r, f.places.empty() ? 0 : f.places[0])}};
}

Json vulnerability(const Report& r, const Outline& o, const Finding& f) {
  auto description = sentence(f.what);
  if (!f.why.empty()) description += "\n\n" + sentence(f.why);
  description += fmt::format("\n\nUnder the policy '{}' this leads to: {}{}. Confidence: {}. Declared: {}.", sentence(r.used.policy_name), name_of(f.effect),
                             f.waiver.empty() ? "" : ", waived by " + sentence(f.waiver), evidence::name_of(f.confidence), name_of(f.standing));
  if (f.news != report::News::none && r.baseline) description += fmt::format(" Against {}: {}.", title_of(r.baseline->product), name_of(f.news));
  Json out = {{"id", uuid_of(r, f)}, {"name", cut(sentence(f.rule.empty() ? f.what : f.rule), most_name)}, {"description", cut(description, most_description)}, {"severity", severity_of(f)}};
  auto solution = sentence(f.settle);
  if (!f.remedy.empty()) solution += (solution.empty() ? "" : " ") + ("Declaration that would answer it: " + sentence(f.remedy));
  if (!solution.empty()) out["solution"] = cut(solution, most_solution);
  out["identifiers"] = identifiers(f);
  Json links = Json::array();
  for (const auto& reference : f.references)
    if (is_link(reference)) links.push_back({{"url", reference}});
  if (!links.empty()) out["links"] = std::move(links);
  out["location"] = location(r, o, f);
  return out;
}

Json messages(const Report& r, std::size_t left_out) {
  Json out = Json::array();
  const auto say = [&](std::string_view level, const std::string& text) {
    if (out.size() < most_messages) out.push_back({{"level", level}, {"value", text}});
  };
  say(r.verdict == report::Verdict::pass ? "info" : r.verdict == report::Verdict::inconclusive ? "fatal" : "warn",
      fmt::format("Assay's verdict on {} (SHA-256 {}): {}. {}", title_of(r.product), sentence(r.product.digest), name_of(r.verdict), meaning_of(r.verdict)));
  if (r.baseline)
    say("info", fmt::format("Compared with {} ({}): {}, {} resolved.", title_of(r.baseline->product), name_of(r.baseline->verdict),
                            counted(static_cast<std::uint64_t>(std::ranges::count(r.findings, report::News::fresh, &Finding::news)), "new finding"), r.baseline->resolved.size()));
  if (left_out) say("warn", fmt::format("{} more findings are in the JSON report.", left_out));
  for (const auto& reason : r.reasons)
    if (reason.finding.empty() && reason.leads_to != report::Verdict::pass) say("warn", sentence(reason.text));
  for (const auto& text : r.not_covered) say("info", sentence(text));
  return out;
}

}  // namespace

std::string gitlab(const Report& r, const Options&) {
  const auto o = outline(r);
  const auto count = std::min(r.findings.size(), most_gitlab_findings);
  const auto version = r.used.engine_version.empty() ? std::string("0") : sentence(r.used.engine_version);
  const Json tool = {{"id", "assay"}, {"name", "Assay"}, {"version", version}, {"vendor", {{"name", "Assay"}}}};
  const bool dated = r.used.at.size() == 10;
  const auto time = (dated ? sentence(r.used.at) : std::string("1970-01-01")) + "T00:00:00";
  Json all = Json::array();
  for (std::size_t i = 0; i < count; ++i) all.push_back(vulnerability(r, o, r.findings[i]));
  const Json out = {{"version", "15.0.6"},
                    {"scan",
                     {{"analyzer", tool},
                      {"scanner", tool},
                      {"type", "sast"},
                      {"start_time", time},
                      {"end_time", time},
                      {"status", r.verdict == report::Verdict::inconclusive ? "failure" : "success"},
                      {"messages", messages(r, r.findings.size() - count)}}},
                    {"vulnerabilities", std::move(all)}};
  return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace render
