// From marks at a sink to flow items.
#include "examine/scripts/findings.h"

#include <fmt/format.h>

namespace examine::script {
namespace {

using evidence::Facet;

constexpr std::size_t most_items = 5000;
constexpr std::size_t most_children = 400;

bool is_effect(Facet facet) { return facet == Facet::command || facet == Facet::outside || facet == Facet::flow || facet == Facet::power; }

/// Private things and what comes from outside are told apart by where they go.
bool counts(const Mark& mark, std::string_view to) {
  if (mark.word.starts_with('@')) return false;
  const bool commands = evidence::is_word(Facet::command, to);
  if (evidence::is_word(Facet::private_, mark.word)) return !commands;
  return commands && (mark.word == "network" || mark.word == "dns" || mark.word == "decoded-string" || mark.word == "push");
}

}  // namespace

void Findings::keep(evidence::Item item) {
  const auto key = fmt::format("{}|{}|{}|{}|{}", evidence::name_of(item.facet), item.word, item.value, item.range.offset, item.unit);
  if (!seen_.insert(key).second) {
    for (auto& known : items_)
      if (known.facet == item.facet && known.word == item.word && known.value == item.value && known.range.offset == item.range.offset &&
          known.confidence < item.confidence)
        known = std::move(item);
    return;
  }
  if (items_.size() >= most_items) {
    full_ = true;
    return;
  }
  if (is_effect(item.facet)) ++effects_;
  items_.push_back(std::move(item));
}

void Findings::fact(Facet facet, std::string_view word, std::string value, base::Range range, Confidence confidence,
                    std::map<std::string, std::string> attributes) {
  evidence::Item item;
  item.facet = facet;
  item.word = word;
  item.value = std::move(value);
  item.range = range;
  item.confidence = confidence;
  item.attributes = std::move(attributes);
  item.unit = unit_;
  keep(std::move(item));
}

void Findings::flow(const Value& payload, std::string_view to, std::string_view sink, base::Range range, Confidence confidence, std::string endpoint) {
  std::set<std::string> sources;
  std::map<std::string, unsigned> weak;  // several weak marks of one kind say more than one
  for (const auto& mark : payload.marks)
    if (counts(mark, to) && mark.confidence == Confidence::low && evidence::is_word(Facet::private_, mark.word) && sources.insert(mark.word + mark.source).second) ++weak[mark.word];
  if (const auto* sealed = payload.mark("@escrowed"); sealed && evidence::is_word(Facet::outside, to)) {
    // a secret that the script makes or asks for leaves in a form that only a fixed other can read
    fact(Facet::trust, "key-escrow", sealed->source.substr(0, 120), range, least(sealed->confidence, confidence), {{"endpoint", endpoint}});
    whole_flow(fmt::format("keys to {}", to), sealed->source.substr(0, 120), sink, range, least(sealed->confidence, confidence), endpoint);
  }
  for (const auto& mark : payload.marks) {
    if (!counts(mark, to)) continue;
    const unsigned enough = mark.word == "device-id" ? 2 : 3;  // the user's name with the machine's is already a report
    auto sureness = least(mark.confidence, confidence);
    if (sureness == Confidence::low && weak[mark.word] >= enough && confidence != Confidence::low) sureness = Confidence::medium;
    if (mark.authenticated) sureness = Confidence::low;
    std::map<std::string, std::string> attributes = {{"source", mark.source}, {"sink", std::string(sink)}, {"source_at", std::to_string(mark.at)}};
    const auto& where = endpoint.empty() ? mark.endpoint : endpoint;
    if (!where.empty()) attributes["endpoint"] = where;
    if (mark.authenticated) attributes["authenticated"] = "yes";
    fact(Facet::flow, "", fmt::format("{} to {}", mark.word, to), range, sureness, std::move(attributes));
  }
}

void Findings::whole_flow(std::string value, std::string_view source, std::string_view sink, base::Range range, Confidence confidence, std::string endpoint) {
  std::map<std::string, std::string> attributes = {
      {"source", std::string(source)}, {"sink", std::string(sink)}, {"source_at", std::to_string(range.offset)}};
  if (!endpoint.empty()) attributes["endpoint"] = std::move(endpoint);
  fact(Facet::flow, "", std::move(value), range, confidence, std::move(attributes));
}

void Findings::nested(Nested code, base::Range range) {
  for (const auto& [at, known] : children_)
    if (at == range && known.text == code.text) return;
  if (children_.size() >= most_children) {
    full_ = true;
    return;
  }
  children_.emplace_back(range, std::move(code));
}

void Findings::clear() {
  items_.clear();
  children_.clear();
  seen_.clear();
  unit_.clear();
  effects_ = 0;
  full_ = false;
}

}  // namespace examine::script
