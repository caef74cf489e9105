// See sarif.h. Level: fail -> error, conditional -> warning, disclose -> note. A waiver becomes an
// accepted suppression; the result stays.
#include "render/sarif/sarif.h"

#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "render/columns.h"
#include "render/outline.h"
#include "report/wording.h"

namespace render {
namespace {

using Json = nlohmann::ordered_json;
using report::Finding;
using report::Report;
using report::sentence;

constexpr std::string_view base_id = "PRODUCT";

std::string_view level_of(report::Effect effect) {
  return effect == report::Effect::fail ? "error" : effect == report::Effect::conditional ? "warning" : "note";
}

std::string_view score_of(report::Severity severity) {
  static constexpr std::string_view scores[] = {"0.0", "3.0", "5.5", "8.0", "9.5"};
  return scores[static_cast<std::size_t>(severity)];
}

/// One name as path segments of a relative URI; "..", which a viewer would resolve, is bracketed.
std::string segments(std::string_view name) {
  static constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+@()";
  std::string out;
  for (auto path = artifact::normal_path(name); !path.empty();) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    path = slash == std::string::npos ? std::string() : path.substr(slash + 1);
    if (!out.empty()) out += '/';
    if (part == "..") {
      out += "%5B..%5D";
      continue;
    }
    for (const unsigned char c : part) {
      if (plain.find(static_cast<char>(c)) != std::string_view::npos) out += static_cast<char>(c);
      else out += fmt::format("%{:02X}", c);
    }
  }
  return out;
}

/// Artifacts that results name, in order of the tree, with their containers.
class Artifacts {
 public:
  explicit Artifacts(const Report& r) : report_(r), index_(r.artifacts.size(), none) {}

  /// The artifact of a node; the product itself is stood for by its first file.
  artifact::NodeId node(artifact::NodeId id) const {
    if (id == 0 || id >= report_.artifacts.size()) return report_.artifacts.size() > 1 ? 1 : 0;
    return id;
  }
  void need(artifact::NodeId id) {
    for (id = node(id); id < index_.size() && index_[id] == none; id = report_.artifacts[id].parent) {
      if (id == 0 && report_.artifacts.size() > 1) break;
      index_[id] = 0;
    }
  }
  Json list() {
    Json out = Json::array();
    for (artifact::NodeId id = 0; id < index_.size(); ++id) {
      if (index_[id] == none) continue;
      index_[id] = out.size();
      const auto& a = report_.artifacts[id];
      Json one = {{"location", {{"uri", uri(id)}, {"uriBaseId", base_id}, {"index", index_[id]}}}};
      if (a.parent < index_.size() && index_[a.parent] != none) one["parentIndex"] = index_[a.parent];
      else one["roles"] = {"analysisTarget"};
      if (a.nature == "file") one["length"] = a.size;
      if (!a.digest.empty()) one["hashes"] = {{"sha-256", sentence(a.digest)}};
      one["properties"] = {{"place", place_of(report_, id)}, {"kind", base::printable(a.kind)}, {"fullyRead", a.complete}};
      out.push_back(std::move(one));
    }
    return out;
  }
  Json location(artifact::NodeId id) const {
    id = node(id);
    if (id >= index_.size()) return {{"uri", "product"}, {"uriBaseId", base_id}};
    return {{"uri", uri(id)}, {"uriBaseId", base_id}, {"index", index_[id]}};
  }

 private:
  static constexpr std::size_t none = SIZE_MAX;
  std::string uri(artifact::NodeId id) const {
    std::vector<std::string> parts;
    for (; id < report_.artifacts.size() && id != 0; id = report_.artifacts[id].parent) {
      const auto& a = report_.artifacts[id];
      auto part = segments(a.name);
      parts.push_back(part.empty() ? "(" + segments(a.origin) + ")" : std::move(part));
    }
    std::string out;
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) out += (out.empty() ? "" : "/") + *part;
    return out.empty() ? "product" : out;
  }
  const Report& report_;
  std::vector<std::size_t> index_;
};

/// "accounts/backdoor-account" -> "AccountsBackdoorAccount": SARIF wants a name that is no id.
std::string pascal(std::string_view id) {
  std::string out;
  bool start = true;
  for (const char c : id) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter) out += start && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    start = !letter;
  }
  return out.empty() ? "Rule" : out;
}

