#include "app/changes.h"

#include <map>
#include <set>
#include <unordered_set>

namespace app {
namespace {

using artifact::no_node;
using artifact::NodeId;
using compare::Change;
using compare::How;
using compare::no_item;
using evidence::Label;

constexpr std::size_t most_listed = 20'000;  ///< changes of evidence in a report
constexpr std::size_t most_of_table = 200;   ///< of each table

/// The evidence as a report shows it, item by item: what a version is compared with of which only that is known.
std::vector<evidence::Dossier> as_reported(const artifact::Tree& tree, const std::vector<evidence::Dossier>& dossiers) {
  report::Redactor redactor;
  for (const auto& dossier : dossiers) redactor.learn(dossier);
  auto out = dossiers;
  for (NodeId id = 0; id < dossiers.size(); ++id) {
    auto exhibits = redactor.exhibits(id, tree.nodes[id].digest, dossiers[id]);
    for (std::size_t i = 0; i < exhibits.size(); ++i) out[id].items[i] = std::move(exhibits[i].item);
  }
  return out;
}

std::string id_of(const evidence::Item& item, const base::Digest& artifact) { return evidence::digest_of(item, artifact).hex().substr(0, 16); }

report::Turn turn_of(compare::State state) { return *report::turn_from(compare::name_of(state)); }

/// Containers change whenever something in them does: only what stands in them is told.
bool is_told(const artifact::Tree& tree, NodeId id) {
  const auto& node = tree.nodes[id];
  return id != 0 && node.entry.nature != artifact::Nature::directory && (node.children.empty() || node.entry.nature != artifact::Nature::file);
}

std::vector<report::ArtifactChange> artifact_changes(const Changes& c, const Vetting& now, report::Baseline& out) {
  const auto& old = c.before;
  std::vector<report::ArtifactChange> list;
  for (const auto& pair : c.comparison.pairs) {
    const bool told = (pair.now != no_node && is_told(now.tree, pair.now)) || (pair.before != no_node && is_told(old.tree, pair.before));
    if (!told) continue;
    ++out.counts[std::string(compare::name_of(pair.how))];
    if (pair.how == How::same) continue;
    if (list.size() == most_listed) {
      ++out.unlisted;
      continue;
    }
    report::ArtifactChange change;
    change.fate = *report::fate_from(compare::name_of(pair.how));
    change.node = pair.now;
    change.distance = pair.distance;
    if (pair.before != no_node) {
      const auto& node = old.tree.nodes[pair.before];
      change.place = old.tree.place_text(pair.before);
      change.kind = node.kind;
      change.digest = node.entry.nature == artifact::Nature::file ? node.digest.hex() : "";
      change.size = node.size;
      change.opaque = evidence::tally(old.dossiers[pair.before].tiles).of(Label::opaque);
    }
    list.push_back(std::move(change));
  }
  return list;
}

/// The old version's evidence, redacted one dossier at a time.
class Past {
 public:
  Past(const Changes& changes, const report::Redactor& redactor, report::Baseline& out) : changes_(changes), redactor_(redactor), out_(out) {}

  std::string show(NodeId node, std::uint32_t item) {
    const auto& tree = changes_.before.tree;
    auto id = id_of(changes_.before.dossiers[node].items[item], tree.nodes[node].digest);
    if (!shown_.insert(id).second) return id;
    auto exhibit = of(node)[item];
    exhibit.id = id;
    exhibit.node = place(node);
    out_.evidence.push_back(std::move(exhibit));
    return id;
  }

