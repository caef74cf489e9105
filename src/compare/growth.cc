// What a pair of versions tells that no single item does: unread bytes that came in; built.cc and swapped.cc add
// their own.
#include <algorithm>

#include "compare/stated.h"

namespace compare {
namespace {

using artifact::no_node;
using artifact::NodeId;
using evidence::Label;

constexpr std::uint64_t least_growth = 4u << 10;     ///< bytes; less is not stated
constexpr std::uint64_t large_growth = 16u << 10;    ///< bytes that are large ...
constexpr std::uint64_t large_share = 20;            ///< ... when they are this many percent of what counts

std::uint64_t opaque(const Edition& e, NodeId id) { return id < e.dossiers.size() ? evidence::tally(e.dossiers[id].tiles).of(Label::opaque) : 0; }

evidence::Tally whole(const Edition& e) {
  evidence::Tally out;
  for (const auto& dossier : e.dossiers) out.add(evidence::tally(dossier.tiles));
  return out;
}

/// Measured over the whole product, so that a file that only moved is no growth; named where most of it is.
void state_opaque(const Edition& before, const Edition& now, const Comparison& c, Found& out) {
  const auto old = whole(before), fresh = whole(now);
  if (fresh.of(Label::opaque) < old.of(Label::opaque) + least_growth) return;
  const auto growth = fresh.of(Label::opaque) - old.of(Label::opaque);
  const auto counted = fresh.total() - fresh.of(Label::handed_on) - fresh.of(Label::padding) - fresh.of(Label::known);
  const auto share = growth * 100 / std::max<std::uint64_t>(counted, 1);
  NodeId most = no_node;
  std::uint64_t bytes = 0;
  for (NodeId id = 0; id < now.dossiers.size(); ++id) {
    const auto partner = c.partner_of_now[id];
    const auto was = partner == no_node ? 0 : opaque(before, partner), is = opaque(now, id);
    if (is > was && is - was > bytes) bytes = is - was, most = id;
  }
  if (most == no_node) return;
  auto item = stated("opaque-growth", growth >= large_growth && share >= large_share ? "large" : "some");
  item.attributes["bytes"] = std::to_string(growth);
  item.attributes["percent"] = std::to_string(share);
  out[most].push_back(std::move(item));
}

}  // namespace

std::vector<std::vector<evidence::Item>> growth(const Edition& before, const Edition& now, const Comparison& comparison) {
  Found out(now.dossiers.size());
  state_opaque(before, now, comparison, out);
  state_built(before, now, comparison, out);
  state_swapped(before, now, comparison, out);
  return out;
}

}  // namespace compare
