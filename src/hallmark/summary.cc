// From a report to what travels: the verdict statement, the SLSA Verification Summary Attestation of a
// pass (https://slsa.dev/spec/v1.1/verification_summary), and the in-toto test result v0.1.
#include <algorithm>
#include <set>
#include <tuple>

#include "hallmark/fields.h"
#include "report/wording.h"

namespace hallmark {

using base::Trouble;
using report::Verdict;

namespace {

constexpr std::string_view statement_type = "https://in-toto.io/Statement/v1";
constexpr std::string_view test_result_type = "https://in-toto.io/attestation/test-result/v0.1";
constexpr std::string_view own_host = "https://assay.example/";

// Of a part of a package URL: RFC 3986's unreserved characters stay.
std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) out += c;
    else out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

// A VSA must say where the product is had; where nothing says so, a generic package URL names it by its bytes.
std::string resource_of(const VerdictStatement& v) {
  if (!v.resource_uri.empty()) return v.resource_uri;
  const auto name = v.product.name.empty() ? "product" : percent_encoded(v.product.name);
  const auto version = v.product.version.empty() ? "" : "@" + percent_encoded(v.product.version);
  return fmt::format("pkg:generic/{}{}?checksum=sha256:{}", name, version, v.product.digest);
}

Json descriptor(std::string_view kind, std::string_view name, std::string_view digest) {
  return {{"uri", fmt::format("{}{}/{}", own_host, kind, percent_encoded(name))}, {"digest", digest_set(digest)}};
}

Json subject_json(const Subject& s) { return {{"name", report::sentence(s.name)}, {"digest", digest_set(s.digest)}}; }

std::string statement(const Subject& subject, std::string_view type, Json predicate) {
  return print_json({{"_type", statement_type}, {"subject", Json::array({subject_json(subject)})}, {"predicateType", type}, {"predicate", std::move(predicate)}});
}

std::vector<Subject> subjects_of(const report::Report& report, const base::Digest& product) {
  // The outer ones first: what a crowded product leaves out must not be an image's layer or a package in it,
  // by which gates know it, but a file deep within.
  std::vector<std::tuple<std::size_t, std::string_view, std::string_view>> files;   // depth, place, digest
  const auto depth = [](std::string_view place) {
    std::size_t out = 0;
    for (auto at = place.find("//"); at != place.npos; at = place.find("//", at + 2)) ++out;
    return out;
  };
  for (const auto& a : report.artifacts)
    if (a.nature == "file" && !a.digest.empty()) files.emplace_back(depth(a.place), a.place, a.digest);
  std::sort(files.begin(), files.end());
  const auto& p = report.product;
  const auto& name = p.files.size() == 1 ? p.files[0] : p.name.empty() ? std::string("product") : p.name;
  std::vector<Subject> out = {{base::printable(name), product}};
  std::set<std::string_view> seen = {p.digest};
  for (const auto& [deep, place, hex] : files) {
    if (out.size() > most_subjects) break;
    const auto digest = base::Digest::from_hex(hex);
    if (digest && seen.insert(hex).second) out.push_back({base::printable(place), *digest});
  }
  return out;
}

void add_conditions(const report::Report& report, VerdictStatement& v) {
  std::set<std::string> told;
  for (const auto& reason : report.reasons)
    if (reason.leads_to == Verdict::conditional && v.conditions.size() < most_list_items) {
      if (told.insert(reason.text).second) v.conditions.push_back(report::sentence(reason.text));
      if (!reason.finding.empty() && told.insert("finding " + reason.finding).second) v.condition_findings.push_back(reason.finding);
    }
}

Baseline baseline_of(const report::Report& report) {
  const auto& b = *report.baseline;
  Baseline out{b.product.digest, base::printable(b.product.name), base::printable(b.product.version), b.verdict, b.report, "", 0, {}, b.resolved.size()};
  std::set<std::string_view> told;
  for (const auto& finding : report.findings) {
    const bool news = finding.news == report::News::fresh || finding.news == report::News::changed;
    if (!news || finding.effect == report::Effect::disclose || !told.insert(finding.id).second) continue;
    ++out.news;
    if (out.findings.size() < Baseline::most_listed) out.findings.push_back(finding.id);
  }
  return out;
}

}  // namespace

