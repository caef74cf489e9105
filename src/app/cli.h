// What the registrations of commands share. Options live in a shared pointer that the command's callback holds.
#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

#include "app/options.h"
#include "app/statements.h"
#include "base/result.h"

namespace app {

template <class Options, class Run>
void run_with(CLI::App* command, const std::shared_ptr<Options>& options, base::Result<int>& result, Run run) {
  command->callback([options, &result, run] { result = run(*options); });
}

inline void add_store(CLI::App& command, std::string& store) { command.add_option("--store", store, "Folder of frozen products, evidence and reports")->type_name("DIR"); }

/// --policy and --rules. `policies` says what may be named, and what is used when nothing is.
inline void add_means(CLI::App& command, OfficeOptions& o, const std::string& policies) {
  command.add_option("--policy", o.policy, policies)->type_name("POLICY");
  command.add_option("--rules", o.rules, "YARA or capa rules of your own: a folder or a file; may be repeated")->type_name("DIR")->allow_extra_args(false);
}

inline void add_workers(CLI::App& command, OfficeOptions& o) {
  command.add_option("--threads", o.threads, "How many workers at once; 0 = one for each core")->type_name("N");
  command.add_flag("--allow-weaker-confinement", o.allow_weaker, "Go on when the kernel lacks a layer; the verdict names it");
}

/// All that a vetting needs beside its product.
inline void add_office(CLI::App& command, OfficeOptions& o, const std::string& policies = "default, strict, firmware, update, or a file; default when left out") {
  add_store(command, o.store);
  add_means(command, o, policies);
  add_workers(command, o);
  command.add_flag("--no-cache", o.no_cache, "Take no evidence from earlier runs and keep none");
}

inline void add_waivers(CLI::App& command, std::vector<std::string>& files, std::vector<std::string>& keys) {
  command.add_option("--waiver", files, "A waiver (docs/verdicts.md); may be repeated")->type_name("FILE")->allow_extra_args(false);
  command.add_option("--waiver-key", keys, "Public key that may sign waivers, beside those of the policy; may be repeated")->type_name("PEM")->allow_extra_args(false);
}

inline void add_outputs(CLI::App& command, std::vector<std::string>& formats, std::vector<std::string>& outputs, std::string& colour) {
  command.add_option("--format", formats, "text, json, sarif, html or gitlab; may be repeated, the n-th goes to the n-th -o")->check(CLI::IsMember({"text", "json", "sarif", "html", "gitlab"}))->type_name("FORMAT")->allow_extra_args(false);
  command.add_option("-o,--output", outputs, "File for the report; - is standard output")->type_name("FILE")->allow_extra_args(false);
  command.add_option("--colour,--color", colour, "auto, always or never")->check(CLI::IsMember({"auto", "always", "never"}))->type_name("WHEN");
}

/// --key -o --log --log-key --now: for every command that signs a statement.
inline void add_issue(CLI::App& command, IssueOptions& o, bool required = true) {
  command.add_option("--key", o.key, "The key that signs: a PEM file, or a PKCS#11 URI")->required(required)->type_name("KEY");
  command.add_option("-o,--output", o.output, "File for the signed statement; - is standard output")->required(required)->type_name("FILE");
  add_log(command, o.log);
  command.add_option("--now", o.now, "The time to sign for, as 2027-01-31T12:00:00Z; the clock's when left out")->type_name("TIME");
}

}  // namespace app
