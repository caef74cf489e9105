// Writes a report as JSON, element by element, so that a report of a large product is never held
// twice. What it doesn't do: pretty printing beyond one element a line.
#include "report/json.h"

#include "report/json_parts.h"
#include "report/wording.h"

namespace report {
namespace {

using Json = nlohmann::ordered_json;

Json sentences(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const auto& t : texts) out.push_back(sentence(t));
  return out;
}

std::string line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json of(const evidence::Tally& tally) {
  Json out = Json::object();
  for (std::size_t i = 0; i < evidence::label_count; ++i)
    out[std::string(evidence::name_of(static_cast<evidence::Label>(i)))] = tally.bytes[i];
  return out;
}

Json of(const ProductIdentity& p) {
  Json out = Json::object();
  put(out, "name", p.name);
  put(out, "version", p.version);
  put(out, "maker", p.maker);
  put(out, "ecosystem", p.ecosystem);
  put(out, "purl", p.purl);
  out["digest"] = sentence(p.digest);
  out["size"] = p.size;
  out["files"] = Json::array();
  for (const auto& f : p.files) {
    Json file = Json::object();
    put(file, "name", f);
    out["files"].push_back(std::move(file));
  }
  return out;
}

Json of(const Reason& r) {
  return {{"leads_to", name_of(r.leads_to)}, {"text", sentence(r.text)}, {"finding", sentence(r.finding)}};
}

Json of(const Finding& f, const Report& report) {
  Json out = {{"id", sentence(f.id)},
              {"rule", sentence(f.rule)},
              {"namespace", sentence(f.rule_namespace)},
              {"class", sentence(f.klass)},
              {"severity", name_of(f.severity)},
              {"confidence", evidence::name_of(f.confidence)},
              {"declared", name_of(f.standing)},
              {"effect", name_of(f.effect)},
              {"what", sentence(f.what)},
              {"why", sentence(f.why)},
              {"settle", sentence(f.settle)},
              {"remedy", sentence(f.remedy)},
              {"references", sentences(f.references)},
              {"author", sentence(f.author)},
              {"scope", sentence(f.scope)},
              {"places", Json::array()},
              {"evidence", sentences(f.evidence)},
              {"waiver", sentence(f.waiver)}};
  for (const auto node : f.places) {
    Json place = {{"node", node}};
    put(place, "place", node < report.artifacts.size() ? std::string_view(report.artifacts[node].place) : std::string_view());
    out["places"].push_back(std::move(place));
  }
  if (f.news != News::none) out["state"] = name_of(f.news);
  return out;
}

Json of(const DeclarationLine& d) {
  Json out = Json::object();
  put(out, "section", d.section);
  put(out, "value", d.value);
  put(out, "purpose", d.purpose);
  put(out, "recipient", d.recipient);
  out["weak"] = d.weak;
  out["void"] = d.is_void;
  out["note"] = sentence(d.note);
  out["state"] = name_of(d.state);
  put(out, "source", d.source);
  return out;
}

Json of(const ArtifactLine& a, std::size_t node) {
  Json out = {{"node", node}};
  out["parent"] = a.parent == artifact::no_node ? Json(nullptr) : Json(a.parent);
  put(out, "name", a.name);
  put(out, "place", a.place);
  put(out, "kind", a.kind);
  out["origin"] = sentence(a.origin);
  out["nature"] = sentence(a.nature);
  out["digest"] = sentence(a.digest);
  out["size"] = a.size;
  out["mode"] = a.mode;
  put(out, "link", a.link);
  out["bytes"] = of(a.tally);
  out["complete"] = a.complete;
  out["opaque"] = Json::array();
  for (const auto& c : a.opaque) out["opaque"].push_back({{"offset", c.range.offset}, {"size", c.range.size}, {"why", sentence(c.why)}});
  return out;
}

Json of(const Exhibit& e) {
  const auto& i = e.item;
  Json out = {{"id", sentence(e.id)}, {"node", e.node}, {"facet", evidence::name_of(i.facet)}};
  put(out, "word", i.word);
  put(out, "value", i.value);
  Json attributes = Json::object();
  for (const auto& [name, value] : i.attributes) put(attributes, sentence(name), value);
  out["attributes"] = std::move(attributes);
  out["offset"] = i.range.offset;
  out["size"] = i.range.size;
  put(out, "excerpt", i.excerpt);
  put(out, "unit", i.unit);
  out["confidence"] = evidence::name_of(i.confidence);
  out["secret"] = i.secret;
  out["examiner"] = sentence(i.examiner);
  out["count"] = i.count;
  return out;
}

Json of(const Used& u) {
  Json limits = Json::object();
  for (const auto& [name, value] : u.limits) limits[sentence(name)] = value;
  return {{"engine_version", sentence(u.engine_version)},
          {"policy_name", sentence(u.policy_name)},
          {"at", sentence(u.at)},
          {"declaration", sentence(u.declaration)},
          {"waivers", sentences(u.waivers)},
          {"limits", std::move(limits)}};
}

Json of(const ArtifactChange& a) {
  Json out = {{"fate", name_of(a.fate)}};
  out["node"] = a.node == artifact::no_node ? Json(nullptr) : Json(a.node);
  out["distance"] = a.distance;
  put(out, "was_place", a.place);
  put(out, "was_kind", a.kind);
  out["was_digest"] = sentence(a.digest);
  out["was_size"] = a.size;
  out["was_opaque"] = a.opaque;
  return out;
}

Json of(const EvidenceChange& c) {
  return {{"change", name_of(c.turn)}, {"new_to_product", c.new_to_product}, {"now", sentence(c.now)}, {"before", sentence(c.before)}};
}

Json of(const PastFinding& f) {
  Json out = {{"rule", sentence(f.rule)}, {"class", sentence(f.klass)}, {"effect", sentence(f.effect)}, {"what", sentence(f.what)}};
  put(out, "place", f.place);
  return out;
}

Json of(const DeclarationChange& d) {
  Json out = {{"change", name_of(d.turn)}};
  put(out, "section", d.section);
  put(out, "value", d.value);
  put(out, "was", d.was);
  return out;
}

void field(std::string& out, std::string_view key, const Json& value) { out += fmt::format("\"{}\": {},\n", key, line(value)); }

template <class List, class Each>
void array(std::string& out, std::string_view key, const List& list, Each each) {
  out += fmt::format("\"{}\": [", key);
  std::size_t i = 0;
  for (const auto& element : list) {
    out += i ? ",\n" : "\n";
    out += line(each(element, i++));
  }
  out += i ? "\n],\n" : "],\n";
}

void baseline(std::string& out, const Baseline& b) {
  out += "\"baseline\": {\n";
  field(out, "product", of(b.product));
  field(out, "verdict", name_of(b.verdict));
  field(out, "report", sentence(b.report));
  field(out, "engine", sentence(b.engine));
  field(out, "rules", sentence(b.rules));
  field(out, "coverage", of(b.coverage));
  field(out, "tables_left_out", b.tables_left_out);
  field(out, "not_tried", b.not_tried);
  field(out, "unlisted", b.unlisted);
  Json counts = Json::object();
  for (const auto& [name, n] : b.counts) counts[sentence(name)] = n;
  field(out, "counts", counts);
  array(out, "artifacts", b.artifacts, [](const ArtifactChange& x, std::size_t) { return of(x); });
  array(out, "changes", b.changes, [](const EvidenceChange& x, std::size_t) { return of(x); });
  array(out, "evidence", b.evidence, [](const Exhibit& x, std::size_t) { return of(x); });
  array(out, "places", b.places, [](const std::string& x, std::size_t) {
    Json place = Json::object();
    put(place, "place", x);
    return place;
  });
  array(out, "resolved", b.resolved, [](const PastFinding& x, std::size_t) { return of(x); });
  array(out, "declaration", b.declaration, [](const DeclarationChange& x, std::size_t) { return of(x); });
  out.erase(out.size() - 2);  // the comma behind the last
  out += "\n},\n";
}

}  // namespace

std::string to_json(const Report& r) {
  std::string out = "{\n";
  field(out, "schema", r.schema);
  field(out, "engine", sentence(r.used.engine));
  field(out, "rules", sentence(r.used.rules));
  field(out, "policy", sentence(r.used.policy));
  field(out, "product", of(r.product));
  field(out, "verdict", name_of(r.verdict));
  array(out, "reasons", r.reasons, [](const Reason& x, std::size_t) { return of(x); });
  array(out, "findings", r.findings, [&](const Finding& x, std::size_t) { return of(x, r); });
  field(out, "coverage", of(r.coverage));
  array(out, "declaration", r.declaration, [](const DeclarationLine& x, std::size_t) { return of(x); });
  array(out, "artifacts", r.artifacts, [](const ArtifactLine& x, std::size_t i) { return of(x, i); });
  array(out, "evidence", r.evidence, [](const Exhibit& x, std::size_t) { return of(x); });
  array(out, "not_covered", r.not_covered, [](const std::string& x, std::size_t) { return Json(sentence(x)); });
  if (r.baseline) baseline(out, *r.baseline);
  field(out, "used", of(r.used));
  out += fmt::format("\"replayable\": {}\n}}\n", r.replayable);
  return out;
}

}  // namespace report