Statement verdict_of(const report::Report& report, std::string_view report_json, std::string office, Time issued, Time expires) {
  VerdictStatement v;
  v.verdict = report.verdict;
  v.office = std::move(office);
  v.resource_uri = base::printable(report.product.purl);
  v.product = report.product;
  for (auto* text : {&v.product.name, &v.product.version, &v.product.maker, &v.product.ecosystem, &v.product.purl}) *text = base::printable(*text);
  if (v.product.files.size() > most_list_items) v.product.files.resize(most_list_items);
  for (auto& file : v.product.files) file = base::printable(file);
  v.issued = issued;
  v.expires = expires;
  v.at = report.used.at;
  v.engine = report.used.engine;
  v.engine_version = report.used.engine_version;
  v.rules = report.used.rules;
  v.policy = report.used.policy;
  v.policy_name = report.used.policy_name;
  v.declaration = report.used.declaration;
  v.report = base::sha256(report_json).hex();
  for (std::size_t i = 0; i < evidence::label_count; ++i)
    if (const auto label = static_cast<evidence::Label>(i); label != evidence::Label::handed_on) v.coverage[std::string(evidence::name_of(label))] = report.coverage.of(label);
  if (report.verdict == Verdict::conditional) add_conditions(report, v);
  for (const auto& waiver : report.used.waivers)
    if (base::Digest::from_hex(waiver) && std::any_of(report.findings.begin(), report.findings.end(), [&](const auto& f) { return !f.waiver.empty() && waiver.starts_with(f.waiver); })) v.waivers.push_back(waiver);
  v.replayable = report.replayable;
  if (report.baseline) v.baseline = baseline_of(report);
  Statement out;
  out.subjects = subjects_of(report, base::Digest::from_hex(report.product.digest).value_or(base::Digest{}));
  out.predicate = std::move(v);
  return out;
}

base::Result<std::string> verification_summary(const Statement& pass) {
  const auto* v = std::get_if<VerdictStatement>(&pass.predicate);
  // Clients that read these look at the signature and the type, not at the result in them.
  if (!v || v->verdict != Verdict::pass || pass.subjects.empty()) return base::fail(Trouble::bug, "only a pass has a verification summary");
  return statement(pass.subjects[0], vsa_type,
                   {{"verifier", {{"id", report::sentence(v->office)}, {"version", {{"assay", report::sentence(v->engine_version)}}}}},
                    {"timeVerified", print_time(v->issued)},
                    {"resourceUri", report::sentence(resource_of(*v))},
                    {"policy", descriptor("policy", v->policy_name, v->policy)},
                    {"inputAttestations", Json::array({descriptor("report", v->report, v->report)})},
                    {"verificationResult", "PASSED"},
                    {"verifiedLevels", Json::array({"HALLMARK_PASS"})}});
}

base::Result<std::string> test_result(const Statement& verdict, const report::Report& report) {
  const auto* v = std::get_if<VerdictStatement>(&verdict.predicate);
  if (!v || verdict.subjects.empty()) return base::fail(Trouble::bug, "a test result is made of a verdict");
  std::map<report::Effect, std::set<std::string>> rules;
  for (const auto& f : report.findings) rules[f.effect].insert(report::sentence(f.rule));
  const auto listed = [&](report::Effect effect) { return rules[effect].empty() ? Json::array() : Json(rules[effect]); };
  // Inconclusive never enters: of the three words only FAILED says so.
  const auto* result = v->verdict == Verdict::pass ? "PASSED" : v->verdict == Verdict::conditional ? "WARNED" : "FAILED";
  return statement(verdict.subjects[0], test_result_type,
                   {{"result", result},
                    {"configuration", Json::array({descriptor("policy", v->policy_name, v->policy), descriptor("rules", v->rules, v->rules), descriptor("engine", v->engine_version, v->engine)})},
                    {"warnedTests", listed(report::Effect::conditional)},
                    {"failedTests", listed(report::Effect::fail)}});
}

}  // namespace hallmark
