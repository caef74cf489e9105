#include "compare/compare.h"

namespace compare {

std::string_view name_of(How how) {
  switch (how) {
    case How::same: return "same";
    case How::renamed: return "renamed";
    case How::changed: return "changed";
    case How::similar: return "similar";
    case How::split: return "split";
    case How::merged: return "merged";
    case How::gained: return "gained";
    case How::lost: return "lost";
  }
  return "same";
}

std::string_view name_of(State state) {
  switch (state) {
    case State::gained: return "gained";
    case State::lost: return "lost";
    case State::moved: return "moved";
    case State::changed: return "changed";
    case State::more: return "more";
    case State::fewer: return "fewer";
  }
  return "changed";
}

std::string_view name_of(Reach reach) { return reach == Reach::kind ? "kind" : reach == Reach::product ? "product" : "file"; }

void annotate(const Comparison& comparison, const Edition& before, std::vector<evidence::Dossier>& now) {
  for (const auto& change : comparison.changes) {
    if (change.now_item == no_item) continue;
    auto& attributes = now[change.now].items[change.now_item].attributes;
    attributes["change"] = name_of(change.state);
    if (change.state == State::gained) attributes["new-to"] = name_of(change.reach);
    if (change.state == State::changed)
      if (const auto was = before.dossiers[change.before].items[change.before_item].confidence; was != now[change.now].items[change.now_item].confidence)
        attributes["was-confidence"] = evidence::name_of(was);
    if (change.state == State::moved) attributes["moved-from"] = before.tree.place_text(change.before);
  }
}

std::vector<std::vector<Lost>> lost_items(const Comparison& comparison, const Edition& before, std::size_t nodes) {
  std::vector<std::vector<Lost>> out(nodes);
  for (const auto& change : comparison.changes) {
    if (change.now_item != no_item) continue;
    auto item = before.dossiers[change.before].items[change.before_item];
    item.attributes["change"] = name_of(change.state);
    item.attributes["was-in"] = before.tree.place_text(change.before);
    if (change.state == State::lost) item.attributes["gone-from"] = name_of(change.reach);
    out[comparison.home_of(change.before, before.tree)].push_back({std::move(item), before.tree.nodes[change.before].digest, change.before, change.before_item});
  }
  return out;
}

}  // namespace compare
