// assay-gate: asks the hallmark and answers the market's client. Links no parser and no examiner.
#include <CLI/CLI.hpp>

#include <cstdio>

#include "gate/market.h"

namespace {

struct Common {
  std::string policy = "/etc/assay/gate.yaml", state = "/var/lib/assay-gate", decisions, metrics;
  bool dry_run = false;
};

base::Result<std::unique_ptr<gate::Front>> open_front(const Common& common, bool never_wait) {
  const auto policy = TRY(gate::load_policy(common.policy));
  gate::Front::Options options;
  options.log_file = common.decisions;
  options.dry_run = common.dry_run;
  options.never_wait = never_wait;
  options.metrics = common.metrics;
  return gate::Front::open(policy, common.state, std::move(options));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli{"Assay's gate: lets a product in or keeps it out, by its hallmark."};
  cli.name("assay-gate");
  cli.require_subcommand(1);
  cli.fallthrough();
  cli.footer("Exit codes: 0 done or allowed, 1 denied, 2 usage or environment, 5 wait.");
  Common common;
  cli.add_option("--policy", common.policy, "The gate's policy (docs/gates.md); `assay-gate init` writes one")->type_name("FILE")->capture_default_str();
  cli.add_option("--state", common.state, "Folder of this gate's own: last checkpoints, openings by hand")->type_name("DIR")->capture_default_str();
  cli.add_option("--decisions", common.decisions, "File that every decision is added to as a line of JSON; - is standard error")->type_name("FILE");
  cli.add_option("--metrics", common.metrics, "Serve counters in Prometheus' form at http://ADDR:PORT/metrics")->type_name("ADDR:PORT");
  cli.add_flag("--dry-run", common.dry_run, "Let everything in; the decisions say what would have been");

  base::Result<int> result = 0;
  gate::Door door{cli, result, [&] { return open_front(common, false); }, [&] { return open_front(common, true); }, [&] { return gate::load_policy(common.policy); }, [&] { return common.state; }, [&] { return common.decisions; }};
  gate::add_decide(door);
  gate::add_break_glass(door);
  gate::add_clamd(door);
  gate::add_apt(door);
  gate::add_npm(door);
  gate::add_pypi(door);
  gate::add_oci(door);
  gate::add_kubernetes(door);
  gate::add_exec(door);
  gate::add_init(door);

  try {
    cli.parse(argc, argv);
  } catch (const CLI::Success& e) {
    return cli.exit(e);
  } catch (const CLI::ParseError& e) {
    fmt::print(stderr, "assay-gate: {}\n", base::printable(e.what()));
    return 2;
  } catch (const std::exception& e) {
    fmt::print(stderr, "assay-gate: {}\n", base::printable(e.what()));
    return 2;
  }
  if (!result) {
    fmt::print(stderr, "assay-gate: {}\n", result.error().what);
    return 2;
  }
  return *result;
}
