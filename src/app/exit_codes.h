// Exit codes of `assay`; docs/verdicts.md lists them.
#pragma once

#include "report/report.h"

namespace app {

enum Exit : int { exit_pass = 0, exit_fail = 1, exit_trouble = 2, exit_conditional = 3, exit_inconclusive = 4, exit_stopped = 130 };

inline int exit_of(report::Verdict verdict) {
  switch (verdict) {
    case report::Verdict::pass: return exit_pass;
    case report::Verdict::conditional: return exit_conditional;
    case report::Verdict::fail: return exit_fail;
    case report::Verdict::inconclusive: return exit_inconclusive;
  }
  return exit_trouble;
}

}  // namespace app
