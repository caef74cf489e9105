// Findings as cards, the gravest first, and what is only disclosed as a compact list.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "render/columns.h"
#include "render/html/html.h"
#include "render/html/markup.h"
#include "render/html/parts.h"

namespace render::page {
namespace {

using report::Report;

constexpr std::size_t most_exhibits = 5, most_places = 12;

std::string hex_half(base::Bytes bytes, std::uint64_t offset) {
  std::string hex, text;
  for (std::size_t i = 0; i < 8; ++i) {
    hex += i < bytes.size() ? fmt::format("{:02x} ", bytes[i]) : "   ";
    if (i < bytes.size()) text += bytes[i] >= 0x20 && bytes[i] < 0x7f ? static_cast<char>(bytes[i]) : '.';
  }
  return fmt::format("<span><i>{:08x}</i>  {} <i>{}</i></span>", offset, hex, escaped(text));
}

std::string exhibit(const Report& r, const report::Exhibit& e) {
  auto out = fmt::format("<div class=\"exhibit\"><p class=\"place\"><code>{}</code></p>", escaped(place_of(r, e.node)));
  out += fmt::format("<p class=\"quiet\">{}: <code>{}</code>", escaped(fact_of(e.item)), name(e.item.value));
  if (const auto where = where_text(e.item); !where.empty()) out += ", " + escaped(where);
  out += fmt::format("; evidence {}, stated by {}</p>", say(e.id), say(e.item.examiner));
  return out + excerpt_markup(e.item) + "</div>";
}

std::string exhibits(const Report& r, const Outline& o, const Group& g) {
  std::string out;
  std::vector<const report::Exhibit*> pick;
  std::set<artifact::NodeId> shown_nodes;
  for (const auto* f : g.all)
    for (const auto& id : f->evidence)
      if (const auto found = o.exhibits.find(id); found != o.exhibits.end()) pick.push_back(found->second);
  for (std::size_t i = 0; i < pick.size() && i < most_exhibits; ++i) {
    out += exhibit(r, *pick[i]);
    shown_nodes.insert(pick[i]->node);
  }
  if (pick.size() > most_exhibits) out += fmt::format("<p class=\"quiet\">and {}; all are in the list of evidence and in the JSON report.</p>", counted(pick.size() - most_exhibits, "more piece of evidence", "more pieces of evidence"));
  std::string places;
  std::size_t shown = 0, left = 0;
  for (const auto* f : g.all)
    for (const auto node : f->places) {
      if (!shown_nodes.insert(node).second) continue;
      if (shown++ < most_places) places += fmt::format("<li><code>{}</code></li>", escaped(place_of(r, node)));
      else ++left;
    }
  if (shown) out += fmt::format("<div class=\"exhibit\"><p class=\"quiet\">{}</p><ul class=\"plain place\">{}</ul>{}</div>", pick.empty() ? "Places" : "Also at", places,
                                left ? fmt::format("<p class=\"quiet\">and {}; all are in the JSON report.</p>", counted(left, "more place")) : "");
  return out;
}

std::string references(const report::Finding& f) {
  std::string out;
  for (const auto& reference : f.references) {
    const bool link = reference.starts_with("https://") && base::printable(reference) == reference;
    out += out.empty() ? "" : "<br>";
    out += link ? fmt::format("<a href=\"{0}\" rel=\"noreferrer noopener\">{0}</a>", escaped(reference)) : say(reference);
  }
  return out;
}

// A declaration line is YAML: its line breaks mean something.
std::string lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    out += fmt::format("{}<code class=\"line\">{}</code>", out.empty() ? "" : "<br>", say(text.substr(0, end)));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return out;
}

}  // namespace

