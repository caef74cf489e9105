// Joins the parts of the page.
#include "render/html/html.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "base/digest.h"
#include "render/html/map.h"
#include "render/html/markup.h"
#include "render/html/parts.h"
#include "render/update/parts.h"

namespace render {

std::string page::document(std::string_view title, std::string_view more_style, std::string_view body, std::string_view script) {
  const auto allowed = script.empty() ? std::string() : fmt::format("script-src 'sha256-{}'; ", base::to_base64(base::sha256(script).bytes));
  std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">";
  out += fmt::format("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; {}base-uri 'none'; form-action 'none'\">", allowed);
  out += "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"referrer\" content=\"no-referrer\"><meta name=\"robots\" content=\"noindex\">";
  out += fmt::format("<title>{}</title><style>{}{}</style></head><body>\n", title, style(), more_style);
  (out += body) += "<footer>Assay judges products, never people. Keys, passwords, personal mail addresses and phone numbers are shown as fingerprints.</footer>\n";
  if (!script.empty()) out += fmt::format("<script>{}</script>\n", script);
  return out + "</body></html>\n";
}

std::string html(const report::Report& report, const Options&) {
  const auto o = outline(report);
  const auto areas = render::areas(report);
  const auto listed = page::listed_areas(areas);
  auto body = page::header(report);
  body += "\n<nav aria-label=\"Parts of the report\"><div><a href=\"#findings\">Findings</a>";
  if (report.baseline) body += "<a href=\"#changes\">Changes</a>";
  body += "<a href=\"#map\">Map</a><a href=\"#declared\">Declared</a>";
  if (!o.endpoints.empty()) body += "<a href=\"#endpoints\">Endpoints</a>";
  body += "<a href=\"#coverage\">Coverage</a>";
  if (!report.not_covered.empty()) body += "<a href=\"#not-covered\">Not covered</a>";
  body += "<a href=\"#artifacts\">Artifacts</a><a href=\"#evidence\">Evidence</a><a href=\"#replay\">Check</a></div></nav>\n<main>\n";
  body += page::findings_section(report, o) + "\n";
  if (report.baseline) body += page::changes_since_section(report) + "\n";
  for (const auto& section : {page::map_section(report, areas, listed), page::declaration_section(report, o), page::endpoints_section(o),
                              page::coverage_section(report, o), page::tree_section(report, areas, listed), page::evidence_section(report, o), page::replay_section(report)})
    body += section + "\n";
  body += "</main>\n";
  const auto title = fmt::format("{}: {} (Assay report)", upper(name_of(report.verdict)), page::escaped(title_of(report.product)));
  return page::document(title, report.baseline ? page::update_style() : std::string_view(), body, page::script());
}

}  // namespace render
