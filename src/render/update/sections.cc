// Header and tables of the page of an update.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "render/columns.h"
#include "render/html/markup.h"
#include "render/html/parts.h"
#include "render/update/parts.h"

namespace render::page {
namespace {

using report::Report;

std::string bar_of(const evidence::Tally& tally) {
  static constexpr std::array order = {evidence::Label::examined, evidence::Label::structure, evidence::Label::padding, evidence::Label::known, evidence::Label::scanned, evidence::Label::opaque};
  const auto whole = tally.total() - tally.of(evidence::Label::handed_on);
  if (!whole) return "<p class=\"quiet\">no content</p>";
  std::string out = "<div class=\"bar\">";
  for (const auto label : order)
    if (const auto bytes = tally.of(label)) out += fmt::format("<i style=\"flex:{} 1 0;background:var(--{})\" title=\"{} {}\"></i>", bytes, name_of(label), name_of(label), escaped(share(bytes, whole)));
  return out + "</div>";
}

std::string signed_bytes(std::uint64_t before, std::uint64_t now) {
  if (before == now) return "";
  return now > before ? "+" + grouped(now - before) : "-" + grouped(before - now);
}

std::string identity(const report::ProductIdentity& p, std::string_view heading, std::string_view verdict) {
  auto out = fmt::format("<div class=\"version\"><h2>{}</h2><dl class=\"facts\">", heading);
  const auto fact = [&](std::string_view term, const std::string& markup) {
    if (!markup.empty()) out += fmt::format("<dt>{}</dt><dd>{}</dd>", term, markup);
  };
  fact("Product", escaped(title_of(p)));
  fact("Verdict", fmt::format("<b class=\"v-{0} verdict\">{0}</b>", verdict));
  fact("Maker", name(p.maker));
  fact("Handed in", (p.files.empty() ? "" : name(p.files[0]) + (p.files.size() > 1 ? fmt::format(" and {} more", grouped(p.files.size() - 1)) : "") + ", ") + counted(p.size, "byte"));
  fact("SHA-256", "<code>" + say(p.digest) + "</code>");
  return out + "</dl></div>";
}

}  // namespace

std::string version_of(const report::ProductIdentity& product, std::string_view otherwise) { return product.version.empty() ? std::string(otherwise) : name(product.version); }

std::string update_header(const Report& r) {
  const auto& b = *r.baseline;
  auto out = fmt::format("<header class=\"v-{}\"><div><div class=\"top\"><div><p class=\"kicker\">Assay: what this version changed</p><h1>{}</h1></div><p class=\"stamp\">{}</p></div>", name_of(r.verdict),
                         escaped(versions_title(r)), upper(name_of(r.verdict)));
  out += fmt::format("<p class=\"lead\">{}</p>", escaped(verdict_reason(r)));
  if (!r.replayable) out += "<p>Not replayable: a time or memory guard ended a part of the work, so another run may differ.</p>";
  out += fmt::format("<p class=\"quiet\">Both verdicts by the policy {}, as of {}.</p>", say(r.used.policy_name), say(r.used.at));
  return out + "<div class=\"versions\">" + identity(b.product, "Before", name_of(b.verdict)) + identity(r.product, "Now", name_of(r.verdict)) + "</div></div></header>";
}

std::string foremost_section(const Report& r, const Outline& o, const UpdateOutline& u) {
  const auto lines = foremost(u);
  const auto all = u.news.size() + u.beside.size();
  std::string out = "<section id=\"foremost\"><h2>What matters most</h2>";
  if (u.same) return out + "<p>Nothing changed.</p></section>";
  if (!all) return out + "<p>No evidence changed: files have other bytes, and nothing that they do, name or hold is new or gone.</p></section>";
  if (u.news.empty()) out += fmt::format("<p>No finding that counts against the product is new{}.</p>", u.unchanged ? fmt::format("; {} stood before", counted(u.unchanged, "finding")) : "");
  for (std::size_t i = 0; i < u.news.size() && i < most_update_findings; ++i) out += finding_card(r, o, u.news[i]);
  if (u.news.size() > most_update_findings) out += fmt::format("<p class=\"quiet\">and {} in the JSON report.</p>", counted(u.news.size() - most_update_findings, "more finding"));
  if (lines.empty()) return out + "</section>";
  out += fmt::format("<h3>{}</h3><ol class=\"lines\">", u.news.empty() ? "Changes" : "Beside what the findings say");
  for (const auto i : lines) {
    const auto& c = u.changes[i];
    const auto where = c.spots.empty() ? "" : escaped(spot_text(r, c.spots[0])) + (c.spots.size() > 1 ? fmt::format(" and {}", counted(c.spots.size() - 1, "more place")) : "");
    out += fmt::format("<li>{}{}<span class=\"quiet\">{}</span></li>", sign_markup(c.turn),
                       i < most_update_changes ? fmt::format("<a href=\"#c{}\"><code>{}</code></a> ", i, escaped(c.what)) : "<code>" + escaped(c.what) + "</code> ", where);
  }
  return out + "</ol></section>";
}

std::string artifact_changes_section(const Report& r) {
  const auto& b = *r.baseline;
  std::string out = fmt::format("<section id=\"artifacts\"><h2>Files</h2><p class=\"quiet\">{}</p>", escaped(artifact_counts(b)));
  if (b.artifacts.empty()) return out + "</section>";
  out += "<div class=\"scroll\"><table class=\"stack\"><thead><tr><th>Change</th><th>File</th><th>Kind</th><th class=\"n\">Before</th><th class=\"n\">Now</th></tr></thead><tbody>";
  for (std::size_t i = 0; i < b.artifacts.size() && i < most_update_artifacts; ++i) {
    const auto& a = b.artifacts[i];
    const auto* now = a.node < r.artifacts.size() ? &r.artifacts[a.node] : nullptr;
    const auto is = now ? short_place(r, now->place) : "", was = a.fate == report::Fate::gained ? "" : short_place(r, a.place);
    const auto kind = now ? now->kind : a.kind;
    out += fmt::format("<tr><td class=\"state f-{0}\">{0}</td><td><code>{1}</code>{2}</td><td>{3}{4}</td><td class=\"n\">{5}</td><td class=\"n\">{6}</td></tr>", name_of(a.fate), escaped(now ? is : was),
                       now && !was.empty() && was != is ? fmt::format("<br><span class=\"quiet\">was <code>{}</code>{}</span>", escaped(was), a.distance ? fmt::format(", distance {}", a.distance) : "") : "", name(kind),
                       now && !a.kind.empty() && a.kind != now->kind ? " <span class=\"quiet\">was " + name(a.kind) + "</span>" : "", a.fate == report::Fate::gained ? "" : grouped(a.size), now ? grouped(now->size) : "");
  }
  out += "</tbody></table></div>";
  if (b.artifacts.size() > most_update_artifacts) out += fmt::format("<p class=\"quiet\">and {}; all are in the JSON report.</p>", counted(b.artifacts.size() - most_update_artifacts, "more file"));
  return out + "</section>";
}

std::string coverage_change_section(const Report& r) {
  const auto& b = *r.baseline;
  std::string out = fmt::format("<section id=\"coverage\"><h2>What was read</h2><p class=\"quiet\">before</p>{}<p class=\"quiet\">now</p>{}", bar_of(b.coverage), bar_of(r.coverage));
  out += "<table><thead><tr><th>Label</th><th class=\"n\">Before</th><th class=\"n\">Now</th><th class=\"n\">Difference</th></tr></thead><tbody>";
  for (const auto& row : outline(r).coverage) {
    const auto was = b.coverage.of(row.label);
    if (was || row.bytes)
      out += fmt::format("<tr><td><i class=\"swatch\" style=\"background:var(--{0})\"></i>{0}</td><td class=\"n\">{1}</td><td class=\"n\">{2}</td><td class=\"n\">{3}</td></tr>", row.name, grouped(was), grouped(row.bytes),
                         signed_bytes(was, row.bytes));
  }
  return out + "</tbody></table></section>";
}

std::string past_section(const Report& r, const UpdateOutline& u) {
  const auto& b = *r.baseline;
  std::string out = "<section id=\"findings\"><h2>Other findings</h2>";
  out += fmt::format("<p class=\"quiet\">{} that {} against the product stood before and {} unchanged.</p>", counted(u.unchanged, "finding"), u.unchanged == 1 ? "counts" : "count", u.unchanged == 1 ? "is" : "are");
  if (!b.resolved.empty()) {
    out += "<h3>Resolved: found before, gone now</h3><ul class=\"plain\">";
    for (std::size_t i = 0; i < b.resolved.size() && i < most_update_findings; ++i) {
      const auto& f = b.resolved[i];
      out += fmt::format("<li>{} <span class=\"quiet\">{}, {}, {}</span></li>", say(f.what), say(f.rule), say(f.effect), escaped(short_place(r, f.place)));
    }
    out += "</ul>";
    if (b.resolved.size() > most_update_findings) out += fmt::format("<p class=\"quiet\">and {} in the JSON report.</p>", counted(b.resolved.size() - most_update_findings, "more finding"));
  }
  if (!u.disclosed.empty()) {
    out += "<h3>New, disclosed, and not counted against the product</h3><ul class=\"plain\">";
    for (std::size_t i = 0; i < u.disclosed.size() && i < most_update_findings; ++i) {
      const auto& f = *u.disclosed[i].first;
      out += fmt::format("<li>{} <span class=\"quiet\">{}, {}</span></li>", say(f.what), name_of(f.news), counted(u.disclosed[i].places, "place"));
    }
    out += "</ul>";
    if (u.disclosed.size() > most_update_findings) out += fmt::format("<p class=\"quiet\">and {} in the JSON report.</p>", counted(u.disclosed.size() - most_update_findings, "more finding"));
  }
  if (const auto left = not_compared(b); !left.empty()) {
    out += "<h3>Not compared</h3><ul class=\"plain\">";
    for (const auto& text : left) out += "<li>" + text + "</li>";
    out += "</ul>";
  }
  return out + "</section>";
}

std::string changes_since_section(const Report& r) {
  if (!r.baseline) return "";
  const auto& b = *r.baseline;
  const auto u = update_outline(r);
  auto out = fmt::format("<section id=\"changes\"><h2>Changes since {}</h2>", version_of(b.product, "the version before"));
  out += fmt::format("<p>Compared with {} (<code>{}</code>), which by the same rules and policy is: {}. Files: {}.</p>", escaped(title_of(b.product)), say(b.product.digest.substr(0, 16)), name_of(b.verdict),
                     escaped(artifact_counts(b)));
  if (u.same) return out + "<p>Nothing changed.</p></section>";
  std::string counts;
  for (const auto& [topic, n] : u.topics) counts += fmt::format("<li>{} <span class=\"quiet\">{}</span></li>", name_of(topic), escaped(counts_text(n)));
  if (!counts.empty()) out += "<ul class=\"badges\">" + counts + "</ul>";
  out += "<ol class=\"lines\">";
  for (const auto i : foremost(u)) {
    const auto& c = u.changes[i];
    out += fmt::format("<li>{}<code>{}</code> <span class=\"quiet\">{}</span></li>", sign_markup(c.turn), escaped(c.what), c.spots.empty() ? "" : escaped(spot_text(r, c.spots[0])));
  }
  out += "</ol>";
  if (!b.resolved.empty()) {
    out += "<h3>Resolved</h3><ul class=\"plain\">";
    for (std::size_t i = 0; i < b.resolved.size() && i < lines_that_matter; ++i) out += "<li>" + say(b.resolved[i].what) + "</li>";
    out += "</ul>";
    if (b.resolved.size() > lines_that_matter) out += fmt::format("<p class=\"quiet\">and {} in the JSON report.</p>", counted(b.resolved.size() - lines_that_matter, "more finding"));
  }
  return out + "<p class=\"quiet\">Side by side, with all places: <code>assay diff OLD NEW --format html</code></p></section>";
}

}  // namespace render::page
