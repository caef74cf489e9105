// What the registrations of commands share. Options live in a shared pointer that the command's callback holds.
#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

#include "app/statements.h"
#include "base/result.h"

namespace app {

template <class Options, class Run>
void run_with(CLI::App* command, const std::shared_ptr<Options>& options, base::Result<int>& result, Run run) {
  command->callback([options, &result, run] { result = run(*options); });
}

/// --key -o --log --log-key --now: for every command that signs a statement.
inline void add_issue(CLI::App& command, IssueOptions& o, bool required = true) {
  command.add_option("--key", o.key, "The key that signs: a PEM file, or a PKCS#11 URI")->required(required)->type_name("KEY");
  command.add_option("-o,--output", o.output, "File for the signed statement; - is standard output")->required(required)->type_name("FILE");
  add_log(command, o.log);
  command.add_option("--now", o.now, "The time to sign for, as 2027-01-31T12:00:00Z; the clock's when left out")->type_name("TIME");
}

}  // namespace app
