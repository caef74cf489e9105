#include "render/html/map.h"

#include <algorithm>

#include <fmt/format.h>

#include "render/columns.h"
#include "render/html/html.h"
#include "render/html/markup.h"
#include "render/html/squarify.h"

namespace render::page {
namespace {

using evidence::Label;

// Nominal size in pixels; the page scales it by percentages.
constexpr double whole_width = 1040, whole_height = 520, least_area = 260, heading = 17, edge = 1;
constexpr int most_nesting = 12;
constexpr std::size_t most_raised = 20;  ///< small areas with findings drawn larger, in one container
constexpr double strip_width = 22;

struct LabelName {
  Label label;
  std::string_view name;
};
constexpr LabelName labels[] = {{Label::examined, "examined"}, {Label::structure, "structure"}, {Label::padding, "padding"},
                                {Label::known, "known"},       {Label::scanned, "scanned"},     {Label::opaque, "opaque"}};

std::string_view name_of(Mark mark) {
  switch (mark) {
    case Mark::fail: return "fail";
    case Mark::conditional: return "conditional";
    case Mark::disclose: return "disclosed";
    case Mark::none: return "none";
  }
  return "none";
}

std::string label_text(const evidence::Tally& tally) {
  std::string out;
  for (const auto& [label, name] : labels)
    if (tally.of(label)) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, share(tally.of(label), tally.total()));
  return out;
}

/// What is drawn as one box.
struct Tile {
  double weight = 0;         ///< bytes
  std::size_t area = 0;      ///< index, for a link and for going deeper
  bool deeper = false;       ///< has parts of its own to draw
  std::string text;
  evidence::Tally tally;
  Mark mark = Mark::none;
};

class Painter {
 public:
  Painter(const std::vector<Area>& areas, const std::vector<bool>& listed) : areas_(areas), listed_(listed) {}

  void inside(std::size_t area, Box box, int nesting, const Tile& self) {
    std::vector<Tile> raised;
    const auto tiles = tiles_of(area, box, self, raised);
    // Small areas with findings stand in a strip of their own, where a squarified sliver would hide them.
    const double strip = raised.empty() ? 0 : strip_width;
    std::vector<double> weights;
    for (const auto& t : tiles) weights.push_back(t.weight);
    const auto boxes = squarify(weights, {0, 0, box.width - strip, box.height});
    for (std::size_t i = 0; i < tiles.size(); ++i) paint(tiles[i], boxes[i], box, nesting);
    const double height = raised.empty() ? 0 : std::min(2 * strip_width, box.height / static_cast<double>(raised.size()));
    for (std::size_t i = 0; i < raised.size(); ++i) paint(raised[i], {box.width - strip, static_cast<double>(i) * height, strip, height}, box, most_nesting);
  }
  std::string take() { return std::move(out_); }
  std::size_t painted() const { return painted_; }

 private:
  std::vector<Tile> tiles_of(std::size_t area, const Box& box, const Tile& self, std::vector<Tile>& raised) {
    const auto& a = areas_[area];
    std::vector<Tile> out;
    const auto total = static_cast<double>(std::max<std::uint64_t>(1, a.all.total()));
    const double least = total * least_area / std::max(1.0, box.width * box.height);
    const bool room = box.width > 5 * strip_width && box.height > 2 * strip_width;
    for (const auto child : a.children) {
      const auto& c = areas_[child];
      if (!c.all.total()) continue;
      const auto weight = static_cast<double>(c.all.total());
      auto& to = room && weight < 4 * least && c.mark >= Mark::conditional && raised.size() < most_raised ? raised : out;
      to.push_back({weight, child, !c.children.empty(), base::printable(c.label), c.all, c.mark});
    }
    std::ranges::stable_sort(out, [](const Tile& x, const Tile& y) { return x.weight > y.weight; });
    join_small(out, area, least);
    if (a.own.total() && !a.children.empty()) out.push_back({static_cast<double>(a.own.total()), area, false, self.text + " itself", a.own, Mark::none});
    std::ranges::stable_sort(out, [](const Tile& x, const Tile& y) { return x.weight > y.weight; });
    return out;
  }

  /// Too small to see, or beyond what is left to draw: joined, in the colour of the gravest of them.
  void join_small(std::vector<Tile>& tiles, std::size_t area, double least) {
    const auto budget = std::max<std::size_t>(1, painted_ < most_html_areas ? most_html_areas - painted_ : 0);
    std::size_t keep = 0;
    while (keep < tiles.size() && keep < budget && tiles[keep].weight >= least) ++keep;
    if (keep + 1 >= tiles.size()) return;
    Tile rest{0, area, false, "", {}, Mark::none};
    std::size_t count = 0;
    for (auto i = keep; i < tiles.size(); ++i) {
      rest.weight += tiles[i].weight;
      rest.tally.add(tiles[i].tally);
      rest.mark = std::max(rest.mark, tiles[i].mark);
      count += areas_[tiles[i].area].artifacts;
    }
    rest.text = counted(count, "smaller artifact");
    tiles.resize(keep);
    tiles.push_back(std::move(rest));
  }

