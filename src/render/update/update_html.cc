// Joins the parts of the page.
#include <fmt/format.h>

#include "render/html/markup.h"
#include "render/html/parts.h"
#include "render/update/parts.h"

namespace render {

std::string update_html(const report::Report& report, const Options&) {
  if (!report.baseline) return page::document("No comparison (Assay)", "", "<main><p>This report was made without a version to compare with.</p></main>\n", "");
  const auto o = outline(report);
  const auto u = update_outline(report);
  auto body = page::update_header(report);
  body += "\n<nav aria-label=\"Parts of the page\"><div><a href=\"#foremost\">What matters</a><a href=\"#changes\">All changes</a><a href=\"#artifacts\">Files</a><a href=\"#coverage\">Coverage</a>"
          "<a href=\"#findings\">Other findings</a><a href=\"#replay\">Check</a></div></nav>\n<main>\n";
  for (const auto& section : {page::foremost_section(report, o, u), page::changes_section(report, u), page::artifact_changes_section(report), page::coverage_change_section(report),
                              page::past_section(report, u), page::replay_section(report)})
    body += section + "\n";
  body += "</main>\n";
  return page::document(fmt::format("{}: {} (Assay)", upper(name_of(report.verdict)), page::escaped(versions_title(report))), page::update_style(), body, page::update_script());
}

}  // namespace render
