#include "app/command_replay.h"

#include <unistd.h>

#include <algorithm>

#include "app/difference.h"
#include "app/exit_codes.h"
#include "app/file_text.h"
#include "app/interrupt.h"
#include "app/office.h"
#include "app/outputs.h"
#include "app/progress_bar.h"
#include "app/statements.h"
#include "app/thawed.h"
#include "app/version.h"
#include "app/waivers.h"
#include "report/declaration_yaml.h"
#include "report/json.h"

namespace app {
namespace {

using base::Trouble;

constexpr std::uint64_t most_declaration = 8u << 20;

/// The policy that a file names, when it is one of those that are shipped: the name comes from anybody.
base::Result<std::string> shipped_policy(const std::string& name, std::string_view who) {
  const bool plain = !name.empty() && std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  if (!plain || access((home_folder() + "/policies/" + name + ".yaml").c_str(), R_OK) != 0)
    return base::fail(Trouble::usage, "{} names the policy '{}', which is none of those shipped; give its file with --policy", who, base::printable(name));
  return name;
}

/// What this program has that the report was not made with; "" = nothing.
std::string other_means(const report::Used& used, const Office& office) {
  std::vector<std::string> out;
  const auto note = [&](std::string_view what, const std::string& wanted, const std::string& here) {
    if (wanted != here) out.push_back(fmt::format("{} {} (here: {})", what, base::printable(wanted).substr(0, 16), here.substr(0, 16)));
  };
  note("the engine", used.engine, office.engine.digest.hex());
  note("the rules", used.rules, rules_digest(office).hex());
  note("the policy", used.policy, judge::digest_of(*office.policy).hex());
  return fmt::format("{}", fmt::join(out, ", "));
}

/// Declaration and waivers must be those that the report names.
base::Result<> same_inputs(const report::Used& used, const ReplayOptions& options, const Office& office) {
  if (!options.declaration.empty()) {
    const auto digest = base::sha256(TRY(file_text(options.declaration, "the declaration", most_declaration))).hex();
    if (digest != used.declaration) return base::fail(Trouble::usage, "{} is not the declaration that the report was made with; that one has the SHA-256 {}", base::printable(options.declaration),
                                                      used.declaration.empty() ? "(there was none)" : base::printable(used.declaration));
  }
  std::vector<std::string> given, named = used.waivers;
  for (const auto& waiver : TRY(load_waivers(options.waivers, options.waiver_keys, *office.policy))) given.push_back(waiver.digest);
  for (const auto& digest : named)
    if (std::ranges::find(given, digest) == given.end()) return base::fail(Trouble::usage, "the report was made with the waiver {}; give its file with --waiver", base::printable(digest));
  if (given != named) return base::fail(Trouble::usage, "the waivers are not those that the report was made with, in their order; it names {}", named.size());
  return {};
}

void tell(const Difference& d, const report::Report& before, const report::Report& now) {
  std::string text = fmt::format("different at {}{}\n  report: {}\n  replay: {}\n", d.pointer, d.about.empty() ? "" : " (" + d.about + ")", d.first, d.second);
  if (before.product.digest != now.product.digest) text += "This is another product than the report is about.\n";
  else if (before.used.declaration != now.used.declaration) text += "The report was made with another declaration; give it with --declaration.\n";
  if (!before.replayable || !now.replayable) text += "An outer guard (time, memory or a crash) ended a worker, so that two runs need not agree.\n";
  fmt::print("{}", text);
}

}  // namespace

base::Result<int> command_replay(const ReplayOptions& options) {
  const auto wanted = TRY(load_report(options.report, options.office.store));
  const auto& used = wanted.report.used;
  if (options.products.empty() && wanted.stored == 0)
    return base::fail(Trouble::usage, "name the product that {} is about; only a report from the store has it there", base::printable(options.report));
  auto means = options.office;
  means.no_cache = true;
  means.limits = used.limits;
  if (means.policy.empty()) means.policy = TRY(shipped_policy(used.policy_name, "the report"));
  const auto office = TRY(open_office(means));
  const auto other = other_means(used, *office);
  if (!other.empty()) {
    if (!options.anyway)
      return base::fail(Trouble::usage, "the report was made by other means: {}; use the program, --rules and --policy that it names, or go on --anyway", other);
    fmt::print(stderr, "assay: going on with other means than the report's: {}\n", other);
  }
  CHECK_OK(same_inputs(used, options, *office));

  Request request;
  request.paths = options.products;
  if (options.products.empty()) {
    request.stored_report = wanted.stored;
    request.stored_files = wanted.report.product.files;
  }
  request.declaration_file = options.declaration;
  request.waiver_files = options.waivers;
  request.waiver_keys = options.waiver_keys;
  request.at = TRY(vetting_date(used.at));
  request.record = false;
  catch_interrupts();
  vet::Progress progress;
  if (wanted.report.baseline.has_value() == options.baseline.empty())
    return base::fail(Trouble::usage, "{}", options.baseline.empty() ? fmt::format("the report was compared with {} {}; give that version with --baseline", base::printable(wanted.report.baseline->product.name), base::printable(wanted.report.baseline->product.version))
                                                                     : std::string("the report was compared with no other version: leave --baseline out"));
  std::unique_ptr<Version> before;
  if (!options.baseline.empty()) before = TRY(open_version(*office, options.baseline, Request{.at = request.at, .record = false}, progress, interrupted()));
  request.before = before.get();
  base::Result<std::unique_ptr<Vetting>> vetting;
  {
    const ProgressBar bar(progress, "replaying", !options.quiet);
    vetting = vet_product(*office, request, progress, interrupted());
  }
  if (interrupted()) {
    fmt::print(stderr, "assay: stopped; nothing was compared\n");
    return exit_stopped;
  }
  if (!vetting) return std::unexpected(vetting.error());
  const auto& now = (*vetting)->report;
  const auto again = report::to_json(now);
  if (const auto difference = first_difference(wanted.text, again, !other.empty())) {
    tell(*difference, wanted.report, now);
    return exit_fail;
  }
  if (report::to_json(wanted.report) != wanted.text) {
    fmt::print("different in form: the report says the same, and its bytes are not those that Assay writes, so its digest is another\n");
    return exit_fail;
  }
  fmt::print("identical: {} of {} {}, {} artifacts, {} findings, SHA-256 of the report {}\n", report::name_of(now.verdict), base::printable(now.product.name), base::printable(now.product.version),
             now.artifacts.size(), now.findings.size(), base::sha256(wanted.text).hex());
  if (!other.empty()) fmt::print("Only the means differ: {}\n", other);
  else if (again != wanted.text) fmt::print("Only the confinement of the workers differs between the two machines (not_covered).\n");
  return exit_pass;
}

base::Result<int> command_judge(const JudgeOptions& options) {
  const auto outputs = TRY(pair_outputs(options.formats, options.outputs));
  auto frozen = TRY(thaw_file(options.evidence, options.digest));
  auto means = options.office;
  means.limits = frozen.limits;
  if (means.policy.empty()) means.policy = TRY(shipped_policy(frozen.policy_name, "the evidence"));
  const auto office = TRY(open_bench(means));
  const auto judge_engine = office->engine;
  office->engine.digest = frozen.engine;
  office->engine.version = base::printable(frozen.engine_version);
  office->user_rules = frozen.user_rules;
  office->weaker = frozen.weaker;

  Request request;
  request.at = TRY(vetting_date(options.at.empty() ? frozen.at : options.at));
  auto [vetting_made, product] = vetting_of(std::move(frozen));
  auto& vetting = *vetting_made;
  vetting.waivers = TRY(load_waivers(options.waivers, options.waiver_keys, *office->policy));
  if (!options.declaration.empty())
    vetting.declaration = TRY(report::parse_declaration(TRY(file_text(options.declaration, "the declaration", most_declaration)), options.declaration));
  judge_evidence(*office, request, product, vetting);
  if (judge_engine.digest != office->engine.digest)
    vetting.report.not_covered.push_back(fmt::format("Judged again from frozen evidence by the engine {}; the engine named in this report made the evidence.", judge_engine.digest.hex()));
  CHECK_OK(write_all(outputs, vetting.report, "PRODUCT", options.colour));
  return exit_of(vetting.report.verdict);
}

}  // namespace app
