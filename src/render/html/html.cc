// Joins the parts of the page.
#include "render/html/html.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "base/digest.h"
#include "render/html/map.h"
#include "render/html/markup.h"
#include "render/html/parts.h"

namespace render {

std::string html(const report::Report& report, const Options&) {
  const auto o = outline(report);
  const auto areas = render::areas(report);
  const auto listed = page::listed_areas(areas);
  const auto script = page::script();
  const auto policy = fmt::format("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'", base::to_base64(base::sha256(script).bytes));
  std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">";
  out += fmt::format("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">", policy);
  out += "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"referrer\" content=\"no-referrer\"><meta name=\"robots\" content=\"noindex\">";
  out += fmt::format("<title>{}: {} (Assay report)</title><style>{}</style></head><body>\n", upper(name_of(report.verdict)), page::escaped(title_of(report.product)), page::style());
  out += page::header(report);
  out += "\n<nav aria-label=\"Parts of the report\"><div><a href=\"#findings\">Findings</a><a href=\"#map\">Map</a><a href=\"#declared\">Declared</a>";
  if (!o.endpoints.empty()) out += "<a href=\"#endpoints\">Endpoints</a>";
  out += "<a href=\"#coverage\">Coverage</a>";
  if (!report.not_covered.empty()) out += "<a href=\"#not-covered\">Not covered</a>";
  out += "<a href=\"#artifacts\">Artifacts</a><a href=\"#evidence\">Evidence</a><a href=\"#replay\">Check</a></div></nav>\n<main>\n";
  for (const auto& section : {page::findings_section(report, o), page::map_section(report, areas, listed), page::declaration_section(report, o), page::endpoints_section(o),
                              page::coverage_section(report, o), page::tree_section(report, areas, listed), page::evidence_section(report, o), page::replay_section(report)})
    out += section + "\n";
  out += "</main>\n<footer>Assay judges products, never people. Keys, passwords, personal mail addresses and phone numbers are shown as fingerprints.</footer>\n";
  return out + fmt::format("<script>{}</script>\n</body></html>\n", script);
}

}  // namespace render
