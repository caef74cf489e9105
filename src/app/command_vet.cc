#include "app/command_vet.h"

#include "app/each.h"
#include "app/exit_codes.h"
#include "app/interrupt.h"
#include "app/office.h"
#include "app/outputs.h"
#include "app/progress_bar.h"
#include "app/version.h"

namespace app {
base::Result<int> command_vet(const VetOptions& options) {
  if (options.products.empty() == options.each.empty())
    return base::fail(base::Trouble::usage, "name a product to vet, or a list of products with --each");
  const auto outputs = TRY(pair_outputs(options.formats, options.outputs));
  Request request;
  request.paths = options.products;
  request.declaration_file = options.declaration;
  request.waiver_files = options.waivers;
  request.waiver_keys = options.waiver_keys;
  request.freeze = !options.evidence.empty();
  if (request.freeze && !options.each.empty()) return base::fail(base::Trouble::usage, "--evidence freezes the evidence of one product; it can't be used with --each");
  request.at = TRY(vetting_date(options.at));
  if (!options.baseline.empty() && !options.each.empty()) return base::fail(base::Trouble::usage, "--baseline is the version before of one product; it can't be used with --each");
  const auto office = TRY(open_office(options.office));
  catch_interrupts();
  std::unique_ptr<Version> before;
  if (!options.baseline.empty()) {
    vet::Progress progress;
    const ProgressBar bar(progress, "the version before", !options.quiet);
    auto opened = open_version(*office, options.baseline, Request{.at = request.at}, progress, interrupted());
    if (!opened && !interrupted()) return std::unexpected(opened.error());
    if (opened) before = std::move(*opened);
    request.before = before.get();
  }

  if (!options.each.empty()) return vet_each(*office, options, request, interrupted());

  vet::Progress progress;
  base::Result<std::unique_ptr<Vetting>> vetting;
  {
    const ProgressBar bar(progress, "vetting", !options.quiet);
    vetting = vet_product(*office, request, progress, interrupted());
  }
  if (interrupted()) {
    fmt::print(stderr, "assay: stopped; nothing was recorded for this product\n");
    return exit_stopped;
  }
  if (!vetting) return std::unexpected(vetting.error());
  if (request.freeze) CHECK_OK(write_output(options.evidence, base::text_of((*vetting)->frozen)));
  CHECK_OK(write_all(outputs, (*vetting)->report, options.products.front(), options.colour));
  return exit_of((*vetting)->report.verdict);
}

}  // namespace app
