// The command line. Each command is one function that returns an exit code or one clear sentence.
#include <cstdio>

#include "app/cli.h"
#include "app/command_judge.h"
#include "app/command_hallmark.h"
#include "app/command_law.h"
#include "app/command_log.h"
#include "app/command_map.h"
#include "app/command_members.h"
#include "app/command_store.h"
#include "app/command_update.h"
#include "app/command_vet.h"
#include "app/exit_codes.h"
#include "app/office.h"

using namespace app;

int main(int argc, char** argv) {
  CLI::App cli{"Assay: finds out whether a finished piece of software spies, and says so with evidence."};
  cli.name("assay");
  cli.require_subcommand(1);
  cli.set_version_flag("--version", engine().version);
  cli.footer("Exit codes: 0 pass, 1 fail, 2 usage or environment, 3 conditional, 4 inconclusive.");
  base::Result<int> result = exit_pass;

  VetOptions vet;
  auto* c_vet = cli.add_subcommand("vet", "Vet a product: files, a folder, an image layout, or - for standard input");
  c_vet->add_option("PRODUCT", vet.products, "What to vet; several files are one product")->type_name("");
  c_vet->add_option("--declaration", vet.declaration, "What the maker says the product does (docs/declaration.md)")->type_name("FILE");
  add_waivers(*c_vet, vet.waivers, vet.waiver_keys);
  c_vet->add_option("--baseline", vet.baseline, "The version before: a product, a report, or its number in the store; findings are then told as new, changed or unchanged")->type_name("VERSION");
  c_vet->add_option("--evidence", vet.evidence, "File for the frozen evidence, to judge again without the product (assay judge)")->type_name("FILE");
  c_vet->add_option("--at", vet.at, "Vetting date; today when left out")->type_name("YYYY-MM-DD");
  c_vet->add_option("--each", vet.each, "Vet every product of a list, one path a line")->type_name("LIST");
  c_vet->add_option("--reports", vet.reports, "Folder for the reports of --each")->type_name("DIR")->capture_default_str();
  c_vet->add_flag("-q,--quiet", vet.quiet, "No progress bar");
  add_outputs(*c_vet, vet.formats, vet.outputs, vet.colour);
  add_office(*c_vet, vet.office);
  c_vet->callback([&] { result = command_vet(vet); });

  MapOptions map;
  auto* c_map = cli.add_subcommand("map", "Draw what of a product was read, by artifact and by byte");
  c_map->add_option("PRODUCT", map.products, "The product")->required()->type_name("");
  c_map->add_option("--bytes", map.bytes, "The layout of one artifact instead: its place as in the report")->type_name("PLACE");
  c_map->add_option("--rows", map.rows, "Rows of the tree")->type_name("N")->capture_default_str()->check(CLI::Range(1, 100000));
  c_map->add_option("--colour,--color", map.colour, "auto, always or never")->check(CLI::IsMember({"auto", "always", "never"}))->type_name("WHEN");
  c_map->add_flag("-q,--quiet", map.quiet, "No progress bar");
  add_office(*c_map, map.office);
  c_map->callback([&] { result = command_map(map); });
  MembersOptions members;
  auto* c_members = cli.add_subcommand("members", "Take a product apart and list every artifact; nothing is examined or judged");
  c_members->add_option("PRODUCT", members.products, "What to take apart, as for vet")->required()->type_name("");
  c_members->add_option("--format", members.format, "text or json")->check(CLI::IsMember({"text", "json"}))->type_name("FORMAT");
  c_members->add_option("--store", members.store, "Folder of the store, for temporary files")->type_name("DIR");
  c_members->add_option("--threads", members.threads, "How many workers at once; 0 = one for each core")->type_name("N");
  c_members->add_flag("--allow-weaker-confinement", members.allow_weaker, "Go on when the kernel lacks a layer");
  c_members->callback([&] { result = command_members(members); });

  ShowOptions show;
  auto* c_show = cli.add_subcommand("show", "Show a report again, in any form");
  c_show->add_option("REPORT", show.report, "Number, or the beginning of the product's SHA-256; the newest when left out")->type_name("");
  c_show->add_option("--store", show.store, "Folder of the store")->type_name("DIR");
  add_outputs(*c_show, show.formats, show.outputs, show.colour);
  c_show->callback([&] { result = command_show(show); });

  std::string store_folder;
  auto* c_list = cli.add_subcommand("list", "List the reports in the store");
  c_list->add_option("--store", store_folder, "Folder of the store")->type_name("DIR");
  c_list->callback([&] { result = command_list(store_folder); });

  std::int64_t keep_runs = 100;
  auto* c_gc = cli.add_subcommand("gc", "Drop what the store no longer needs");
  c_gc->add_option("--store", store_folder, "Folder of the store")->type_name("DIR");
  c_gc->add_option("--keep-runs", keep_runs, "Keep evidence made by the last N runs")->type_name("N")->capture_default_str();
  c_gc->callback([&] { result = command_gc(store_folder, keep_runs); });

  ExplainOptions explain;
  auto* c_explain = cli.add_subcommand("explain", "Tell cause and remedy of a finding, and what would change the verdict");
  c_explain->add_option("FINDING", explain.finding, "Id of the finding")->required()->type_name("");
  c_explain->add_option("--report", explain.report, "Report it stands in; the newest when left out")->type_name("REPORT");
  c_explain->add_option("--declaration", explain.declaration, "The declaration that was submitted")->type_name("FILE");
  add_office(*c_explain, explain.office);
  c_explain->callback([&] { result = command_explain(explain); });

  DeclareOptions declare;
  auto* c_declare = cli.add_subcommand("declare", "Write a first draft of a declaration from what is observed");
  c_declare->add_option("PRODUCT", declare.products, "The product")->required()->type_name("");
  c_declare->add_option("-o,--output", declare.output, "File for the draft")->type_name("FILE");
  add_office(*c_declare, declare.office);
  c_declare->callback([&] { result = command_declare(declare); });

  auto* c_rules = cli.add_subcommand("rules", "Work with rules and policies");
  c_rules->require_subcommand(1);
  std::vector<std::string> rule_paths;
  auto* c_check = c_rules->add_subcommand("check", "Lint rules and policies and run their examples");
  c_check->add_option("PATH", rule_paths, "Folders of rules, files of policies; the shipped ones when left out")->type_name("");
  c_check->callback([&] { result = command_rules_check(rule_paths); });

  bool known_misses = false;
  auto* c_catalogue = cli.add_subcommand("catalogue", "Print every reader, from its card");
  c_catalogue->add_flag("--known-misses", known_misses, "What they are known not to see");
  c_catalogue->callback([&] { result = command_catalogue(known_misses); });

  add_update_commands(cli, result);
  add_hallmark_commands(cli, result);
  add_law_commands(cli, result);
  add_log_commands(cli, result);

  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = cli.exit(e);
    return code == 0 ? 0 : exit_trouble;
  } catch (const std::exception& e) {
    fmt::print(stderr, "assay: internal error: {}\n", e.what());
    return exit_trouble;
  }
  if (!result) {
    fmt::print(stderr, "assay: {}\n", result.error().to_string());
    return exit_trouble;
  }
  return *result;
}
