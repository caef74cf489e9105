#include "compare/stated.h"

#include <algorithm>

namespace compare {

using evidence::Facet;

evidence::Item stated(std::string_view word, std::string value) {
  evidence::Item item;
  item.facet = Facet::property;
  item.word = word;
  item.value = std::move(value);
  item.attributes["change"] = name_of(State::gained);
  item.examiner = "compare";
  return item;
}

void state(Found& out, artifact::NodeId node, evidence::Item item) {
  auto& items = out[node];
  if (items.size() < most_stated && std::ranges::find(items, item) == items.end()) items.push_back(std::move(item));
}

bool is_deed(const evidence::Item& item) {
  switch (item.facet) {
    case Facet::outside:
    case Facet::command:
    case Facet::private_:
    case Facet::flow:
    case Facet::concealment:
    case Facet::power: return true;
    default: return false;
  }
}

std::string deed(const evidence::Item& item) { return fmt::format("{} {}", evidence::name_of(item.facet), item.word.empty() ? item.value : item.word); }

bool is_script(const artifact::Node& node) { return node.kind.starts_with("script/"); }

}  // namespace compare
