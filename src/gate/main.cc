// assay-gate: asks the hallmark and answers the market's client. Links no parser and no examiner.
#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
  CLI::App cli{"Assay's gate: lets a product in or keeps it out, by its hallmark."};
  cli.name("assay-gate");
  cli.require_subcommand(1);
  CLI11_PARSE(cli, argc, argv);
  return 0;
}
