#include "app/changes.h"
#include "app/command_diff.h"
#include "app/exit_codes.h"
#include "app/interrupt.h"
#include "app/office.h"
#include "app/outputs.h"
#include "app/progress_bar.h"
#include "render/history/history.h"
#include "report/history.h"

namespace app {
namespace {

report::HistoryVersion version_of(const report::Report& r) {
  report::HistoryVersion out;
  out.product = r.product;
  out.verdict = r.verdict;
  out.coverage = r.coverage;
  for (const auto& a : r.artifacts) out.artifacts += a.nature == "file";
  for (const auto& f : r.findings) {
    ++(f.effect == report::Effect::fail ? out.fail : f.effect == report::Effect::conditional ? out.conditional : out.disclosed);
    out.fresh += f.effect != report::Effect::disclose && f.news == report::News::fresh;
  }
  if (!r.baseline) return out;
  out.counts = r.baseline->counts;
  for (const auto& f : r.baseline->resolved) out.resolved += f.effect != report::name_of(report::Effect::disclose);
  return out;
}

/// Counted over all that was compared; a report lists only the first.
void count_changes(const compare::Comparison& comparison, report::HistoryVersion& out) {
  for (const auto& change : comparison.changes) switch (change.state) {
      case compare::State::gained: ++out.gained; break;
      case compare::State::lost: ++out.lost; break;
      case compare::State::moved: ++out.moved; break;
      default: ++out.changed;
    }
}

void collect(const Vetting& v, report::HistoryCollector& into) {
  auto version = version_of(v.report);
  if (v.changes) count_changes(v.changes->comparison, version);
  into.begin(std::move(version));
  for (const auto& exhibit : v.report.evidence) into.add(exhibit.item, compare::fact_key(exhibit.item), v.report.artifacts[exhibit.node].place);
}

std::string render_as(const std::string& format, const report::History& history, const render::Options& options) {
  if (format == "json") return report::to_json(history);
  return format == "html" ? render::history_html(history, options) : render::history_text(history, options);
}

}  // namespace

base::Result<int> command_history(const HistoryOptions& options) {
  const auto outputs = TRY(pair_outputs(options.formats, options.outputs));
  for (const auto& output : outputs)
    if (output.format != "text" && output.format != "json" && output.format != "html") return base::fail(base::Trouble::usage, "a history is written as text, json or html, not {}", output.format);
  const auto office = TRY(open_office(options.office));
  catch_interrupts();
  Request request;
  request.at = TRY(vetting_date(options.at));
  request.record = false;
  report::HistoryCollector collector;
  std::unique_ptr<Version> before;   // only two versions are held at a time
  std::size_t number = 0;
  for (const auto& product : options.products) {
    request.before = before.get();
    vet::Progress progress;
    base::Result<std::unique_ptr<Version>> now;
    {
      const ProgressBar bar(progress, fmt::format("{} of {}: {}", ++number, options.products.size(), product), !options.quiet);
      now = open_version(*office, product, request, progress, interrupted());
    }
    if (interrupted()) {
      fmt::print(stderr, "assay: stopped; no history was written\n");
      return exit_stopped;
    }
    if (!now) return std::unexpected(now.error());
    collect(*(*now)->vetting, collector);
    (*now)->vetting->changes.reset();  // refers to the version before
    before = std::move(*now);
  }
  const auto code = exit_of(before->vetting->report.verdict);
  const auto history = collector.take();
  for (const auto& output : outputs) {
    render::Options look;
    look.colour = output.file == "-" && wants_colour(options.colour);
    CHECK_OK(write_output(output.file, render_as(output.format, history, look)));
  }
  return code;
}

}  // namespace app
