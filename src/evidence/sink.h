// Where a reader puts what it sees. One sink serves one reader of one artifact; single-threaded.
// Spans and strings are copied before a call returns.
#pragma once

#include "artifact/entry.h"
#include "base/result.h"
#include "evidence/coverage.h"
#include "evidence/item.h"

namespace evidence {

class Sink {
 public:
  virtual ~Sink() = default;

  /// States a fact. The range must lie inside the artifact; the sink cuts value and excerpt and
  /// fills an empty excerpt from the range.
  virtual void state(Item item) = 0;

  /// Claims a byte range for a label. Overlaps are resolved by Label's order.
  virtual void label(base::Range range, Label label, std::string_view why) = 0;

  /// Hands on a child. Content is given between begin and end, in order; nothing for natures other
  /// than file. An error (limit) means: the budget is used up, call end_child and return the error.
  virtual base::Result<> begin_child(const artifact::Entry& entry) = 0;
  virtual base::Result<> child_bytes(base::Bytes bytes) = 0;
  virtual void end_child() = 0;

  /// How many bytes the next child (or the open one) may still hold. A member that says it is larger
  /// can be named as a limit and passed over, so that the others are still read.
  virtual std::uint64_t room() const = 0;

  /// Counts work, in steps of about one byte or one loop turn. An error (limit) ends the reader.
  virtual base::Result<> spend(std::uint64_t steps) = 0;

  /// A whole child whose bytes stand in memory.
  base::Result<> child(const artifact::Entry& entry, base::Bytes bytes) {
    CHECK_OK(begin_child(entry));
    auto given = child_bytes(bytes);
    end_child();
    return given;
  }
};

}  // namespace evidence