Json rule(const Finding& f) {
  Json tags = {"security"};
  for (const auto& tag : {sentence(f.klass), sentence(f.rule_namespace)})
    if (!tag.empty() && tags.size() < most_sarif_tags && std::ranges::find(tags, Json(tag)) == tags.end()) tags.push_back(tag);
  auto help = sentence(f.why.empty() ? f.what : f.why);
  if (!f.settle.empty()) help += "\n\nWhat would settle it: " + sentence(f.settle);
  if (!f.remedy.empty()) help += "\n\nDeclaration line that would answer it: " + sentence(f.remedy);
  for (const auto& reference : f.references) help += "\n\nReference: " + sentence(reference);
  if (!f.author.empty()) help += "\n\nRule by " + sentence(f.author) + ".";
  Json out = {{"id", sentence(f.rule)},
              {"name", pascal(f.rule)},
              {"shortDescription", {{"text", sentence(f.what)}}},
              {"fullDescription", {{"text", sentence(f.why.empty() ? f.what : f.why)}}},
              {"help", {{"text", help}}},
              {"defaultConfiguration", {{"level", level_of(f.effect)}}},
              {"properties", {{"tags", tags}, {"precision", evidence::name_of(f.confidence)}, {"security-severity", score_of(f.severity)}}}};
  for (const auto& reference : f.references)
    if (reference.starts_with("https://") && base::printable(reference) == reference && reference.find_first_of(" \"<>\\^`{|}") == std::string::npos) {
      out["helpUri"] = reference;
      break;
    }
  return out;
}

/// Of a rule that only findings of the version before had.
Json past_rule(const report::PastFinding& f) {
  return {{"id", sentence(f.rule)},
          {"name", pascal(f.rule)},
          {"shortDescription", {{"text", sentence(f.what)}}},
          {"fullDescription", {{"text", sentence(f.what)}}},
          {"help", {{"text", sentence(f.what)}}},
          {"properties", {{"tags", {"security"}}}}};
}

/// What the results' baselineState refers to. No run.baselineGuid: the baseline may never have been a SARIF log.
Json compared_with(const report::Baseline& b, std::size_t absent_listed) {
  return {{"product", title_of(b.product)}, {"productDigest", sentence(b.product.digest)}, {"report", sentence(b.report)}, {"verdict", name_of(b.verdict)},
          {"absentLeftOut", b.resolved.size() - absent_listed}};
}

Json region(const evidence::Item& item) {
  Json out = {{"byteOffset", item.range.offset}, {"byteLength", item.range.size}};
  if (const auto line = item.attributes.find("line"); line != item.attributes.end()) {
    unsigned number = 0;
    const auto* end = line->second.data() + line->second.size();
    if (std::from_chars(line->second.data(), end, number).ptr == end && number) out["startLine"] = number;
  }
  if (item.excerpt.empty()) return out;
  if (is_text(item.excerpt)) out["snippet"] = {{"text", base::printable(item.excerpt)}};
  else out["snippet"] = {{"binary", base::to_base64(item.excerpt)}};
  return out;
}

/// Evidence first, because it has ranges; then places that no evidence stands in.
Json locations(const Report& r, const Outline& o, const Finding& f, const Artifacts& artifacts, std::size_t& left_out) {
  Json out = Json::array();
  std::vector<artifact::NodeId> seen;
  const auto add = [&](artifact::NodeId node, const evidence::Item* item) {
    if (out.size() == most_sarif_locations) return ++left_out, void();
    Json physical = {{"artifactLocation", artifacts.location(node)}};
    if (item && item->range.size) physical["region"] = region(*item);
    Json one = {{"physicalLocation", std::move(physical)}};
    Json logical = {{"fullyQualifiedName", place_of(r, node)}};
    if (item && !item->unit.empty()) logical["name"] = base::printable(item->unit), logical["kind"] = "function";
    one["logicalLocations"] = Json::array({std::move(logical)});
    if (item) one["message"] = {{"text", fmt::format("{}: {}", fact_of(*item), base::printable(item->value))}};
    out.push_back(std::move(one));
  };
  for (const auto& id : f.evidence)
    if (const auto e = o.exhibits.find(id); e != o.exhibits.end()) {
      add(e->second->node, &e->second->item);
      seen.push_back(e->second->node);
    }
  for (const auto node : f.places)
    if (std::ranges::find(seen, node) == seen.end()) add(node, nullptr);
  if (out.empty()) add(0, nullptr);
  return out;
}

