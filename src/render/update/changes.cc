// The changes, side by side: left what the version before had, right what this one has.
#include <algorithm>

#include <fmt/format.h>

#include "render/columns.h"
#include "render/html/markup.h"
#include "render/html/parts.h"
#include "render/update/parts.h"
#include "render/update/sides.h"

namespace render::page {
namespace {

using report::Report;
using report::Turn;

constexpr std::size_t most_open = 40;  ///< with more changes than this, only the gravest stand open

std::string_view kind_of(Turn turn) {
  switch (sign_of(turn)) {
    case '+': return "gained";
    case '-': return "lost";
    case '~': return "changed";
    default: return "moved";
  }
}

std::string note_of(const Change& c) {
  switch (c.turn) {
    case Turn::gained: return c.new_to_product ? "new to the product" : "new to this file";
    case Turn::more: return "one more";
    case Turn::fewer: return "one fewer";
    case Turn::lost: return c.new_to_product ? "gone from the product" : "still elsewhere";
    case Turn::moved: return "moved from another file";
    case Turn::changed: return c.weaker ? "weaker than before" : "";
  }
  return "";
}

std::string head_of(const report::Exhibit& e, std::string_view place) {
  auto where = where_text(e.item);
  return fmt::format("<p class=\"place\"><code>{}</code></p>{}", escaped(place), where.empty() ? "" : "<p class=\"quiet\">" + escaped(where) + "</p>");
}

/// The value, where the excerpt doesn't show it.
std::string value_of(const evidence::Item& item) {
  if (item.value.empty() || (is_text(item.excerpt) && item.excerpt.find(item.value) != std::string::npos)) return "";
  return "<p><code>" + name(item.value) + "</code></p>";
}

std::string spot(const Report& r, const Change& c, const Spot& s) {
  std::string left, right;
  if (s.before) left = head_of(*s.before, short_place(r, raw_place(r, *s.before, true)));
  if (s.now) right = head_of(*s.now, short_place(r, raw_place(r, *s.now, false)));
  if (s.before && s.now) {
    const auto [old, fresh] = sides(s.before->item, s.now->item);
    left += value_of(s.before->item) + old;
    right += value_of(s.now->item) + fresh;
  } else if (s.before) {
    left += value_of(s.before->item) + side(s.before->item);
    right = fmt::format("<p class=\"none\">{}</p>", c.turn == Turn::fewer ? "one fewer" : c.new_to_product ? "gone" : "gone from here");
  } else {
    left = fmt::format("<p class=\"none\">{}</p>", c.turn == Turn::more ? "one fewer" : c.new_to_product ? "not there" : "not in this file");
    right += value_of(s.now->item) + side(s.now->item);
  }
  return fmt::format("<div class=\"sides\"><div class=\"before\">{}</div><div class=\"now\">{}</div></div>", left, right);
}

std::string change(const Report& r, const Change& c, std::size_t index, bool open) {
  auto out = fmt::format("<details class=\"change c-{0}\" data-kind=\"{0}\" data-new=\"{1}\"{2}><summary>{3}<code>{4}</code>", kind_of(c.turn), c.new_to_product ? 1 : 0, open ? " open" : "", sign_markup(c.turn),
                         escaped(c.what));
  auto note = note_of(c);
  if (c.spots.size() > 1) note += (note.empty() ? "" : ", ") + counted(c.spots.size(), "place");
  if (!note.empty()) out += fmt::format(" <span class=\"quiet{}\">{}</span>", c.weaker ? " weaker" : "", note);
  out += fmt::format("</summary><div id=\"c{}\" class=\"inside\">", index);
  if (!c.was.empty()) out += "<p class=\"quiet\">" + escaped(c.was) + "</p>";
  for (std::size_t i = 0; i < c.spots.size() && i < most_update_spots; ++i) out += spot(r, c, c.spots[i]);
  if (c.spots.size() > most_update_spots) out += fmt::format("<p class=\"quiet\">and {}; all are in the JSON report.</p>", counted(c.spots.size() - most_update_spots, "more place"));
  if (c.spots.empty() && c.was.empty()) out += fmt::format("<p class=\"quiet\">a line of the maker's declaration</p>");
  return out + "</div></details>";
}

}  // namespace

std::string sign_markup(Turn turn) { return fmt::format("<span class=\"sign c-{0}\" title=\"{0}\">{1}</span>", kind_of(turn), sign_of(turn) == '>' ? "&gt;" : std::string(1, sign_of(turn))); }

std::string counts_text(const Counts& counts) {
  std::string out;
  for (const auto& [sign, n] : {std::pair('+', counts.gained), std::pair('-', counts.lost), std::pair('~', counts.changed), std::pair('>', counts.moved)})
    if (n) out += fmt::format("{}{}{}", out.empty() ? "" : " ", sign, grouped(n));
  return out;
}

std::string changes_section(const Report& r, const UpdateOutline& u) {
  std::string out = "<section id=\"changes\"><h2>All changes, side by side</h2>";
  if (u.changes.empty()) return out + "<p>No evidence changed: nothing that the files do, name or hold is new or gone.</p></section>";
  const auto shown = std::min(u.changes.size(), most_update_changes);
  out += fmt::format("<p class=\"quiet\">{}{}; left the version before, right this one.</p>", counted(u.changes.size(), "fact"),
                     shown < u.changes.size() ? fmt::format(", of which the {} that matter most are here and all are in the JSON report", grouped(shown)) : "");
  out += "<div class=\"find\" data-script hidden><input id=\"find\" type=\"search\" placeholder=\"Search: words, places, values\" aria-label=\"Search the changes\">"
         "<select id=\"topic\" aria-label=\"What it is about\"><option value=\"\">all topics</option>";
  for (std::size_t t = 0; t < topic_count; ++t)
    if (u.topics.contains(static_cast<Topic>(t))) out += fmt::format("<option>{}</option>", name_of(static_cast<Topic>(t)));
  out += "</select><select id=\"kind\" aria-label=\"Kind of change\"><option value=\"\">all kinds of change</option><option>gained</option><option>lost</option><option>changed</option><option>moved</option></select>"
         "<select id=\"new\" aria-label=\"New to what\"><option value=\"\">everywhere</option><option value=\"1\">new to or gone from the product</option></select></div>"
         "<p class=\"quiet\" data-script hidden><span id=\"change-count\" role=\"status\"></span></p>";
  for (std::size_t t = 0; t < topic_count; ++t) {
    const auto topic = static_cast<Topic>(t);
    std::string list;
    for (std::size_t i = 0; i < shown; ++i)
      if (const auto& c = u.changes[i]; c.topic == topic) list += change(r, c, i, u.changes.size() <= most_open || i < lines_that_matter);
    if (!list.empty()) out += fmt::format("<div class=\"topic\" data-topic=\"{0}\"><h3 id=\"t-{0}\">{0} <span class=\"quiet\">{1}</span></h3>{2}</div>\n", name_of(topic), escaped(counts_text(u.topics.at(topic))), list);
  }
  return out + "<p class=\"quiet\" id=\"no-change\" hidden>No change fits.</p></section>";
}

}  // namespace render::page
