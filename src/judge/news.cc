// A finding continues an earlier one when the same rule found it at the same artifact (or anywhere, for rules
// that look at a package or a product as a whole). It has changed when it rests on new facts.
#include "judge/news.h"

#include <map>

namespace judge {
namespace {

using artifact::NodeId;
using report::Finding;
using report::News;

bool looks_wide(const Finding& f) { return f.scope == "package" || f.scope == "product"; }

/// By rule: findings of the version before.
std::map<std::string, std::vector<const Finding*>> by_rule(const std::vector<Finding>& findings) {
  std::map<std::string, std::vector<const Finding*>> out;
  for (const auto& f : findings) out[f.rule].push_back(&f);
  return out;
}

bool continues(const Update& update, const Finding& now, const Finding& before) {
  if (now.rule != before.rule) return false;
  if (looks_wide(now)) return true;
  return std::ranges::any_of(before.places, [&](NodeId old) {
    const auto partner = old < update.comparison.partner_of_before.size() ? update.comparison.partner_of_before[old] : artifact::no_node;
    return partner != artifact::no_node && std::ranges::find(now.places, partner) != now.places.end();
  });
}

}  // namespace

const evidence::Item& item_at(const Case& c, NodeId node, std::uint32_t index) {
  const auto& own = c.dossiers[node].items;
  return index < own.size() ? own[index] : c.update->lost[node][index - own.size()].item;
}

const base::Digest& artifact_at(const Case& c, NodeId node, std::uint32_t index) {
  const auto& own = c.dossiers[node].items;
  return index < own.size() ? c.tree.nodes[node].digest : c.update->lost[node][index - own.size()].artifact;
}

bool is_news(const evidence::Item& item) {
  using evidence::Facet;
  const auto at = item.attributes.find("change");
  if (at == item.attributes.end()) return false;
  if (at->second == "gained" || at->second == "moved" || at->second == "lost") return true;
  if (at->second != "changed") return false;
  // Of most facts an attribute is a circumstance; of a right or a key it is what may be done with it.
  if (item.facet == Facet::account || item.facet == Facet::permission || item.facet == Facet::key || item.facet == Facet::step) return true;
  const auto was = item.attributes.find("was-confidence");
  return was != item.attributes.end() && evidence::confidence_from(was->second).value_or(item.confidence) < item.confidence;
}

void tell_news(const Case& c, const std::vector<bool>& by_news, std::vector<Finding>& findings) {
  if (!c.update) return;
  const auto before = by_rule(c.update->findings);
  for (std::size_t i = 0; i < findings.size(); ++i) {
    auto& f = findings[i];
    const auto same_rule = before.find(f.rule);
    const bool known = same_rule != before.end() && std::ranges::any_of(same_rule->second, [&](const Finding* old) { return continues(*c.update, f, *old); });
    f.news = !known ? News::fresh : by_news[i] ? News::changed : News::unchanged;
  }
}

std::vector<report::PastFinding> resolved(const Case& c, const std::vector<Finding>& findings) {
  std::vector<report::PastFinding> out;
  if (!c.update) return out;
  const auto now = by_rule(findings);
  for (const auto& old : c.update->findings) {
    const auto same_rule = now.find(old.rule);
    if (same_rule != now.end() && std::ranges::any_of(same_rule->second, [&](const Finding* f) { return continues(*c.update, *f, old); })) continue;
    const auto& tree = c.update->before.tree;
    out.push_back({old.rule, old.klass, std::string(name_of(old.effect)), old.what, old.places.empty() || old.places[0] == 0 || old.places[0] >= tree.nodes.size() ? "" : tree.place_text(old.places[0])});
  }
  return out;
}

}  // namespace judge
