// `assay reasons`: why a product was refused, sealed until a deadline where it would arm attackers.
#pragma once

#include "app/statements.h"

namespace app {

struct ReasonsOptions {
  IssueOptions issue;
  std::string store, report, hallmark, deadline;
  bool sealed = false;
  std::string secret;      ///< where text and nonce go until the deadline; "" = the output's name with ".secret"
};

/// Error: usage: the report is another than the hallmark's; a pass, which needs no reasons; no time to mend.
base::Result<int> command_reasons(const ReasonsOptions& options);

struct OpenReasonsOptions {
  IssueOptions issue;
  std::string sealed, secret;
  bool early = false;      ///< before the deadline
};

base::Result<int> command_open_reasons(const OpenReasonsOptions& options);

struct CheckReasonsOptions {
  std::string sealed, opened;    ///< opened: the secret, or the opened statement
};

/// That both belong together; prints the grounds. 0 they do, 1 they don't.
base::Result<int> command_check_reasons(const CheckReasonsOptions& options);

void add_reasons_commands(CLI::App& cli, base::Result<int>& result);

}  // namespace app
