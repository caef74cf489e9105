// https://assay.example/verdict/v1 (docs/hallmark.md).
#include <algorithm>
#include <set>

#include "hallmark/predicate.h"
#include "report/wording.h"

namespace hallmark {

using report::sentence;
using report::Verdict;

namespace {

Json sentences(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const auto& t : texts) out.push_back(sentence(t));
  return out;
}

Json write_product(const report::ProductIdentity& p) {
  return {{"name", sentence(p.name)}, {"version", sentence(p.version)}, {"maker", sentence(p.maker)}, {"ecosystem", sentence(p.ecosystem)},
          {"purl", sentence(p.purl)}, {"digest", digest_set(p.digest)}, {"size", p.size}, {"files", sentences(p.files)}};
}

Verdict read_word(Fields& f) {
  const auto verdict = report::verdict_from(f.text("verdict"));
  if (!verdict) f.wrong("verdict", "pass, conditional, fail or inconclusive is needed");
  return verdict.value_or(Verdict::inconclusive);
}

void read_product(Fields& f, report::ProductIdentity& out) {
  Fields inner(f.object("product"), "product");
  out.name = inner.text_or_empty("name");
  out.version = inner.text_or_empty("version");
  out.maker = inner.text_or_empty("maker");
  out.ecosystem = inner.text_or_empty("ecosystem");
  out.purl = inner.text_or_empty("purl");
  out.digest = inner.digest("digest").hex();
  out.size = inner.number("size");
  out.files = inner.texts("files");
  f.wrong_in("product", inner);
}

// {"digest": ..., <key>: ...}
Json named(std::string_view key, std::string_view name, std::string_view hex) { return {{std::string(key), sentence(name)}, {"digest", digest_set(hex)}}; }

void read_named(Fields& f, const std::string& member, const std::string& key, std::string* name, std::string& hex) {
  Fields inner(f.object(member), member);
  if (name) *name = inner.text_or_empty(key);
  hex = inner.digest("digest").hex();
  f.wrong_in(member, inner);
}

void read_coverage(Fields& f, std::map<std::string, std::uint64_t>& out) {
  const auto& json = f.object("coverage");
  Fields inner(json, "coverage");
  if (json.size() > 100) return f.wrong("coverage", "too many labels");
  for (const auto& [label, bytes] : json.items()) {
    if (sentence(label) != label) f.wrong("coverage", "a label that can't be printed");
    out[label] = inner.number(label);
  }
  f.wrong_in("coverage", inner);
}

Json write_baseline(const Baseline& b) {
  Json out = {{"digest", digest_set(b.digest)}, {"name", sentence(b.name)}, {"version", sentence(b.version)}, {"verdict", report::name_of(b.verdict)}, {"newFindings", b.news}, {"findings", sentences(b.findings)}, {"resolvedFindings", b.resolved}};
  if (!b.report.empty()) out["report"] = {{"digest", digest_set(b.report)}};
  if (!b.hallmark.empty()) out["hallmark"] = digest_set(b.hallmark);
  return out;
}

Baseline read_baseline(Fields& f) {
  Baseline out;
  Fields inner(f.object("baseline"), "baseline");
  out.digest = inner.digest("digest").hex();
  out.name = inner.text_or_empty("name");
  out.version = inner.text_or_empty("version");
  out.verdict = read_word(inner);
  if (inner.has("report")) read_named(inner, "report", "", nullptr, out.report);
  if (inner.has("hallmark")) out.hallmark = inner.digest("hallmark").hex();
  out.news = inner.number("newFindings");
  out.findings = inner.texts("findings");
  out.resolved = inner.number("resolvedFindings");
  if (out.findings.size() != std::min<std::uint64_t>(out.news, Baseline::most_listed)) inner.wrong("findings", "their number is not the one that newFindings says");
  if (std::set<std::string_view>(out.findings.begin(), out.findings.end()).size() != out.findings.size()) inner.wrong("findings", "one stands there twice");
  if (std::ranges::count(out.findings, "")) inner.wrong("findings", "one has no id");
  f.wrong_in("baseline", inner);
  return out;
}

// What a verdict must and must not say, so that no reader needs to choose between two of its words.
void check_sense(Fields& f, const VerdictStatement& v) {
  if (v.verdict == Verdict::conditional && v.conditions.empty()) f.wrong("conditions", "a conditional verdict without a condition");
  if (v.verdict != Verdict::conditional && !(v.conditions.empty() && v.condition_findings.empty())) f.wrong("conditions", "conditions on a verdict that is not conditional");
  if (v.verdict == Verdict::pass && !v.replayable) f.wrong("replayable", "a pass that nobody can check by running it again");
  if (v.verdict == Verdict::pass && !v.waivers.empty()) f.wrong("waivers", "a waiver never gives a pass");
  if (!v.baseline) return;
  if (v.baseline->digest == v.product.digest) f.wrong("baseline", "the product is compared with itself");
  if (v.verdict == Verdict::pass && v.baseline->news > 0) f.wrong("baseline", "a pass with new findings that count against the product");
  if (std::ranges::count(v.supersedes, v.baseline->hallmark)) f.wrong("baseline", "its hallmark is one that this one supersedes, and so of this product");
}

}  // namespace

Json write(const VerdictStatement& v) {
  Json out = {{"verdict", report::name_of(v.verdict)},
              {"office", sentence(v.office)},
              {"resourceUri", sentence(v.resource_uri)},
              {"product", write_product(v.product)},
              {"issued", print_time(v.issued)},
              {"expires", print_time(v.expires)},
              {"vettingDate", sentence(v.at)},
              {"engine", named("version", v.engine_version, v.engine)},
              {"rules", {{"digest", digest_set(v.rules)}}},
              {"policy", named("name", v.policy_name, v.policy)},
              {"report", {{"digest", digest_set(v.report)}}},
              {"coverage", v.coverage.empty() ? Json::object() : Json(v.coverage)},
              {"conditions", sentences(v.conditions)},
              {"conditionFindings", sentences(v.condition_findings)},
              {"waivers", sentences(v.waivers)},
              {"supersedes", sentences(v.supersedes)},
              {"replayable", v.replayable}};
  if (!v.examiner.empty()) out["examiner"] = sentence(v.examiner);
  if (!v.declaration.empty()) out["declaration"] = {{"digest", digest_set(v.declaration)}};
  if (v.baseline) out["baseline"] = write_baseline(*v.baseline);
  return out;
}

base::Result<VerdictStatement> read_verdict(const Json& json) {
  Fields f(json, "verdict");
  VerdictStatement out;
  out.verdict = read_word(f);
  out.office = f.text("office");
  out.examiner = f.text_or_empty("examiner");
  out.resource_uri = f.text_or_empty("resourceUri");
  read_product(f, out.product);
  f.period(out.issued, out.expires);
  out.at = f.text("vettingDate");
  read_named(f, "engine", "version", &out.engine_version, out.engine);
  read_named(f, "rules", "", nullptr, out.rules);
  read_named(f, "policy", "name", &out.policy_name, out.policy);
  read_named(f, "report", "", nullptr, out.report);
  if (f.has("declaration")) read_named(f, "declaration", "", nullptr, out.declaration);
  read_coverage(f, out.coverage);
  out.conditions = f.texts("conditions");
  out.condition_findings = f.texts("conditionFindings");
  out.waivers = f.hex_list("waivers");
  out.supersedes = f.hex_list("supersedes");
  out.replayable = f.flag("replayable");
  if (f.has("baseline")) out.baseline = read_baseline(f);
  check_sense(f, out);
  CHECK_OK(f.done());
  return out;
}

}  // namespace hallmark
