// An invented report with one of everything, hostile names included: what the tests of this room and
// of the renderers show. Not linked into the program.
#pragma once

#include "evidence/item.h"
#include "report/report.h"

namespace report::sample {

struct Builder {
  Report r;

  artifact::NodeId artifact(artifact::NodeId parent, std::string name, std::string kind, std::uint64_t size, evidence::Label label,
                            std::string origin = "member") {
    ArtifactLine a;
    a.parent = parent;
    a.name = name;
    a.place = parent == artifact::no_node || parent == 0 ? name : r.artifacts[parent].place + "//" + (name.empty() ? "(layer)" : name);
    a.kind = std::move(kind);
    a.origin = std::move(origin);
    a.nature = parent == artifact::no_node ? "directory" : "file";
    if (parent != artifact::no_node) a.digest = base::sha256(a.place).hex();
    a.size = size;
    a.mode = 0644;
    a.tally.bytes[static_cast<std::size_t>(label)] = size;
    if (label == evidence::Label::opaque) a.opaque.push_back({{0, size}, label, "encrypted"});
    if (label != evidence::Label::handed_on) r.coverage.add(a.tally);
    r.artifacts.push_back(std::move(a));
    return static_cast<artifact::NodeId>(r.artifacts.size() - 1);
  }

  std::string exhibit(artifact::NodeId node, evidence::Facet facet, std::string word, std::string value, std::uint64_t offset, std::string excerpt,
                      std::map<std::string, std::string> attributes = {}) {
    Exhibit e;
    e.node = node;
    e.item.facet = facet;
    e.item.word = std::move(word);
    e.item.value = std::move(value);
    e.item.attributes = std::move(attributes);
    e.item.range = {offset, excerpt.size()};
    e.item.excerpt = std::move(excerpt);
    e.item.examiner = "sample";
    e.id = digest_of(e.item, base::sha256(r.artifacts[node].place)).hex().substr(0, 16);
    r.evidence.push_back(e);
    return e.id;
  }

  Finding& finding(std::string rule, std::string klass, Severity severity, Effect effect, std::string what, std::vector<artifact::NodeId> places,
                   std::vector<std::string> evidence) {
    Finding f;
    f.rule_namespace = rule.substr(0, rule.find('/'));
    f.rule = std::move(rule);
    f.klass = std::move(klass);
    f.severity = severity;
    f.effect = effect;
    f.confidence = effect == Effect::fail ? evidence::Confidence::high : evidence::Confidence::medium;
    f.standing = effect == Effect::fail ? Standing::not_declarable : Standing::undeclared;
    f.what = std::move(what);
    f.scope = "file";
    f.places = std::move(places);
    f.evidence = std::move(evidence);
    f.id = base::sha256(f.rule + f.what + (f.evidence.empty() ? "" : f.evidence[0])).hex().substr(0, 16);
    r.findings.push_back(std::move(f));
    return r.findings.back();
  }
};

void add_findings(Builder& b, artifact::NodeId postinst, artifact::NodeId shadow, artifact::NodeId agent, artifact::NodeId blob, artifact::NodeId odd);

/// A package that fails, with two abilities disclosed, a waived finding and a hostile member name.
Report failing();
/// A product that passes, with little to say.
Report passing();
/// failing() as an update of a version before it: what it gained, lost and moved.
Report update();
/// failing() with this many more artifacts, findings and pieces of evidence.
Report large(std::size_t artifacts);

}  // namespace report::sample
