// The version that a report compares its product with, and what came of it: part of a Report that was made
// with a baseline (docs/updates.md). All text is redacted, of both versions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "artifact/tree.h"
#include "evidence/coverage.h"

namespace report {

/// How an artifact belongs to the version before.
enum class Fate { renamed, changed, similar, split, merged, gained, lost };
std::string_view name_of(Fate);
std::optional<Fate> fate_from(std::string_view);

/// What happened to one item of evidence.
enum class Turn { gained, lost, moved, changed, more, fewer };
std::string_view name_of(Turn);
std::optional<Turn> turn_from(std::string_view);

/// What a finding is against the version before; `none`: there was no baseline.
enum class News { none, fresh, changed, unchanged };
std::string_view name_of(News);   ///< new, changed, unchanged; "" for none
std::optional<News> news_from(std::string_view);

struct ArtifactChange {
  Fate fate = Fate::changed;
  artifact::NodeId node = artifact::no_node;  ///< in Report::artifacts; no_node of a lost one
  int distance = 0;                           ///< TLSH distance of a similar one
  /// What it was; empty of a gained one.
  std::string place, kind, digest;
  std::uint64_t size = 0, opaque = 0;         ///< bytes
};

struct EvidenceChange {
  Turn turn = Turn::gained;
  bool new_to_product = false;  ///< gained, moved: nothing like it stood in the version before; lost: nothing like it is left
  std::string now;              ///< id in Report::evidence; "" of lost and fewer
  std::string before;           ///< id in Baseline::evidence; "" of gained and more
};

struct PastFinding {
  std::string rule, klass;
  std::string effect;           ///< disclose, conditional, fail: what it did under the policy used now
  std::string what, place;
};

struct DeclarationChange {
  Turn turn = Turn::gained;     ///< gained, lost, changed
  std::string section, value;
  std::string was;              ///< of a changed one: purpose, recipient and note before
};

}  // namespace report
