#include "app/command_diff.h"

#include "app/exit_codes.h"
#include "app/interrupt.h"
#include "app/office.h"
#include "app/outputs.h"
#include "app/progress_bar.h"
#include "app/version.h"

namespace app {
namespace {

base::Result<std::unique_ptr<Version>> open(const Office& office, const std::string& wanted, const Request& like, const std::string& what, bool quiet) {
  vet::Progress progress;
  const ProgressBar bar(progress, what, !quiet);
  return open_version(office, wanted, like, progress, interrupted());
}

}  // namespace

base::Result<int> command_diff(const DiffOptions& options) {
  const auto outputs = TRY(pair_outputs(options.formats, options.outputs));
  auto means = options.office;
  if (means.policy.empty()) means.policy = options.source ? "source" : "update";
  const auto office = TRY(open_office(means));
  catch_interrupts();
  Request request;
  request.at = TRY(vetting_date(options.at));
  request.record = false;
  const auto stopped = [] {
    fmt::print(stderr, "assay: stopped; nothing was compared\n");
    return exit_stopped;
  };
  auto before = open(*office, options.before, request, options.source ? "reading the source" : "the version before", options.quiet);
  if (interrupted()) return stopped();
  if (!before) return std::unexpected(before.error());

  request.before = before->get();
  request.before_is_source = options.source;
  request.declaration_file = options.declaration;
  request.waiver_files = options.waivers;
  request.waiver_keys = options.waiver_keys;
  auto now = open(*office, options.now, request, "this version", options.quiet);
  if (interrupted()) return stopped();
  if (!now) return std::unexpected(now.error());
  const auto& report = (*now)->vetting->report;
  CHECK_OK(write_all(outputs, report, options.before + " " + options.now, options.colour, true));
  return exit_of(report.verdict);
}

}  // namespace app
