#include "app/command_law.h"

#include "app/cli.h"
#include "app/command_appeal.h"
#include "app/command_reasons.h"
#include "app/command_replay.h"
#include "app/command_waive.h"

namespace app {
namespace {

constexpr auto policies = "default, strict, firmware, update, or a file; that of the first judgement when left out";

void add_replay(CLI::App& cli, base::Result<int>& result) {
  auto o = std::make_shared<ReplayOptions>();
  auto* c = cli.add_subcommand("replay", "Vet a product again as a report says it was vetted, and compare");
  c->add_option("REPORT", o->report, "A report as JSON, or one in the store: its number, or the beginning of the product's SHA-256")->required()->type_name("");
  c->add_option("PRODUCT", o->products, "The product, as for vet; for a report from the store it may be left out")->type_name("");
  c->add_option("--declaration", o->declaration, "The declaration that was submitted")->type_name("FILE");
  add_waivers(*c, o->waivers, o->waiver_keys);
  c->add_option("--baseline", o->baseline, "The version that the report was compared with, as for vet")->type_name("VERSION");
  o->office.policy.clear();
  add_means(*c, o->office, policies);
  add_store(*c, o->office.store);
  add_workers(*c, o->office);
  c->add_flag("--anyway", o->anyway, "Go on with another engine, other rules or another policy than the report's");
  c->add_flag("-q,--quiet", o->quiet, "No progress bar");
  c->footer("Exit codes: 0 identical, 1 different, 2 nothing could be compared.");
  run_with(c, o, result, command_replay);
}

void add_judge(CLI::App& cli, base::Result<int>& result) {
  auto o = std::make_shared<JudgeOptions>();
  auto* c = cli.add_subcommand("judge", "Judge frozen evidence again, without the product");
  c->add_option("EVIDENCE", o->evidence, "What 'assay vet --evidence FILE' wrote; - is standard input")->required()->type_name("");
  c->add_option("--digest", o->digest, "SHA-256 that the evidence must have")->type_name("HEX");
  c->add_option("--declaration", o->declaration, "A declaration in the place of the frozen one")->type_name("FILE");
  c->add_option("--at", o->at, "Date of the judgement; that of the first when left out")->type_name("YYYY-MM-DD");
  add_waivers(*c, o->waivers, o->waiver_keys);
  o->office.policy.clear();
  add_means(*c, o->office, policies);
  add_outputs(*c, o->formats, o->outputs, o->colour);
  run_with(c, o, result, command_judge);
}

}  // namespace

void add_law_commands(CLI::App& cli, base::Result<int>& result) {
  add_replay(cli, result);
  add_judge(cli, result);
  add_waive_commands(cli, result);
  add_reasons_commands(cli, result);
  add_appeal_commands(cli, result);
}

}  // namespace app
