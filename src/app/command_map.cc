#include "app/command_map.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "app/exit_codes.h"
#include "app/interrupt.h"
#include "app/office.h"
#include "app/outputs.h"
#include "app/progress_bar.h"
#include "render/text/map.h"

namespace app {
namespace {

constexpr std::size_t most_runs_of_product = 24, most_runs_asked = 400;

std::string layout_of(const Vetting& v, artifact::NodeId node, std::size_t most, const render::Options& look) {
  return render::layout(v.report.artifacts[node].place, v.dossiers[node].tiles, most, look);
}

}  // namespace

base::Result<int> command_map(const MapOptions& options) {
  Request request;
  request.paths = options.products;
  request.at = TRY(vetting_date(""));
  const auto office = TRY(open_office(options.office));
  catch_interrupts();
  vet::Progress progress;
  base::Result<std::unique_ptr<Vetting>> vetting;
  {
    const ProgressBar bar(progress, "mapping", !options.quiet);
    vetting = vet_product(*office, request, progress, interrupted());
  }
  if (interrupted()) {
    fmt::print(stderr, "assay: stopped; nothing was recorded for this product\n");
    return exit_stopped;
  }
  if (!vetting) return std::unexpected(vetting.error());
  const auto& v = **vetting;
  render::Options look;
  look.colour = wants_colour(options.colour);
  winsize terminal{};
  if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &terminal) == 0 && terminal.ws_col >= 40) look.width = std::min<unsigned>(terminal.ws_col, 160);
  if (!options.bytes.empty()) {
    const auto at = std::ranges::find(v.report.artifacts, options.bytes, &report::ArtifactLine::place);
    if (at == v.report.artifacts.end())
      return base::fail(base::Trouble::usage, "no artifact stands at '{}'; places are written as in the report, with // between a container and what it holds", base::printable(options.bytes));
    CHECK_OK(write_output("-", layout_of(v, static_cast<artifact::NodeId>(at - v.report.artifacts.begin()), most_runs_asked, look)));
    return exit_pass;
  }
  auto text = render::map(v.report, options.rows, look);
  // A container's own layout, where the product is one.
  if (v.tree.nodes[0].children.size() == 1 && v.dossiers[v.tree.nodes[0].children[0]].tiles.size() > 1)
    text += layout_of(v, v.tree.nodes[0].children[0], most_runs_of_product, look);
  CHECK_OK(write_output("-", text));
  return exit_pass;
}

}  // namespace app