std::string finding_card(const Report& r, const Outline& o, const Group& g) {
  const auto& f = *g.first;
  auto out = fmt::format("<article class=\"card finding e-{}\" id=\"f-{}\"><h3>{}</h3><ul class=\"badges\">", name_of(f.effect), say(f.id), say(f.what));
  out += fmt::format("<li class=\"effect\">leads to {}</li><li>{} severity</li><li>{} confidence</li><li>{}</li><li>{}</li><li>{}</li>", name_of(f.effect), name_of(f.severity),
                     name_of(f.confidence), name_of(f.standing), say(f.klass), say(f.rule));
  if (const auto news = news_of(g); !news.empty()) out += fmt::format("<li class=\"news\">{}</li>", news);
  if (g.places > 1) out += fmt::format("<li>{}</li>", counted(g.places, "place"));
  if (!f.waiver.empty()) out += fmt::format("<li>waived by {}</li>", say(f.waiver));
  out += "</ul><dl class=\"say\">";
  const auto row = [&](std::string_view term, const std::string& markup) {
    if (!markup.empty()) out += fmt::format("<dt>{}</dt><dd>{}</dd>", term, markup);
  };
  row("Why it matters", say(f.why));
  row("Would settle it", say(f.settle));
  row("Declaration", lines(f.remedy));
  row("References", references(f));
  row("Rule by", say(f.author));
  if (f.news == report::News::none) row("Explain", fmt::format("<code>assay explain {}</code>", say(f.id)));
  return out + "</dl>" + exhibits(r, o, g) + "</article>";
}

std::string where_text(const evidence::Item& item) {
  std::string out;
  if (item.range.size) out = fmt::format("byte {} (0x{:x}), {}", grouped(item.range.offset), item.range.offset, counted(item.range.size, "byte"));
  if (const auto line = line_of(item); !line.empty()) out += (out.empty() ? "" : ", ") + line;
  if (!item.unit.empty()) out += (out.empty() ? "in " : ", in ") + base::printable(item.unit);
  return out;
}

std::string excerpt_markup(const evidence::Item& item) {
  if (item.excerpt.empty()) return "";
  if (is_text(item.excerpt)) {
    // Line ends may stand as they are in a <pre>; everything else is escaped.
    std::string out;
    std::string_view text = item.excerpt;
    while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    for (std::size_t at = 0; at <= text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      out += (at ? "\n" : "") + name(text.substr(at, end - at));
      at = end + 1;
    }
    return "<pre>" + out + "</pre>";
  }
  std::string out = "<div class=\"hex\">";
  const auto bytes = base::bytes_of(item.excerpt);
  for (std::size_t at = 0; at < bytes.size(); at += 8) out += hex_half(base::slice(bytes, at, 8), item.range.offset + at);
  return out + "</div>";
}

std::string findings_section(const Report& r, const Outline& o) {
  std::string out = "<section id=\"findings\"><h2>Findings</h2>";
  if (o.deciding.empty()) out += "<p>Nothing was found that the policy counts against the product.</p>";
  for (std::size_t i = 0; i < o.deciding.size() && i < most_html_groups; ++i) out += finding_card(r, o, o.deciding[i]);
  if (o.deciding.size() > most_html_groups) out += fmt::format("<p class=\"quiet\">and {} in the JSON report.</p>", counted(o.deciding.size() - most_html_groups, "more finding"));
  if (!o.disclosed.empty()) out += "<h3 id=\"disclosed\">Disclosed, and not counted against the product</h3>";
  for (std::size_t i = 0; i < o.disclosed.size() && i < most_html_groups; ++i) {
    const auto& g = o.disclosed[i];
    const auto news = news_of(g);
    out += fmt::format("<details class=\"card finding e-disclose\" id=\"f-{}\"><summary>{} <span class=\"quiet\">{}{}{}, {}</span></summary>", say(g.first->id), say(g.first->what),
                       counted(g.places, "place"), g.first->standing == report::Standing::declared ? ", declared" : "", news.empty() ? "" : ", " + news, say(g.first->rule));
    if (!g.first->why.empty()) out += "<p>" + say(g.first->why) + "</p>";
    out += exhibits(r, o, g) + "</details>";
  }
  if (o.disclosed.size() > most_html_groups) out += fmt::format("<p class=\"quiet\">and {} in the JSON report.</p>", grouped(o.disclosed.size() - most_html_groups) + " more");
  return out + "</section>";
}

}  // namespace render::page
