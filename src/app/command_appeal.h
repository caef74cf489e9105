// `assay appeal`: a maker objects to a verdict, somebody else than its examiner decides, and anybody sees
// what became of it. Nothing is deleted: every step is one more signed statement.
#pragma once

#include "app/statements.h"

namespace app {

struct FileAppealOptions {
  IssueOptions issue;
  std::string hallmark, grounds, appellant;   ///< appellant "" = the maker that the hallmark names
  std::vector<std::string> office_keys;       ///< when given, the hallmark's signature is checked first
};

/// Error: usage: a pass, or the time for an appeal is over.
base::Result<int> command_file_appeal(const FileAppealOptions& options);

struct DecideAppealOptions {
  IssueOptions issue;
  std::string appeal, hallmark, examiner, reason, superseding;
  bool uphold = false, overturn = false;
  std::vector<std::string> office_keys, appellant_keys;
};

/// Error: usage: the key or the examiner is the first's; a statement was changed or is about something else; an
/// overturned verdict without the one that takes its place.
base::Result<int> command_decide_appeal(const DecideAppealOptions& options);

struct AppealStatusOptions {
  std::string hallmark;
  std::vector<std::string> files;             ///< statements beside those in the log
  std::string log, log_vkey;                  ///< folder or address, and its verifier key (text, or a file with it)
  std::uint64_t from = 0;                     ///< first entry of the log that is read
  std::vector<std::string> office_keys, appellant_keys;
  std::string format = "text", now;
};

/// 0 the verdict stands, 1 it does not any more. Error: what became of it can't be told.
base::Result<int> command_appeal_status(const AppealStatusOptions& options);

void add_appeal_commands(CLI::App& cli, base::Result<int>& result);

}  // namespace app
