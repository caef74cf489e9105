#include "app/command_law.h"

#include "app/cli.h"
#include "app/command_appeal.h"
#include "app/command_reasons.h"
#include "app/command_replay.h"
#include "app/command_waive.h"

namespace app {
namespace {

void add_means(CLI::App& command, OfficeOptions& o) {
  o.policy.clear();
  command.add_option("--policy", o.policy, "default, strict, firmware, or a file; that of the first judgement when left out")->type_name("POLICY");
  command.add_option("--rules", o.rules, "YARA or capa rules of your own: a folder or a file; may be repeated")->type_name("DIR")->allow_extra_args(false);
}

void add_waivers(CLI::App& command, std::vector<std::string>& files, std::vector<std::string>& keys) {
  command.add_option("--waiver", files, "A waiver (docs/verdicts.md); may be repeated")->type_name("FILE")->allow_extra_args(false);
  command.add_option("--waiver-key", keys, "Public key that may sign waivers, beside those of the policy; may be repeated")->type_name("PEM")->allow_extra_args(false);
}

void add_replay(CLI::App& cli, base::Result<int>& result) {
  auto o = std::make_shared<ReplayOptions>();
  auto* c = cli.add_subcommand("replay", "Vet a product again as a report says it was vetted, and compare");
  c->add_option("REPORT", o->report, "A report as JSON, or one in the store: its number, or the beginning of the product's SHA-256")->required()->type_name("");
  c->add_option("PRODUCT", o->products, "The product, as for vet; for a report from the store it may be left out")->type_name("");
  c->add_option("--declaration", o->declaration, "The declaration that was submitted")->type_name("FILE");
  add_waivers(*c, o->waivers, o->waiver_keys);
  add_means(*c, o->office);
  c->add_option("--store", o->office.store, "Folder of the store")->type_name("DIR");
  c->add_option("--threads", o->office.threads, "How many workers at once; 0 = one for each core")->type_name("N");
  c->add_flag("--allow-weaker-confinement", o->office.allow_weaker, "Go on when the kernel lacks a layer");
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
  add_means(*c, o->office);
  c->add_option("--format", o->formats, "text, json, sarif, html or gitlab; may be repeated, the n-th goes to the n-th -o")->check(CLI::IsMember({"text", "json", "sarif", "html", "gitlab"}))->type_name("FORMAT")->allow_extra_args(false);
  c->add_option("-o,--output", o->outputs, "File for the report; - is standard output")->type_name("FILE")->allow_extra_args(false);
  c->add_option("--colour,--color", o->colour, "auto, always or never")->check(CLI::IsMember({"auto", "always", "never"}))->type_name("WHEN");
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
