#include "app/command_update.h"

#include "app/cli.h"
#include "app/command_diff.h"

namespace app {
namespace {

constexpr auto kinds_of_version = "a product, a report (JSON), frozen evidence, or a report in the store by its number";

void add_diff(CLI::App& cli, base::Result<int>& result) {
  auto o = std::make_shared<DiffOptions>();
  auto* c = cli.add_subcommand("diff", "Say what a version gained, lost and changed, and judge the update");
  c->add_option("OLD", o->before, std::string("The version before: ") + kinds_of_version)->required()->type_name("");
  c->add_option("NEW", o->now, "The version after it, likewise")->required()->type_name("");
  c->add_flag("--source", o->source, "OLD is the source tree that NEW is made of: say what the source does not explain");
  c->add_option("--declaration", o->declaration, "What the maker says the new version does (docs/declaration.md)")->type_name("FILE");
  c->add_option("--at", o->at, "Vetting date; today when left out")->type_name("YYYY-MM-DD");
  c->add_flag("-q,--quiet", o->quiet, "No progress bar");
  add_waivers(*c, o->waivers, o->waiver_keys);
  add_outputs(*c, o->formats, o->outputs, o->colour);
  o->office.policy.clear();
  add_office(*c, o->office, "update, default, strict, firmware, or a file; update when left out, source with --source");
  run_with(c, o, result, command_diff);
}

void add_history(CLI::App& cli, base::Result<int>& result) {
  auto o = std::make_shared<HistoryOptions>();
  auto* c = cli.add_subcommand("history", "Show over many versions where each thing came in and went out");
  c->add_option("VERSION", o->products, std::string("The versions, oldest first; each ") + kinds_of_version)->required()->type_name("");
  c->add_option("--format", o->formats, "text, json or html; may be repeated, the n-th goes to the n-th -o")->check(CLI::IsMember({"text", "json", "html"}))->type_name("FORMAT")->allow_extra_args(false);
  c->add_option("-o,--output", o->outputs, "File; - is standard output")->type_name("FILE")->allow_extra_args(false);
  c->add_option("--colour,--color", o->colour, "auto, always or never")->check(CLI::IsMember({"auto", "always", "never"}))->type_name("WHEN");
  c->add_option("--at", o->at, "Vetting date; today when left out")->type_name("YYYY-MM-DD");
  c->add_flag("-q,--quiet", o->quiet, "No progress bar");
  o->office.policy = "update";
  add_office(*c, o->office, "update, default, strict, firmware, or a file; update when left out");
  run_with(c, o, result, command_history);
}

}  // namespace

void add_update_commands(CLI::App& cli, base::Result<int>& result) {
  add_diff(cli, result);
  add_history(cli, result);
}

}  // namespace app
