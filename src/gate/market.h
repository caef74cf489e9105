// How a market's front end joins the program: one function each, called by main.cc.
#pragma once

#include <CLI/CLI.hpp>

#include "gate/front.h"

namespace gate {

/// Where a market adds its command, how it opens the decision (options --policy, --state, --decisions,
/// --dry-run are main.cc's), and where its exit code or one clear sentence goes.
struct Door {
  CLI::App& cli;
  base::Result<int>& result;
  std::function<base::Result<std::unique_ptr<Front>>()> open;
  /// The same for a front that must never wait for a disk.
  std::function<base::Result<std::unique_ptr<Front>>()> open_never_waiting;
  /// What --policy and --state name, for commands that decide nothing.
  std::function<base::Result<Policy>()> load;
  std::function<std::string()> state;
  std::function<std::string()> decisions;

  /// open() for a market that runs on: its knowledge follows folder and logs.
  base::Result<std::unique_ptr<Front>> open_following() const {
    auto front = TRY(open());
    front->start_refreshing();
    return front;
  }
};

void add_decide(Door& door);
void add_break_glass(Door& door);
void add_init(Door& door);
void add_clamd(Door& door);
void add_exec(Door& door);
void add_apt(Door& door);          ///< apt-hook, apt-repo, apt-proxy
void add_npm(Door& door);
void add_pypi(Door& door);
void add_oci(Door& door);
void add_kubernetes(Door& door);

}  // namespace gate