 private:
  const std::vector<report::Exhibit>& of(NodeId node) {
    const auto at = exhibits_.find(node);
    if (at != exhibits_.end()) return at->second;
    const auto& before = changes_.before;
    return exhibits_[node] = redactor_.exhibits(node, before.tree.nodes[node].digest, before.dossiers[node]);
  }
  NodeId place(NodeId node) {
    const auto [at, fresh] = places_.emplace(node, static_cast<NodeId>(out_.places.size()));
    if (fresh) out_.places.push_back(changes_.before.tree.place_text(node));
    return at->second;
  }
  const Changes& changes_;
  const report::Redactor& redactor_;
  report::Baseline& out_;
  std::map<NodeId, std::vector<report::Exhibit>> exhibits_;
  std::map<NodeId, NodeId> places_;
  std::unordered_set<std::string> shown_;
};

std::vector<report::EvidenceChange> evidence_changes(const Changes& c, const Vetting& now, const report::Report& report, const report::Redactor& redactor, report::Baseline& out) {
  std::unordered_set<std::string> listed, cited;
  for (const auto& exhibit : report.evidence) listed.insert(exhibit.id);
  for (const auto& finding : report.findings) cited.insert(finding.evidence.begin(), finding.evidence.end());
  Past past(c, redactor, out);
  std::map<evidence::Facet, std::size_t> of_table;
  std::vector<report::EvidenceChange> list;
  for (const Change& change : c.comparison.changes) {
    const bool gone = change.now_item == no_item;
    const auto& item = gone ? c.before.dossiers[change.before].items[change.before_item] : now.dossiers[change.now].items[change.now_item];
    const auto id = id_of(item, gone ? c.before.tree.nodes[change.before].digest : now.tree.nodes[change.now].digest);
    const bool must = cited.contains(id);
    const bool table = compare::is_table(item.facet);
    if (!must && ((!gone && !listed.contains(id)) || (table && ++of_table[item.facet] > most_of_table) || list.size() >= most_listed)) {
      ++out.unlisted;
      continue;
    }
    report::EvidenceChange line{turn_of(change.state), change.new_to_product(), gone ? "" : id, ""};
    if (change.before_item != no_item) line.before = past.show(change.before, change.before_item);
    list.push_back(std::move(line));
  }
  return list;
}

std::vector<report::DeclarationChange> declaration_changes(const std::vector<report::DeclarationLine>& before, const std::vector<report::DeclarationLine>& now) {
  const auto by_key = [](const std::vector<report::DeclarationLine>& lines) {
    std::map<std::pair<std::string, std::string>, std::string> out;
    for (const auto& line : lines) {
      std::string rest = line.purpose;
      if (!line.recipient.empty()) rest += ", to " + line.recipient;
      if (line.is_void) rest += ", void: " + line.note;
      out.emplace(std::pair(line.section, line.value), std::move(rest));
    }
    return out;
  };
  const auto old = by_key(before), fresh = by_key(now);
  std::vector<report::DeclarationChange> out;
  for (const auto& [key, rest] : fresh) {
    const auto at = old.find(key);
    if (at == old.end()) out.push_back({report::Turn::gained, key.first, key.second, ""});
    else if (at->second != rest) out.push_back({report::Turn::changed, key.first, key.second, at->second});
  }
  for (const auto& [key, rest] : old)
    if (!fresh.contains(key)) out.push_back({report::Turn::lost, key.first, key.second, ""});
  return out;
}

}  // namespace

Changes::Changes(const Version& v)
    : version(v), before{v.vetting->tree, v.vetting->dossiers, v.whole}, update{before, comparison, lost, v.vetting->report.findings} {}

std::unique_ptr<const Changes> compare_with(const Version& version, bool is_source, Vetting& now) {
  auto out = std::make_unique<Changes>(version);
  const auto shown = version.whole ? std::vector<evidence::Dossier>() : as_reported(now.tree, now.dossiers);
  const compare::Edition edition{now.tree, version.whole ? now.dossiers : shown};
  out->comparison = compare::compare(out->before, edition);
  const auto stated = is_source ? compare::unexplained(out->before, edition, out->comparison) : compare::growth(out->before, edition, out->comparison);
  compare::annotate(out->comparison, out->before, now.dossiers);
  for (NodeId id = 0; id < stated.size(); ++id) now.dossiers[id].items.insert(now.dossiers[id].items.end(), stated[id].begin(), stated[id].end());
  out->lost = compare::lost_items(out->comparison, out->before, now.tree.nodes.size());
  return out;
}

report::Baseline baseline_of(const Changes& changes, const Vetting& now, const report::Report& report, std::vector<report::PastFinding> resolved, const report::Redactor& redactor) {
  const auto& old = changes.version.vetting->report;
  report::Baseline out;
  out.product = old.product;
  out.verdict = old.verdict;
  out.report = changes.version.report;
  out.engine = old.used.engine;
  out.rules = old.used.rules;
  out.coverage = old.coverage;
  out.tables_left_out = changes.comparison.tables_left_out;
  out.not_tried = changes.comparison.not_tried;
  out.artifacts = artifact_changes(changes, now, out);
  out.changes = evidence_changes(changes, now, report, redactor, out);
  out.resolved = std::move(resolved);
  out.declaration = declaration_changes(old.declaration, report.declaration);
  return out;
}

}  // namespace app