/// SARIF's words (3.27.24) for ours.
std::string_view state_of(report::News news) {
  switch (news) {
    case report::News::none: return "";
    case report::News::fresh: return "new";
    case report::News::changed: return "updated";
    case report::News::unchanged: return "unchanged";
  }
  return "";
}

Json result(const Report& r, const Outline& o, const Finding& f, std::size_t rule_index, const Artifacts& artifacts, std::size_t& left_out) {
  auto message = sentence(f.what);
  if (!f.why.empty()) message += " " + sentence(f.why);
  if (!f.settle.empty()) message += " What would settle it: " + sentence(f.settle);
  Json out = {{"ruleId", sentence(f.rule)}, {"ruleIndex", rule_index}, {"level", level_of(f.effect)}, {"message", {{"text", message}}},
              {"locations", locations(r, o, f, artifacts, left_out)},
              {"partialFingerprints", {{"assayFinding/v1", sentence(f.id)}, {"primaryLocationLineHash", sentence(f.id) + ":1"}}}};
  if (const auto state = state_of(f.news); !state.empty()) out["baselineState"] = state;
  if (!f.waiver.empty()) out["suppressions"] = Json::array({{{"kind", "external"}, {"status", "accepted"}, {"justification", "Waiver " + sentence(f.waiver)}}});
  out["properties"] = {{"severity", name_of(f.severity)}, {"confidence", evidence::name_of(f.confidence)}, {"declared", name_of(f.standing)},
                       {"effect", name_of(f.effect)}, {"scope", sentence(f.scope)}, {"remedy", sentence(f.remedy)}};
  return out;
}

/// A finding of the version before that is gone. Its rule passes now, so that who doesn't know baselineState
/// opens no alert; it names its place as text, because the file belongs to another product.
Json absent(const Report& r, const report::PastFinding& f, std::size_t rule_index, const Artifacts& artifacts) {
  const auto place = f.place.empty() ? std::string("the product") : base::printable(f.place);
  Json at = {{"physicalLocation", {{"artifactLocation", artifacts.location(0)}}}, {"logicalLocations", Json::array({{{"fullyQualifiedName", place}}})}};
  const auto print = base::sha256(f.rule + "\n" + f.what + "\n" + f.place).hex().substr(0, 16);
  return {{"ruleId", sentence(f.rule)}, {"ruleIndex", rule_index}, {"kind", "pass"}, {"level", "none"},
          {"message", {{"text", fmt::format("Resolved since {}: {}", title_of(r.baseline->product), sentence(f.what))}}},
          {"locations", Json::array({std::move(at)})},
          {"partialFingerprints", {{"assayResolved/v1", print}}},
          {"baselineState", "absent"},
          {"properties", {{"effectBefore", sentence(f.effect)}, {"placeBefore", place}}}};
}

Json properties(const Report& r, std::size_t results_left_out, std::size_t locations_left_out) {
  Json coverage = Json::object();
  for (std::size_t i = 0; i < evidence::label_count; ++i)
    coverage[std::string(evidence::name_of(static_cast<evidence::Label>(i)))] = r.coverage.bytes[i];
  Json not_covered = Json::array();
  for (const auto& s : r.not_covered) not_covered.push_back(sentence(s));
  return {{"verdict", name_of(r.verdict)},
          {"product", title_of(r.product)},
          {"productDigest", sentence(r.product.digest)},
          {"engine", sentence(r.used.engine)},
          {"rules", sentence(r.used.rules)},
          {"policy", sentence(r.used.policy)},
          {"at", sentence(r.used.at)},
          {"replayable", r.replayable},
          {"coverage", std::move(coverage)},
          {"notCovered", std::move(not_covered)},
          {"resultsLeftOut", results_left_out},
          {"locationsLeftOut", locations_left_out}};
}

