// A series as one page: a table of the versions, then facts as rows and versions as columns. Cells of the same kind
// beside each other are one, so that a row is as long as its story.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "render/columns.h"
#include "render/history/history.h"
#include "render/html/markup.h"
#include "render/html/parts.h"

namespace render {
namespace {

using page::escaped;
using page::name;
using page::say;
using report::History;
using report::HistoryLine;

constexpr std::size_t most_summary = 64;  ///< columns of a fact in its row; all of it stands inside

std::string_view style() {
  return R"css(
.timeline{overflow:auto;max-height:85vh;border:1px solid var(--line);border-radius:7px;background:var(--card)}
.timeline table{border-collapse:separate;border-spacing:0;font-size:.86rem}
.timeline th,.timeline td{padding:.3rem .2rem;border-bottom:1px solid var(--line);overflow-wrap:normal}
.timeline thead th{position:sticky;top:0;z-index:3;background:var(--soft);vertical-align:bottom;text-align:center;min-width:1.7rem;padding:.5rem 0}
.timeline thead span{writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;font-variant-numeric:tabular-nums}
.timeline thead th:first-child,.timeline tbody th{position:sticky;left:0;z-index:2;background:var(--card);text-align:left;font-weight:400;color:var(--ink);width:28rem;min-width:18rem;max-width:28rem;padding:.3rem .7rem;border-right:1px solid var(--line)}
.timeline thead th:first-child{z-index:4;background:var(--soft);vertical-align:bottom}
.timeline tbody th{overflow-wrap:anywhere}
.timeline .head th{position:sticky;left:0;background:var(--soft);font-weight:650;text-transform:capitalize}
.timeline .head td{background:var(--soft)}
.timeline summary{cursor:pointer;list-style:none}.timeline summary::-webkit-details-marker{display:none}
.timeline details p{margin:.2rem 0;font-size:.85rem;color:var(--quiet);overflow-wrap:anywhere}
.timeline td i{display:block;height:.85rem;min-width:1.3rem;border-radius:4px;background:var(--known)}
.timeline tr.m td i{background:var(--link)}
.timeline td.v{padding:.1rem 0}.timeline td.v i{background:var(--v);border-radius:0;height:.4rem}
.timeline .v i{background:var(--v)}
main{max-width:1500px}
@media (max-width:640px){.timeline thead th:first-child,.timeline tbody th{min-width:11rem;max-width:11rem;width:11rem;padding:.3rem .5rem}}
td.verdict{color:var(--v);font-weight:600}
)css";
}

std::string_view script() {
  return R"js(
'use strict';
(() => {
  const byId = (id) => document.getElementById(id);
  const [find, topic, story, state] = ['find', 'topic', 'story', 'fact-count'].map(byId);
  if (!find) return;
  const groups = [...document.querySelectorAll('tbody[data-topic]')].map((group) => ({
    group, about: group.dataset.topic,
    rows: [...group.querySelectorAll('tr[data-moved]')].map((row) => ({ row, text: row.textContent.toLowerCase(), moved: row.dataset.moved })),
  }));
  const all = groups.reduce((n, g) => n + g.rows.length, 0);
  const show = () => {
    const words = find.value.toLowerCase().split(' ').filter(Boolean);
    let count = 0;
    for (const { group, about, rows } of groups) {
      let here = 0;
      for (const r of rows) {
        const fits = (!topic.value || topic.value === about) && (!story.value || story.value === r.moved) && words.every((w) => r.text.includes(w));
        r.row.hidden = !fits;
        here += fits ? 1 : 0;
      }
      group.hidden = here === 0;
      count += here;
    }
    state.textContent = `${count} of ${all} facts`;
  };
  find.addEventListener('input', show);
  for (const list of [topic, story]) list.addEventListener('change', show);
  for (const hidden of document.querySelectorAll('[data-script]')) hidden.hidden = false;
  if (groups.some((g) => g.rows.some((r) => r.moved === '1'))) story.value = '1';
  show();
})();
)js";
}

std::string header(const History& h) {
  if (h.versions.empty()) return "<header><div><h1>No version</h1></div></header>";
  const auto& last = h.versions.back();
  auto out = fmt::format("<header class=\"v-{}\"><div><div class=\"top\"><div><p class=\"kicker\">Assay: history</p><h1>{}</h1></div><p class=\"stamp\">{}</p></div>", name_of(last.verdict),
                         escaped(series_title(h)), upper(name_of(last.verdict)));
  std::size_t moved = 0;
  for (const auto& line : h.lines) moved += !line.always();
  out += fmt::format("<p class=\"lead\">{}, from {} to {}; {} came in or went out. The stamp is the last version's verdict.</p>", counted(h.versions.size(), "version"), escaped(version_label(h, 0)),
                     escaped(version_label(h, h.versions.size() - 1)), counted(moved + h.left_out, "fact"));
  return out + "</div></header>";
}

