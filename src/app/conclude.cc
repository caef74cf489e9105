#include "app/conclude.h"

#include <map>
#include <set>

#include "app/limits.h"
#include "report/redact.h"

namespace app {
namespace {

using evidence::Facet;
using evidence::Label;

report::ArtifactLine line_of(const artifact::Tree& tree, const evidence::Dossier& dossier, artifact::NodeId id) {
  const auto& node = tree.nodes[id];
  report::ArtifactLine line;
  line.parent = node.parent;
  line.name = node.entry.name;
  line.place = id == 0 ? "" : tree.place_text(id);
  line.kind = node.kind;
  line.origin = artifact::name_of(node.entry.origin);
  line.nature = artifact::name_of(node.entry.nature);
  line.size = node.size;
  line.mode = node.entry.mode;
  line.link = node.entry.link;
  if (node.entry.nature == artifact::Nature::file) line.digest = node.digest.hex();
  line.tally = evidence::tally(dossier.tiles);
  line.complete = dossier.complete;
  for (const auto& tile : dossier.tiles)
    if (tile.label == Label::opaque && line.opaque.size() < 100) line.opaque.push_back(tile);
  return line;
}

std::uint64_t count_of(const std::vector<evidence::Dossier>& dossiers, Facet facet, std::string_view word) {
  std::set<std::string> values;
  for (const auto& d : dossiers)
    for (const auto& i : d.items)
      if (i.facet == facet && i.word == word) values.insert(i.value);
  return values.size();
}

std::string attribute(const evidence::Item& item, const char* name) {
  const auto found = item.attributes.find(name);
  return found == item.attributes.end() ? std::string() : found->second;
}

/// Letter case and the signs between words left out, since each ecosystem has its own custom.
std::string plain(std::string_view name) {
  std::string out;
  for (const char c : name) out += c == '_' || c == '.' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

/// How many libraries and packages are needed at run time that the product does not hold: no file of
/// that name, no package that calls itself so.
std::uint64_t missing(const Vetting& v) {
  std::set<std::string> held, out;
  for (const auto& node : v.tree.nodes) held.insert("/" + node.entry.name.substr(node.entry.name.rfind('/') + 1));
  for (const auto& d : v.dossiers)
    for (const auto& i : d.items)
      if (i.facet == Facet::identity && i.word == "package") held.insert(attribute(i, "ecosystem") + "/" + plain(i.value));
  for (const auto& d : v.dossiers)
    for (const auto& i : d.items) {
      if (i.facet != Facet::reference || i.word != "needs") continue;
      const auto purpose = attribute(i, "for"), ecosystem = attribute(i, "ecosystem");
      if (purpose == "build" || purpose == "test") continue;
      const auto name = ecosystem + "/" + (ecosystem.empty() ? i.value.substr(i.value.rfind('/') + 1) : plain(i.value));
      if (!held.contains(name)) out.insert(name);
    }
  return out.size();
}

// Tables of a program's linkage and strings can hold hundreds of thousands of entries. The judge saw
// all of them; the report lists those that a finding cites, and the first of the rest.
constexpr std::size_t most_listed = 200;

std::vector<report::Exhibit> listed(std::vector<report::Exhibit> all, const std::set<std::string>& cited, std::uint64_t& left_out) {
  std::map<Facet, std::size_t> seen;
  std::erase_if(all, [&](const report::Exhibit& e) {
    if (!compare::is_table(e.item.facet) || ++seen[e.item.facet] <= most_listed || cited.contains(e.id)) return false;
    ++left_out;
    return true;
  });
  return all;
}

std::vector<std::string> not_covered(const report::Report& r, const Vetting& v, const Office& office) {
  std::vector<std::string> out;
  out.push_back("What the product does when it runs: nothing was executed.");
  if (const auto n = missing(v))
    out.push_back(fmt::format("Dependencies: {} named libraries or packages are not part of the product.", n));
  if (const auto n = count_of(v.dossiers, Facet::reference, "downloads"))
    out.push_back(fmt::format("Content fetched later: {} references to it were found; what they bring was not vetted.", n));
  if (const auto n = r.coverage.of(Label::opaque)) out.push_back(fmt::format("Unread: {} bytes are opaque.", n));
  if (const auto n = r.coverage.of(Label::scanned))
    out.push_back(fmt::format("Only scanned: {} bytes, native code among them, were searched for patterns and not decoded.", n));
  for (const auto& layer : office.weaker) out.push_back(fmt::format("Confinement: the workers ran without {}.", layer));
  return out;
}

}  // namespace

report::Report conclude(const Office& office, const Request& request, const Vetting& v, report::ProductIdentity identity, judge::Outcome outcome) {
  const auto* changes = v.changes.get();
  report::Report r;
  r.used.engine = office.engine.digest.hex();
  r.used.engine_version = office.engine.version;
  r.used.rules = rules_digest(office).hex();
  r.used.policy = judge::digest_of(*office.policy).hex();
  r.used.policy_name = judge::name_of(*office.policy);
  r.used.at = request.at;
  r.used.declaration = v.declaration.digest;
  for (const auto& waiver : v.waivers) r.used.waivers.push_back(waiver.digest);
  r.used.limits = as_map(office.readers.limits);
  r.product = std::move(identity);
  r.verdict = outcome.verdict;
  r.reasons = std::move(outcome.reasons);
  r.findings = std::move(outcome.findings);
  r.declaration = std::move(outcome.declaration);
  std::set<std::string> cited;
  for (const auto& finding : r.findings) cited.insert(finding.evidence.begin(), finding.evidence.end());
  std::uint64_t left_out = 0;
  report::Redactor redactor;
  for (const auto& dossier : v.dossiers) redactor.learn(dossier);
  if (changes)
    for (const auto& dossier : changes->version.vetting->dossiers) redactor.learn(dossier);
  for (artifact::NodeId id = 0; id < v.tree.nodes.size(); ++id) {
    r.artifacts.push_back(line_of(v.tree, v.dossiers[id], id));
    auto own = r.artifacts.back().tally;
    own.bytes[static_cast<std::size_t>(Label::handed_on)] = 0;
    r.coverage.add(own);
    r.replayable = r.replayable && v.dossiers[id].replayable;
    auto exhibits = listed(redactor.exhibits(id, v.tree.nodes[id].digest, v.dossiers[id]), cited, left_out);
    r.evidence.insert(r.evidence.end(), std::make_move_iterator(exhibits.begin()), std::make_move_iterator(exhibits.end()));
  }
  r.not_covered = not_covered(r, v, office);
  if (left_out) r.not_covered.push_back(fmt::format("Not listed here: {} imports, exports, sections and strings that were judged and that no finding cites.", left_out));
  if (changes) r.baseline = baseline_of(*changes, v, r, std::move(outcome.resolved), redactor);
  redactor.apply(r);
  return r;
}

}  // namespace app
