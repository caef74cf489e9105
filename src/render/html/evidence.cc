// The evidence, searchable: compact data for the script, and the first rows as markup for readers
// without it.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "render/columns.h"
#include "render/html/html.h"
#include "render/html/markup.h"
#include "render/html/parts.h"

namespace render::page {
namespace {

using Json = nlohmann::json;

constexpr std::size_t most_plain = 50;  ///< rows without script; as many as the script's page

std::string what_of(const evidence::Item& i) {
  return i.word.empty() ? std::string(evidence::name_of(i.facet)) : fmt::format("{} {}", evidence::name_of(i.facet), base::printable(i.word));
}

std::string excerpt_of(const evidence::Item& i) {
  if (i.excerpt == i.value) return "";
  if (is_text(i.excerpt)) return base::printable(i.excerpt);
  std::string out;
  for (const auto b : base::slice(base::bytes_of(i.excerpt), 0, 32)) out += fmt::format("{:02x} ", b);
  return out + (i.excerpt.size() > 32 ? "…" : "");
}

/// What findings rest on first, then the rest in the report's order.
std::vector<const report::Exhibit*> chosen(const report::Report& r, const Outline& o) {
  std::vector<const report::Exhibit*> out;
  std::set<std::string_view> seen;
  for (const auto& f : r.findings)
    for (const auto& id : f.evidence)
      if (const auto e = o.exhibits.find(id); e != o.exhibits.end() && out.size() < most_html_evidence && seen.insert(e->first).second) out.push_back(e->second);
  for (const auto& e : r.evidence)
    if (out.size() < most_html_evidence && !seen.contains(e.id)) out.push_back(&e);
  return out;
}

}  // namespace

std::string evidence_section(const report::Report& r, const Outline& o) {
  const auto shown = chosen(r, o);
  Json places = Json::array(), rows = Json::array();
  std::map<artifact::NodeId, std::size_t> place_index;
  std::string plain;
  for (const auto* e : shown) {
    const auto [at, added] = place_index.try_emplace(e->node, places.size());
    if (added) places.push_back(place_of(r, e->node));
    auto where = where_text(e->item);
    if (e->item.count > 1) where += fmt::format(", {} times", grouped(e->item.count));
    const auto value = base::printable(e->item.value), excerpt = excerpt_of(e->item);
    rows.push_back(Json::array({what_of(e->item), value, at->second, where, excerpt, base::printable(e->id)}));
    if (rows.size() > most_plain) continue;
    plain += fmt::format("<li><span class=\"w\">{}</span><code>{}</code><div class=\"quiet\">{}{}{}, {}</div>{}</li>", escaped(what_of(e->item)), escaped(value), escaped(place_of(r, e->node)),
                         where.empty() ? "" : ", ", escaped(where), say(e->id), excerpt.empty() ? "" : "<code class=\"x\">" + escaped(excerpt) + "</code>");
  }
  std::string out = "<section id=\"evidence\"><h2>Evidence</h2>";
  out += fmt::format("<p class=\"quiet\">{}{}</p>", counted(r.evidence.size(), "piece", "pieces"),
                     shown.size() < r.evidence.size() ? fmt::format(" in the JSON report; the {} that matter most are here.", grouped(shown.size())) : ".");
  out += "<div class=\"find\" data-script hidden><input id=\"find\" type=\"search\" placeholder=\"Search: words, places, values\" aria-label=\"Search the evidence\">"
         "<select id=\"facet\" aria-label=\"Kind of evidence\"><option value=\"\">all kinds</option></select></div>";
  if (shown.size() > most_plain) out += fmt::format("<noscript><p class=\"quiet\">Without JavaScript: the first {} of {}. The JSON report has all.</p></noscript>", most_plain, grouped(shown.size()));
  out += "<ol class=\"evidence\" id=\"evidence-list\">" + plain + "</ol>";
  out += "<div class=\"pages\" data-script hidden><button id=\"back\" type=\"button\">Back</button><button id=\"on\" type=\"button\">Next</button>"
         "<span class=\"quiet\" id=\"evidence-count\" role=\"status\"></span></div>";
  const Json data = {{"places", std::move(places)}, {"evidence", std::move(rows)}};
  return out + "<script type=\"application/json\" id=\"data\">" + json_safe(data.dump(-1, ' ', true, Json::error_handler_t::replace)) + "</script></section>";
}

}  // namespace render::page