  void paint(Tile tile, const Box& box, const Box& whole, int nesting) {
    ++painted_;
    // A container of one thing is drawn as that thing.
    while (tile.deeper && areas_[tile.area].children.size() == 1 && !areas_[tile.area].own.total()) {
      tile.area = areas_[tile.area].children[0];
      tile.deeper = !areas_[tile.area].children.empty();
      tile.text += "/" + base::printable(areas_[tile.area].label);
    }
    const auto place = fmt::format("left:{:.3f}%;top:{:.3f}%;width:{:.3f}%;height:{:.3f}%", 100 * box.x / whole.width, 100 * box.y / whole.height,
                                   100 * box.width / whole.width, 100 * box.height / whole.height);
    const auto title = fmt::format("{}: {}, {}{}", tile.text, counted(tile.tally.total(), "byte"), label_text(tile.tally),
                                   tile.mark == Mark::none ? "" : fmt::format("; findings: {}", name_of(tile.mark)));
    const bool group = tile.deeper && nesting < most_nesting && box.width > 70 && box.height > 50 && painted_ < most_html_areas;
    if (group) {
      out_ += fmt::format("<div class=\"g\" style=\"{}\"><b title=\"{}\">{}</b><div>", place, escaped(title), escaped(tile.text));
      inside(tile.area, {0, 0, box.width - 2 * edge, box.height - heading - edge}, nesting + 1, tile);
      out_ += "</div></div>";
      return;
    }
    const auto link = listed_[tile.area] ? fmt::format(" href=\"#a{}\"", tile.area) : std::string();
    const bool labelled = box.width > 44 && box.height > 15;
    out_ += fmt::format("<a class=\"t m-{}\"{} style=\"{};--c:{}\" title=\"{}\">{}</a>", name_of(tile.mark), link, place, label_gradient(tile.tally), escaped(title),
                        labelled ? "<span>" + escaped(tile.text) + "</span>" : "");
  }

  const std::vector<Area>& areas_;
  const std::vector<bool>& listed_;
  std::string out_;
  std::size_t painted_ = 0;
};

}  // namespace

std::string label_gradient(const evidence::Tally& tally) {
  const auto total = static_cast<double>(std::max<std::uint64_t>(1, tally.total()));
  std::string out = "linear-gradient(90deg";
  double at = 0;
  std::size_t used = 0;
  std::string_view only = "padding";
  for (const auto& [label, name] : labels) {
    if (!tally.of(label)) continue;
    const auto to = at + 100 * static_cast<double>(tally.of(label)) / total;
    out += fmt::format(",var(--{0}) {1:.1f}% {2:.1f}%", name, at, to);
    at = to;
    only = name;
    ++used;
  }
  return used <= 1 ? fmt::format("var(--{})", only) : out + ")";
}

std::string map_section(const report::Report& report, const std::vector<Area>& areas, const std::vector<bool>& listed) {
  std::string out = "<section id=\"map\"><h2>Map</h2>";
  if (!areas[0].all.total()) return out + "<p class=\"quiet\">The product has no content.</p></section>";
  Painter painter(areas, listed);
  painter.inside(0, {0, 0, whole_width, whole_height}, 0, {});
  out += "<p class=\"quiet\">Each area is as large as its bytes after unpacking; small ones with a finding stand enlarged at the right edge of their container.</p>"
         "<div class=\"mapbox\"><input type=\"radio\" name=\"by\" id=\"by-coverage\" checked><label for=\"by-coverage\">By coverage</label>"
         "<input type=\"radio\" name=\"by\" id=\"by-finding\"><label for=\"by-finding\">By finding</label>"
         "<p class=\"key key-coverage\">";
  for (const auto& [label, name] : labels)
    if (report.coverage.of(label)) out += fmt::format("<span><i style=\"background:var(--{0})\"></i>{0}</span>", name);
  out += "</p><p class=\"key key-finding\">";
  for (const auto mark : {Mark::fail, Mark::conditional, Mark::disclose, Mark::none})
    out += fmt::format("<span><i class=\"m-{0}\"></i>{1}</span>", name_of(mark), mark == Mark::none ? "no finding" : mark == Mark::disclose ? "disclosed only" : name_of(mark));
  out += "</p><div class=\"map\">" + painter.take() + "</div></div>";
  if (painter.painted() >= most_html_areas) out += fmt::format("<p class=\"quiet\">The map joins small areas: it draws {} at most.</p>", counted(most_html_areas, "area"));
  return out + "</section>";
}

}  // namespace render::page
