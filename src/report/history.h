// A series of versions of one product: what each was, and which fact stood in which. All text is redacted.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "report/report.h"

namespace report {

inline constexpr std::size_t most_history_lines = 2'000;
inline constexpr std::size_t most_history_places = 5;         ///< of a line
inline constexpr std::size_t most_history_facts = 1'000'000;  ///< that are collected; more are counted and left out

/// One version; what is against the version before is empty (0) of the first.
struct HistoryVersion {
  ProductIdentity product;
  Verdict verdict = Verdict::inconclusive;
  std::uint64_t fail = 0, conditional = 0, disclosed = 0;  ///< findings, by effect
  std::uint64_t fresh = 0, resolved = 0;                   ///< findings that count, against the version before
  std::uint64_t artifacts = 0;                             ///< files after unpacking
  evidence::Tally coverage;
  std::uint64_t gained = 0, lost = 0, changed = 0, moved = 0;  ///< facts, against the version before
  std::map<std::string, std::uint64_t> counts;             ///< artifacts by fate, and `same`, against the version before
};

/// One fact over all versions. Equal are facts of one facet and word whose values differ by nothing that a version
/// bump normally changes; `value` is that of the last version which has it.
struct HistoryLine {
  evidence::Facet facet = evidence::Facet::property;
  std::string word, value;
  std::vector<bool> present;         ///< by version
  std::vector<std::string> places;   ///< raw bytes, in the last version which has it; the first of `place_count`
  std::uint64_t place_count = 0;

  std::size_t first() const;         ///< index of the first version which has it
  std::size_t last() const;
  bool always() const;               ///< stands in every version
};

struct History {
  std::vector<HistoryVersion> versions;  ///< in the order given
  std::vector<HistoryLine> lines;        ///< what came in or went out first, by gravity; then the latest first
  std::uint64_t left_out = 0;            ///< facts that came in or went out and are not among the lines
  std::uint64_t left_out_always = 0;     ///< facts of every version that are not among the lines
};

/// Version by version, a History. Linear in the facts given; keeps one record a distinct fact.
/// Facts of is_detail (report/gravity.h) are not kept: `gained` and `lost` of a version count them.
class HistoryCollector {
 public:
  /// The facts that follow are of this version.
  void begin(HistoryVersion version);
  /// `item` is redacted. `key` tells the fact from others of its facet and word: its value without what a version bump
  /// normally changes. `place`: raw bytes.
  void add(const evidence::Item& item, std::string_view key, std::string_view place);
  History take();

 private:
  struct Record {
    HistoryLine line;
    int gravity = 0;
    std::size_t seen_in = 0;  ///< version whose places are kept
  };
  History out_;
  std::unordered_map<std::string, std::size_t> index_;
  std::vector<Record> records_;
  std::uint64_t too_many_ = 0;
};

/// Documented in docs/report.md. One array element a line; the same bytes for the same history.
std::string to_json(const History& history);

}  // namespace report