Json invocation(const Report& r, std::size_t results_left_out, std::size_t locations_left_out) {
  Json notes = Json::array();
  const auto note = [&](std::string_view level, std::string text) { notes.push_back({{"level", level}, {"message", {{"text", std::move(text)}}}}); };
  note(r.verdict == report::Verdict::fail ? "error" : r.verdict == report::Verdict::pass ? "note" : "warning",
       fmt::format("Verdict: {}. {}", name_of(r.verdict), meaning_of(r.verdict)));
  std::size_t unfinished = 0;
  for (const auto& a : r.artifacts) unfinished += !a.complete;
  if (unfinished) note("warning", counted(unfinished, "artifact was", "artifacts were") + " not fully read.");
  if (results_left_out || locations_left_out)
    note("warning", fmt::format("{} and {} were left out to keep the limits of code-scanning services; the JSON report has them.",
                                counted(results_left_out, "result"), counted(locations_left_out, "location")));
  return {{"executionSuccessful", r.verdict != report::Verdict::inconclusive}, {"toolExecutionNotifications", std::move(notes)}};
}

/// How many bytes the text has as gzip sends it.
std::size_t packed_size(const std::string& text) {
  uLongf size = compressBound(text.size());
  std::string out(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()), text.size(), 6) != Z_OK) return text.size();
  return size + 18;  // gzip's own head and tail are longer than zlib's
}

/// The first `count` findings.
std::string with_results(const Report& r, std::size_t count) {
  const auto o = outline(r);
  Artifacts artifacts(r);
  if (r.artifacts.size() > 1) artifacts.need(1);
  for (std::size_t i = 0; i < count; ++i) {
    for (const auto node : r.findings[i].places) artifacts.need(node);
    for (const auto& id : r.findings[i].evidence)
      if (const auto e = o.exhibits.find(id); e != o.exhibits.end()) artifacts.need(e->second->node);
  }
  auto artifact_list = artifacts.list();
  Json rules = Json::array(), results = Json::array();
  std::map<std::string, std::size_t> rule_index;
  std::size_t locations_left_out = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& f = r.findings[i];
    const auto [at, added] = rule_index.try_emplace(f.rule, rules.size());
    if (added) rules.push_back(rule(f));
    results.push_back(result(r, o, f, at->second, artifacts, locations_left_out));
  }
  const auto past = r.baseline && count == r.findings.size() ? std::min({r.baseline->resolved.size(), most_sarif_absent, most_sarif_results - count}) : 0;
  for (std::size_t i = 0; i < past; ++i) {
    const auto& f = r.baseline->resolved[i];
    const auto [at, added] = rule_index.try_emplace(f.rule, rules.size());
    if (added) rules.push_back(past_rule(f));
    results.push_back(absent(r, f, at->second, artifacts));
  }
  const auto results_left_out = r.findings.size() - count;
  Json driver = {{"name", "Assay"}, {"fullName", "Assay, an assay office for software"}};
  if (!r.used.engine_version.empty()) driver["version"] = sentence(r.used.engine_version);
  if (!r.used.engine_version.empty()) driver["semanticVersion"] = sentence(r.used.engine_version);
  driver["rules"] = std::move(rules);
  Json run = {{"tool", {{"driver", std::move(driver)}}},
              {"automationDetails", {{"id", "assay/" + segments(r.product.name.empty() ? "product" : r.product.name) + "/"}}},
              {"columnKind", "unicodeCodePoints"},
              {"originalUriBaseIds", {{std::string(base_id), {{"description", {{"text", "The files handed in; a path goes on through the containers."}}}}}}},
              {"invocations", Json::array({invocation(r, results_left_out, locations_left_out)})},
              {"artifacts", std::move(artifact_list)},
              {"results", std::move(results)},
              {"properties", properties(r, results_left_out, locations_left_out)}};
  if (r.baseline) run["properties"]["baseline"] = compared_with(*r.baseline, past);
  const Json out = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}, {"runs", Json::array({std::move(run)})}};
  return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string sarif(const Report& r, const Options&) {
  auto count = std::min(r.findings.size(), most_sarif_results);
  for (;;) {
    auto text = with_results(r, count);
    if (text.size() <= most_sarif_packed || count == 0) return text;
    const auto packed = packed_size(text);
    if (packed <= most_sarif_packed) return text;
    // The findings that decide come first; those at the end are left out, and the run says how many.
    count = std::min(count - 1, count * most_sarif_packed / packed * 9 / 10);
  }
}

}  // namespace render
