// What one version of a product has that another has not: artifacts are paired, then the evidence of each
// pair is compared item by item. Facts about two products, no opinion: the judge says what a change means.
//
// Both ways round the same: compare(a, b) is compare(b, a) with gained and lost, more and fewer, split and
// merged exchanged. Pure; the outcome depends on the arguments alone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "artifact/tree.h"
#include "evidence/dossier.h"

namespace compare {

/// One version, as it was vetted or as a report tells it. Refers: must outlive the comparison.
struct Edition {
  const artifact::Tree& tree;
  const std::vector<evidence::Dossier>& dossiers;  ///< index = node id
  /// False where the evidence comes from a report, which lists only the first of a program's imports,
  /// exports, sections, strings and function names: these are then not compared.
  bool whole_tables = true;
};

/// True for the lists of which a report shows only the first.
bool is_table(evidence::Facet facet);

/// What stays the same of an item when nothing but its place in the file or a version in its value changed.
std::string fact_key(const evidence::Item& item);

/// How two artifacts belong together.
enum class How {
  same,      ///< the same bytes (or link) at the same place, but for version numbers in its names
  renamed,   ///< the same bytes at another place
  changed,   ///< the same place, but for version numbers in its names
  similar,   ///< another place, nearly the same bytes (TLSH)
  split,     ///< most of what the new file holds was in the old one, which is still there or gone elsewhere
  merged,    ///< the mirror image: most of what the old file held is in the new one
  gained,    ///< only in the new version; `before` is no_node
  lost,      ///< only in the old version; `now` is no_node
};
std::string_view name_of(How how);

struct Pair {
  artifact::NodeId before = artifact::no_node, now = artifact::no_node;
  How how = How::same;
  int distance = 0;   ///< TLSH distance of a similar pair; else 0
};

/// What happened to one item of evidence. An item that is the same in both versions has no record.
enum class State {
  gained,   ///< new to its file
  lost,     ///< gone from its file
  moved,    ///< gone from one file and new to another
  changed,  ///< the same fact with other attributes, or surer or less sure, or with another version in its value
  more,     ///< its file had one like it already; now there is one more
  fewer,    ///< one of several like it is gone
};
std::string_view name_of(State state);

inline constexpr std::uint32_t no_item = UINT32_MAX;

/// How far a fact that came (or went) is new (or gone): it stands elsewhere in the other version, or nowhere, or
/// nothing of its facet and word does.
enum class Reach { file, product, kind };
std::string_view name_of(Reach reach);

struct Change {
  State state = State::gained;
  Reach reach = Reach::file;   ///< of gained and lost
  bool new_to_product() const { return reach != Reach::file; }
  artifact::NodeId before = artifact::no_node, now = artifact::no_node;  ///< where it stood, where it stands
  std::uint32_t before_item = no_item, now_item = no_item;               ///< index in that node's dossier
};

struct Comparison {
  std::vector<Pair> pairs;               ///< by `now`, the lost ones behind them by `before`
  std::vector<How> now_how, before_how;  ///< by node, of the pair that it stands in
  std::vector<artifact::NodeId> partner_of_now, partner_of_before;  ///< no_node where there is none
  std::vector<Change> changes;           ///< by `now` and item, the lost ones behind them by `before`
  bool tables_left_out = false;          ///< an edition did not have them
  std::uint64_t not_tried = 0;           ///< artifacts without partner that were too many to look for similar ones

  bool same() const { return changes.empty() && std::ranges::all_of(pairs, [](const Pair& p) { return p.how == How::same; }); }
  /// The node of the new version at which something of the old one would stand: its partner, or that of
  /// the nearest container that has one; the root has one always.
  artifact::NodeId home_of(artifact::NodeId before, const artifact::Tree& old) const;
};

Comparison compare(const Edition& before, const Edition& now);

/// What the artifacts themselves have become, as evidence of the new version: `property opaque-growth`
/// (unread bytes that the version before had not) and `property beyond-source` (a file gained evidence that the
/// source beside it has not), `property endpoint-swapped` (one address in the place of another),
/// `property unexplained source-gone` (the source beside a built file was there, and is gone). Stated at the file, for the judge; index = now's node id.
std::vector<std::vector<evidence::Item>> growth(const Edition& before, const Edition& now, const Comparison& comparison);

/// Where `before` is the source that `now` says it is made of: `property unexplained` at each file that the source
/// does not hold, does not lead to (a build makes configure of configure.ac, a program of program texts), or holds
/// otherwise. The value says what it is: script, program, opaque, data, changed-script ... Index = now's node id.
std::vector<std::vector<evidence::Item>> unexplained(const Edition& before, const Edition& now, const Comparison& comparison);

/// Writes the comparison into the new version's evidence: attributes `change` (gained, moved, more, changed),
/// `new-to` (of what is gained: file, product or kind), `was-confidence` (of a
/// changed one that is surer or less sure) and, of what moved, `moved-from`. An item's identity does not depend on them.
void annotate(const Comparison& comparison, const Edition& before, std::vector<evidence::Dossier>& now);

/// A fact of the version before that the new one has no more.
struct Lost {
  evidence::Item item;       ///< with `change` (lost or fewer), `was-in`, and of what is lost `gone-from` (file, product or kind)
  base::Digest artifact;     ///< that it stood in
  artifact::NodeId before = artifact::no_node;
  std::uint32_t before_item = no_item;
};

/// By node of the new version: home_of where they stood.
std::vector<std::vector<Lost>> lost_items(const Comparison& comparison, const Edition& before, std::size_t nodes);

}  // namespace compare
