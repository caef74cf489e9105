// See docs/concept.md, "From evidence to verdict".
#include "judge/verdict.h"

#include <set>

namespace judge {
namespace {

using artifact::NodeId;
using evidence::Facet;
using evidence::Label;
using report::Reason;
using report::Verdict;

/// fail, inconclusive, conditional, pass: smaller decides.
int rank(Verdict v) {
  switch (v) {
    case Verdict::fail: return 0;
    case Verdict::inconclusive: return 1;
    case Verdict::conditional: return 2;
    case Verdict::pass: return 3;
  }
  return 1;
}

std::string shown(const Case& c, NodeId id) {
  auto text = base::printable(c.tree.place_text(id));
  if (text.size() > 160) text = "..." + text.substr(text.size() - 157);
  return text.empty() ? "the product" : text;
}

/// Artifacts that ended with one word of trouble.
struct Troubled {
  std::size_t artifacts = 0;
  NodeId first = 0;
  std::string value;
  void note(NodeId id, const std::string& what) {
    if (artifacts++ == 0) first = id, value = what;
  }
};

std::string sentence_of(const std::string& word, const Troubled& t, const Case& c) {
  const auto what = word == "limit"            ? "A limit was reached"
                    : word == "crashed"        ? "A reader crashed or was stopped"
                    : word == "io"             ? "The operating system refused a read"
                    : word == "bug"            ? "Assay contradicted itself"
                    : word == "not-replayable" ? "An outer guard ended a reader"
                                               : "Something could not be read (" + word + ")";
  auto out = fmt::format("{} in {}", what, shown(c, t.first));
  if (!t.value.empty()) out += fmt::format(" ({})", base::printable(t.value).substr(0, 120));
  if (t.artifacts > 1) out += fmt::format(" and in {} more artifact{}", t.artifacts - 1, t.artifacts == 2 ? "" : "s");
  return out + ".";
}

bool only_overflow(const evidence::Item& item, const Policy& policy) {
  if (item.word != "limit" || !item.attributes.contains("dropped")) return false;
  return policy.overflow_disclosed.contains(item.value.substr(0, item.value.find(':')));
}

void trouble_reasons(const Case& c, const Policy& policy, std::vector<Reason>& out) {
  std::map<std::string, Troubled> by_word;
  for (NodeId id = 0; id < c.dossiers.size(); ++id) {
    const auto& dossier = c.dossiers[id];
    bool explained = false;
    std::set<std::string> noted;
    for (const auto& item : dossier.items) {
      if (item.facet != Facet::trouble) continue;
      explained = true;
      if (!policy.inconclusive.contains(item.word) || only_overflow(item, policy)) continue;
      if (noted.insert(item.word).second) by_word[item.word].note(id, item.value);
    }
    if (!dossier.complete && !explained) by_word["unexplained"].note(id, "a reader did not finish");
    if (!dossier.replayable && !noted.contains("crashed") && noted.insert("not-replayable").second) by_word["not-replayable"].note(id, "");
  }
  for (const auto& [word, troubled] : by_word) out.push_back({Verdict::inconclusive, sentence_of(word, troubled, c), {}});
}

bool is_executable(const artifact::Node& node) {
  const auto& kind = node.kind;
  return kind == "elf" || kind == "pe" || kind == "macho" || kind == "dex" || kind == "wasm" || kind.starts_with("script/") ||
         (node.entry.origin == artifact::Origin::member && node.entry.nature == artifact::Nature::file && (node.entry.mode & 0111) != 0);
}

/// Bytes that a share is taken of: not handed on, padding or known.
std::uint64_t counted(const evidence::Tally& t) { return t.total() - t.of(Label::handed_on) - t.of(Label::padding) - t.of(Label::known); }

/// Bytes of a label that count at an artifact: all of them, or those that the version before had not.
std::uint64_t weighed(const Case& c, const Policy& policy, NodeId id, Label label) {
  const auto bytes = evidence::tally(c.dossiers[id].tiles).of(label);
  if (!c.update || !policy.only_gained_coverage) return bytes;
  const auto partner = c.update->comparison.partner_of_now[id];
  const auto was = partner == artifact::no_node ? 0 : evidence::tally(c.update->before.dossiers[partner].tiles).of(label);
  return bytes - std::min(bytes, was);
}

void limit_reasons(const Case& c, const Policy& policy, std::vector<Reason>& out) {
  evidence::Tally whole;
  std::map<Label, std::pair<NodeId, std::uint64_t>> most;  // where most bytes of a label are
  std::map<Label, std::uint64_t> weight;
  for (NodeId id = 0; id < c.dossiers.size(); ++id) {
    whole.add(evidence::tally(c.dossiers[id].tiles));
    for (const auto label : {Label::opaque, Label::scanned}) {
      const auto bytes = weighed(c, policy, id, label);
      weight[label] += bytes;
      if (auto& m = most[label]; bytes > m.second) m = {id, bytes};
    }
  }
  const auto all = counted(whole);
  for (const auto& limit : policy.limits) {
    const auto bytes = weight[limit.label];
    const std::string what = fmt::format("{}{}", limit.label == Label::opaque ? "could not be read" : "were only searched for patterns", c.update && policy.only_gained_coverage ? " and were not there before" : "");
    const bool over_share = all > 0 && bytes >= limit.at_least && bytes > 0 && static_cast<double>(bytes) > limit.share * static_cast<double>(all);
    if (over_share)
      out.push_back({Verdict::conditional,
                     fmt::format("{} of {} bytes ({}.{} %) {}, most of them in {}; the policy '{}' allows {:g} %.", bytes, all, bytes * 100 / all,
                                 bytes * 1000 / all % 10, what, shown(c, most[limit.label].first), policy.name, limit.share * 100),
                     {}});
    else if (bytes > limit.bytes)
      out.push_back({Verdict::conditional, fmt::format("{} bytes {}, most of them in {}; the policy '{}' allows {}.", bytes, what,
                                                       shown(c, most[limit.label].first), policy.name, limit.bytes), {}});
  }
}

void executable_reasons(const Case& c, const Matching& matching, const Policy& policy, std::vector<Reason>& out) {
  Troubled found;
  for (NodeId id = 0; id < c.dossiers.size(); ++id) {
    const auto& node = c.tree.nodes[id];
    if (!is_executable(node) && !matching.scopes.in_step(id)) continue;
    if (weighed(c, policy, id, Label::opaque) > policy.opaque_executable) found.note(id, "");
  }
  if (found.artifacts)
    out.push_back({Verdict::conditional,
                   fmt::format("{} runs and holds {} bytes that could not be read{}.", shown(c, found.first), weighed(c, policy, found.first, Label::opaque),
                               found.artifacts > 1 ? fmt::format("; so do {} more artifacts", found.artifacts - 1) : ""),
                   {}});
}

/// The member that bytes belong to for whoever opens it by name: decoded and embedded parts count
/// as their file.
NodeId named_file(const artifact::Tree& tree, NodeId id) {
  const auto inner = [](artifact::Origin o) { return o == artifact::Origin::layer || o == artifact::Origin::embedded || o == artifact::Origin::decoded; };
  while (inner(tree.nodes[id].entry.origin) && tree.nodes[id].parent != artifact::no_node) id = tree.nodes[id].parent;
  return id;
}

// What code or a step opens by name must be readable: an unread file that nothing uses may be a
// data file, one that a program loads is part of what the program does.
void referred_reasons(const Case& c, const Matching& matching, const Policy& policy, std::vector<Reason>& out) {
  std::set<NodeId> unread;
  for (NodeId id = 0; id < c.dossiers.size(); ++id)
    if (weighed(c, policy, id, Label::opaque)) unread.insert(named_file(c.tree, id));
  if (unread.empty()) return;
  Troubled found;
  NodeId user = 0;
  for (NodeId id = 0; id < c.dossiers.size(); ++id)
    for (const auto& item : c.dossiers[id].items) {
      const bool path = item.facet == Facet::string && item.value.starts_with('/');
      const bool use = item.facet == Facet::reference && (item.word == "runs" || item.word == "loads" || item.word == "includes" || item.word == "decodes");
      if (!path && !use) continue;
      for (const auto to : matching.scopes.resolve(id, item.value)) {
        if (named_file(c.tree, id) == to || unread.erase(to) == 0) continue;
        if (found.artifacts == 0) user = id;
        found.note(to, "");
      }
    }
  if (found.artifacts)
    out.push_back({Verdict::conditional,
                   fmt::format("{} could not be read, or not all of it, and {} refers to it{}.", shown(c, found.first), shown(c, user),
                               found.artifacts > 1 ? fmt::format("; so it is with {} more artifacts", found.artifacts - 1) : ""),
                   {}});
}

}  // namespace

std::vector<Reason> reasons_of_reading(const Case& c, const Matching& matching, const Policy& policy) {
  std::vector<Reason> out;
  trouble_reasons(c, policy, out);
  limit_reasons(c, policy, out);
  executable_reasons(c, matching, policy, out);
  referred_reasons(c, matching, policy, out);
  return out;
}

Verdict conclude(std::vector<Reason>& reasons) {
  std::ranges::stable_sort(reasons, {}, [](const Reason& r) { return rank(r.leads_to); });
  return reasons.empty() ? Verdict::pass : reasons.front().leads_to;
}

}  // namespace judge
