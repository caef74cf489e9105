// What a fact is about and how much it matters. An order for the eye only: what counts against a product is the
// judge's to say, and findings stand before all of this.
#include <array>

#include <fmt/format.h>

#include "render/update/update.h"

namespace render {
namespace {

using evidence::Facet;

Topic trust_topic(std::string_view word) {
  if (word == "backdoor-account") return Topic::accounts;
  if (word == "unlisted-listener") return Topic::powers;
  return Topic::keys;
}

}  // namespace

std::string_view name_of(Topic topic) {
  static constexpr std::array<std::string_view, topic_count> names = {"behaviour", "concealment", "endpoints", "keys", "accounts", "steps", "powers",
                                                                       "dependencies", "permissions", "declaration", "hardening", "coverage", "other", "tables"};
  return names[static_cast<std::size_t>(topic)];
}

Topic topic_of(const evidence::Item& item) {
  switch (item.facet) {
    case Facet::private_:
    case Facet::outside:
    case Facet::command:
    case Facet::flow: return Topic::behaviour;
    case Facet::concealment: return Topic::concealment;
    case Facet::trust: return trust_topic(item.word);
    case Facet::endpoint: return Topic::endpoints;
    case Facet::key: return Topic::keys;
    case Facet::account: return Topic::accounts;
    case Facet::step: return Topic::steps;
    case Facet::power:
    case Facet::capability: return Topic::powers;
    case Facet::reference: return Topic::dependencies;
    case Facet::permission: return Topic::permissions;
    case Facet::hardening: return Topic::hardening;
    case Facet::trouble: return Topic::coverage;
    case Facet::property: return item.word == "opaque-growth" ? Topic::coverage : Topic::other;
    case Facet::import:
    case Facet::export_:
    case Facet::section:
    case Facet::string:
    case Facet::function_name: return Topic::tables;
    case Facet::yara:
    case Facet::identity: return Topic::other;
  }
  return Topic::other;
}

std::string fact_text(const evidence::Item& item) {
  const auto value = base::printable(item.value);
  return value.empty() ? fact_of(item) : fact_of(item) + ": " + value;
}

char sign_of(report::Turn turn) {
  switch (turn) {
    case report::Turn::gained:
    case report::Turn::more: return '+';
    case report::Turn::lost:
    case report::Turn::fewer: return '-';
    case report::Turn::moved: return '>';
    case report::Turn::changed: return '~';
  }
  return '+';
}

}  // namespace render
