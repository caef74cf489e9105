// Header, declaration, endpoints, coverage and replay: the parts of the page that are plain tables.
#include <algorithm>

#include <fmt/format.h>

#include "render/columns.h"
#include "render/html/html.h"
#include "render/html/map.h"
#include "render/html/markup.h"
#include "render/html/parts.h"

namespace render::page {
namespace {

using report::Report;

constexpr std::size_t most_rows = 200;

std::string more(std::size_t all, std::size_t shown, std::string_view what) {
  if (all <= shown) return "";
  return fmt::format("<p class=\"quiet\">and {} more {}; all are in the JSON report.</p>", grouped(all - shown), what);
}

}  // namespace

std::string header(const Report& r) {
  const auto& p = r.product;
  auto out = fmt::format("<header class=\"v-{}\"><div><div class=\"top\"><div><p class=\"kicker\">Assay report</p><h1>{}</h1></div><p class=\"stamp\">{}</p></div>", name_of(r.verdict),
                         escaped(title_of(p)), upper(name_of(r.verdict)));
  out += fmt::format("<p class=\"lead\">{}</p>", meaning_of(r.verdict));
  if (!r.replayable) out += "<p>Not replayable: a time or memory guard ended a part of the work, so another run may differ.</p>";
  out += "<ul class=\"reasons\">";
  for (std::size_t i = 0; i < r.reasons.size() && i < 20; ++i) {
    const auto& reason = r.reasons[i];
    const auto text = say(reason.text);
    out += fmt::format("<li class=\"v-{}\">{}</li>", name_of(reason.leads_to), reason.finding.empty() ? text : fmt::format("<a href=\"#f-{}\">{}</a>", say(reason.finding), text));
  }
  out += "</ul>" + more(r.reasons.size(), 20, "reasons") + "<dl class=\"facts\">";
  const auto fact = [&](std::string_view term, const std::string& markup) {
    if (!markup.empty()) out += fmt::format("<dt>{}</dt><dd>{}</dd>", term, markup);
  };
  fact("Maker", name(p.maker));
  fact("Ecosystem", name(p.ecosystem));
  fact("Package URL", p.purl.empty() ? "" : "<code>" + name(p.purl) + "</code>");
  std::string files;
  for (std::size_t i = 0; i < p.files.size() && i < 10; ++i) files += (i ? ", " : "") + name(p.files[i]);
  if (p.files.size() > 10) files += fmt::format(" and {} more", grouped(p.files.size() - 10));
  fact("Handed in", files + fmt::format(" ({})", counted(p.size, "byte")));
  fact("SHA-256", "<code>" + say(p.digest) + "</code>");
  fact("Policy", fmt::format("{}, as of {}", say(r.used.policy_name), say(r.used.at)));
  if (r.baseline) fact("Compared with", fmt::format("<a href=\"#changes\">{} ({})</a>", escaped(title_of(r.baseline->product)), name_of(r.baseline->verdict)));
  return out + "</dl></div></header>";
}

std::string declaration_section(const Report& r, const Outline& o) {
  std::string out = "<section id=\"declared\"><h2>Declared against observed</h2>";
  if (r.declaration.empty()) out += "<p class=\"quiet\">Nothing was declared.</p>";
  std::size_t undeclared = 0;
  for (const auto& g : o.deciding) undeclared += g.first->standing == report::Standing::undeclared;
  if (r.declaration.empty() && !undeclared) return out + "</section>";
  undeclared = 0;
  out += "<table class=\"stack\"><thead><tr><th>Outcome</th><th>What</th><th>Purpose</th><th>Source</th></tr></thead><tbody>";
  for (std::size_t i = 0; i < r.declaration.size() && i < most_rows; ++i) {
    const auto& d = r.declaration[i];
    const auto state = d.is_void ? std::string_view("void") : name_of(d.state);
    out += fmt::format("<tr><td class=\"state s-{0}\">{0}</td><td>{1}: <code>{2}</code>{3}</td><td>{4}{5}</td><td class=\"quiet\">{6}{7}</td></tr>", state, name(d.section), name(d.value),
                       d.recipient.empty() ? "" : " to " + name(d.recipient), name(d.purpose), d.note.empty() ? "" : " (" + say(d.note) + ")", d.weak ? "weak: " : "", name(d.source));
  }
  for (const auto& g : o.deciding) {
    if (g.first->standing != report::Standing::undeclared || ++undeclared > most_rows) continue;
    out += fmt::format("<tr><td class=\"state s-undeclared\">undeclared</td><td><a href=\"#f-{}\">{}</a></td><td></td><td class=\"quiet\">observed</td></tr>", say(g.first->id), say(g.first->what));
  }
  out += "</tbody></table>";
  return out + more(r.declaration.size(), most_rows, "lines") + more(undeclared, most_rows, "undeclared findings") + "</section>";
}

std::string endpoints_section(const Outline& o) {
  if (o.endpoints.empty()) return "";
  std::string out = "<section id=\"endpoints\"><h2>Endpoints named in the product</h2><p class=\"quiet\">A name alone counts for nothing: it is what the product could speak to.</p>";
  for (const auto& g : o.endpoints) {
    out += fmt::format("<details{}><summary>{} <span class=\"quiet\">{}</span></summary><ul class=\"plain\">", g.all.size() <= 10 ? " open" : "", escaped(g.kind), grouped(g.all.size()));
    for (std::size_t i = 0; i < g.all.size() && i < most_rows; ++i) {
      const auto& one = g.all[i];
      out += fmt::format("<li><code>{}</code>{}{}</li>", escaped(one.value), one.label.empty() ? "" : " <span class=\"quiet\">" + escaped(one.label) + "</span>",
                         one.count > 1 ? fmt::format(" <span class=\"quiet\">{} times</span>", grouped(one.count)) : "");
    }
    out += "</ul>" + more(g.all.size(), most_rows, "endpoints") + "</details>";
  }
  return out + "</section>";
}

std::string coverage_section(const Report& r, const Outline& o) {
  std::string out = "<section id=\"coverage\"><h2>What was read</h2>";
  if (o.covered_bytes) {
    out += "<div class=\"bar\">";
    for (const auto& row : o.coverage)
      if (row.bytes) out += fmt::format("<i style=\"flex:{} 1 0;background:var(--{})\" title=\"{} {}\"></i>", row.bytes, row.name, row.name, share(row.bytes, o.covered_bytes));
    out += "</div><table><thead><tr><th>Label</th><th class=\"n\">Bytes</th><th class=\"n\">Share</th><th class=\"hide-small\">Meaning</th></tr></thead><tbody>";
    for (const auto& row : o.coverage)
      out += fmt::format("<tr><td><i class=\"swatch\" style=\"background:var(--{0})\"></i>{0}</td><td class=\"n\">{1}</td><td class=\"n\">{2}</td><td class=\"hide-small quiet\">{3}</td></tr>", row.name,
                         grouped(row.bytes), escaped(share(row.bytes, o.covered_bytes)), escaped(row.meaning));
    out += "</tbody></table>";
  }
  std::string unread, opaque;
  std::size_t unread_count = 0, opaque_count = 0;
  for (artifact::NodeId i = 0; i < r.artifacts.size(); ++i) {
    const auto& a = r.artifacts[i];
    if (!a.complete && ++unread_count <= most_rows) unread += fmt::format("<li><code>{}</code></li>", escaped(place_of(r, i)));
    for (const auto& run : a.opaque)
      if (++opaque_count <= most_rows)
        opaque += fmt::format("<li><code>{}</code> <span class=\"quiet\">byte {}, {}, {}</span></li>", escaped(place_of(r, i)), grouped(run.range.offset), counted(run.range.size, "byte"), say(run.why));
  }
  if (unread_count) out += "<h3>Not fully read</h3><ul class=\"plain\">" + unread + "</ul>" + more(unread_count, most_rows, "artifacts");
  if (opaque_count) out += "<h3>Opaque</h3><ul class=\"plain\">" + opaque + "</ul>" + more(opaque_count, most_rows, "runs");
  if (r.not_covered.empty()) return out + "</section>";
  out += "</section>\n<section id=\"not-covered\"><h2>What this verdict does not cover</h2><ul class=\"plain\">";
  for (std::size_t i = 0; i < r.not_covered.size() && i < most_rows; ++i) out += "<li>" + say(r.not_covered[i]) + "</li>";
  return out + "</ul>" + more(r.not_covered.size(), most_rows, "sentences") + "</section>";
}

std::string replay_section(const Report& r) {
  std::string out = "<section id=\"replay\"><h2>How to check this report</h2><p>Vetting the same bytes with the same engine, rules, policy and date gives this report again.</p><dl class=\"facts\">";
  const auto fact = [&](std::string_view term, std::string_view value) {
    if (!value.empty()) out += fmt::format("<dt>{}</dt><dd><code>{}</code></dd>", term, say(value));
  };
  fact("Engine", r.used.engine);
  fact("Version", r.used.engine_version);
  fact("Rules", r.used.rules);
  fact("Policy", r.used.policy);
  fact("Declaration", r.used.declaration);
  fact("Date", r.used.at);
  std::string waivers, limits;
  for (const auto& w : r.used.waivers) waivers += (waivers.empty() ? "" : ", ") + w;
  for (const auto& [key, value] : r.used.limits) limits += fmt::format("{}{} {}", limits.empty() ? "" : ", ", key, value);
  fact("Waivers", waivers);
  fact("Limits", limits);
  return out + "</dl></section>";
}

}  // namespace render::page
