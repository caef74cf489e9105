// `assay waive` and `assay revoke`: an office lets one finding pass for a while, or takes a hallmark back.
#pragma once

#include "app/statements.h"

namespace app {

struct WaiveOptions {
  IssueOptions issue;
  std::string store, report, finding, office, reason, approver, requester, expires;
};

/// Error: usage: no such finding, broken trust, one person in two parts, no end or one too far away.
base::Result<int> command_waive(const WaiveOptions& options);

struct RevokeOptions {
  IssueOptions issue;
  std::string hallmark, reason;
};

/// The revocation speaks for the office that the hallmark names; gates take it when they trust the key for it.
base::Result<int> command_revoke(const RevokeOptions& options);

void add_waive_commands(CLI::App& cli, base::Result<int>& result);

}  // namespace app