std::string versions_section(const History& h) {
  std::string out = "<section id=\"versions\"><h2>Versions</h2><div class=\"scroll\"><table><thead><tr><th class=\"n\">No.</th><th>Version</th><th>Verdict</th><th class=\"n\">Fail</th><th class=\"n\">Conditional</th>"
                    "<th class=\"n\">New findings</th><th class=\"n\">Files</th><th class=\"n\">Gained</th><th class=\"n\">Lost</th><th class=\"n\">Changed</th><th class=\"n\">Opaque</th><th class=\"n\">Size</th></tr></thead><tbody>";
  for (std::size_t i = 0; i < h.versions.size(); ++i) {
    const auto& v = h.versions[i];
    const auto number = [&](std::uint64_t n, bool told = true) { return fmt::format("<td class=\"n\">{}</td>", told ? n ? grouped(n) : "·" : ""); };
    out += fmt::format("<tr class=\"v-{0}\"><td class=\"n\">{1}</td><td title=\"sha256 {2}\">{3}</td><td class=\"verdict\">{0}</td>", name_of(v.verdict), i + 1, say(v.product.digest), escaped(version_label(h, i)));
    out += number(v.fail) + number(v.conditional) + number(v.fresh, i > 0) + number(v.artifacts) + number(v.gained, i > 0) + number(v.lost, i > 0) + number(v.changed, i > 0);
    const auto opaque = v.coverage.of(evidence::Label::opaque);
    out += fmt::format("<td class=\"n\">{}</td><td class=\"n\">{}</td></tr>", opaque ? escaped(size_text(opaque)) : "·", escaped(size_text(v.product.size)));
  }
  return out + "</tbody></table></div></section>";
}

std::string row(const History& h, const HistoryLine& line, const std::vector<Stretch>& runs) {
  const bool moved = runs.size() > 1;
  const auto fact = fact_text(line);
  auto out = fmt::format("<tr data-moved=\"{}\"{}><th scope=\"row\"><details><summary><code>{}</code>", moved ? 1 : 0, moved ? " class=\"m\"" : "", escaped(shorten(fact, most_summary)));
  if (const auto span = span_text(h, line); !span.empty()) out += " <span class=\"quiet\">" + escaped(span) + "</span>";
  out += "</summary>";
  if (columns(fact) > most_summary) out += "<p><code>" + escaped(fact) + "</code></p>";
  for (const auto& place : line.places) out += "<p><code>" + name(place) + "</code></p>";
  if (line.place_count > line.places.size()) out += fmt::format("<p>and {}</p>", counted(line.place_count - line.places.size(), "more place"));
  out += "</details></th>";
  for (const auto& run : runs) {
    const auto wide = run.to - run.from == 1 ? "" : fmt::format(" colspan=\"{}\"", run.to - run.from);
    if (!run.there) out += fmt::format("<td{}></td>", wide);
    else
      out += fmt::format("<td{} title=\"{}{}\"><i></i></td>", wide, escaped(version_label(h, run.from)), run.to - run.from == 1 ? "" : " to " + escaped(version_label(h, run.to - 1)));
  }
  return out + "</tr>";
}

std::string timeline_section(const History& h) {
  std::string out = "<section id=\"timeline\"><h2>What came in and went out</h2>";
  if (h.lines.empty()) return out + "<p>No fact was stated of these versions.</p></section>";
  std::map<Topic, std::string> rows;
  std::size_t drawn = 0, shown = 0;
  for (const auto& line : h.lines) {
    if (line.present.size() != h.versions.size()) continue;
    const auto runs = stretches(line);
    if ((drawn += runs.size()) > most_history_runs) break;
    rows[topic_of(line)] += row(h, line, runs) + "\n";
    ++shown;
  }
  out += "<p class=\"quiet\">A bar is where a fact stood; a fact opens to its places in the last version that has it.";
  if (const auto left = h.lines.size() - shown + h.left_out + h.left_out_always) out += fmt::format(" The {} that matter most are here, {} are not.", grouped(shown), grouped(left));
  out += "</p><div class=\"find\" data-script hidden><input id=\"find\" type=\"search\" placeholder=\"Search: words, places, values\" aria-label=\"Search the facts\">"
         "<select id=\"topic\" aria-label=\"What it is about\"><option value=\"\">all topics</option>";
  for (const auto& [topic, markup] : rows) out += fmt::format("<option>{}</option>", name_of(topic));
  out += "</select><select id=\"story\" aria-label=\"Which facts\"><option value=\"\">all facts</option><option value=\"1\">came in or went out</option><option value=\"0\">in every version</option></select></div>"
         "<p class=\"quiet\" data-script hidden><span id=\"fact-count\" role=\"status\"></span></p>";
  out += "<div class=\"timeline\"><table><thead><tr><th>Fact</th>";
  for (std::size_t i = 0; i < h.versions.size(); ++i) out += fmt::format("<th scope=\"col\" class=\"v-{}\" title=\"{}\"><span>{}</span></th>", name_of(h.versions[i].verdict), name_of(h.versions[i].verdict), escaped(shorten(version_label(h, i), 18)));
  out += "</tr></thead><tbody><tr><th scope=\"row\">verdict</th>";
  for (const auto& v : h.versions) out += fmt::format("<td class=\"v v-{0}\" title=\"{0}\"><i></i></td>", name_of(v.verdict));
  out += "</tr></tbody>\n";
  for (const auto& [topic, markup] : rows)
    out += fmt::format("<tbody data-topic=\"{0}\"><tr class=\"head\"><th scope=\"rowgroup\">{0}</th><td colspan=\"{1}\"></td></tr>\n{2}</tbody>", name_of(topic), h.versions.size(), markup);
  return out + "</table></div></section>";
}

}  // namespace

std::string history_html(const History& h, const Options&) {
  auto body = header(h) + "\n<nav aria-label=\"Parts of the page\"><div><a href=\"#timeline\">Timeline</a><a href=\"#versions\">Versions</a></div></nav>\n<main>\n";
  body += timeline_section(h) + "\n" + versions_section(h) + "\n</main>\n";
  return page::document(escaped(series_title(h)) + ": history (Assay)", style(), body, script());
}

}  // namespace render
