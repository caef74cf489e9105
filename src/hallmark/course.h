// What became of a verdict: the statements about it, in order, and whether it still stands. Nothing is ever
// deleted; what counts is decided here, the same way for whoever reads.
// Threads: pure functions.
#pragma once

#include <optional>
#include <span>

#include "hallmark/statement.h"
#include "sign/key.h"

namespace hallmark {

/// A statement whose signature holds, and under which key.
struct Seen {
  Statement statement;
  base::Digest id;                     ///< payload digest
  base::Digest by;                     ///< id of the key
  bool of_office = false;              ///< the key is one of the office's
  std::optional<std::uint64_t> index;  ///< in the log
};

enum class Step { struck, reasons_sealed, reasons_given, reasons_opened, appealed, upheld, overturned, superseded, revoked, expired };
std::string_view name_of(Step);        ///< "reasons-sealed"

struct Event {
  Step step = Step::struck;
  Time when = 0;
  std::optional<std::uint64_t> index;
  base::Digest id, by;                 ///< zero for what no statement says (expired)
  std::string text;                    ///< one line for a person
};

struct Course {
  std::vector<Event> events;           ///< in the log's order where they are logged, else by their own dates
  std::vector<std::string> objections; ///< statements that do not count, and why; one sentence each
  bool stands = true;                  ///< not expired, revoked, overturned or superseded
  bool pending = false;                ///< an appeal has no decision yet
};

/// `verdict` is a VerdictStatement (error: usage otherwise); `others` may hold anything, in any order: what is
/// about another verdict is passed over.
base::Result<Course> course_of(const Seen& verdict, std::span<const Seen> others, Time now);

/// Why these may not decide an appeal against this verdict; "" = they may. The key is never the first's; nor is
/// the examiner, where the verdict names one.
std::string partial(const Seen& verdict, const base::Digest& key, std::string_view examiner);

/// Until when an appeal may be filed: six months, and at least as long as the verdict holds.
Time appeal_until(const VerdictStatement& verdict);

}  // namespace hallmark
