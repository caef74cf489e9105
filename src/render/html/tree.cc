// The artifacts as a foldable tree, with directories of names between containers and members.
#include <algorithm>
#include <deque>

#include <fmt/format.h>

#include "render/columns.h"
#include "render/html/html.h"
#include "render/html/map.h"
#include "render/html/markup.h"
#include "render/html/parts.h"

namespace render::page {
namespace {

std::string flags(const Area& a) {
  std::string out;
  // The word where the finding stands; a dot on what only contains it.
  for (const auto& [mark, word] : {std::pair(Mark::fail, "fail"), std::pair(Mark::conditional, "conditional")}) {
    if (a.own_mark == mark) out += fmt::format("<span class=\"flag e-{0}\">{0}</span>", word);
    else if (a.mark == mark) out += fmt::format("<span class=\"flag e-{0}\" title=\"contains: {0}\">&#9679;</span>", word);
  }
  if (!a.complete) out += a.node == artifact::no_node || !a.children.empty() ? "<span class=\"flag quiet\">in part unread</span>" : "<span class=\"flag e-conditional\">not fully read</span>";
  return out;
}

class Tree {
 public:
  Tree(const report::Report& report, const std::vector<Area>& areas, const std::vector<bool>& listed) : report_(report), areas_(areas), listed_(listed) {}

  /// Depth is bounded by areas().
  void list(std::size_t area, int depth) {
    std::size_t left = 0;
    out_ += "<ul>";
    for (const auto child : areas_[area].children) {
      if (!listed_[child]) {
        left += std::max<std::size_t>(1, areas_[child].artifacts);
        continue;
      }
      row(child, depth);
    }
    if (left) out_ += fmt::format("<li class=\"leaf quiet\">and {}; all are in the JSON report</li>", counted(left, "more artifact"));
    out_ += "</ul>";
  }
  std::string take() { return std::move(out_); }

 private:
  void row(std::size_t area, int depth) {
    const auto& a = areas_[area];
    std::string line = "<code>" + name(a.label) + "</code><small>";
    if (a.node != artifact::no_node) {
      const auto& artifact = report_.artifacts[a.node];
      if (!artifact.kind.empty()) line += name(artifact.kind) + ", ";
      else if (artifact.nature != "file") line += say(artifact.nature) + (artifact.link.empty() ? "" : " to " + name(artifact.link)) + ", ";
      line += size_text(artifact.nature == "file" ? artifact.size : a.all.total());
      if (!artifact.digest.empty()) line += fmt::format(", <span title=\"{}\">{}</span>", say(artifact.digest), say(artifact.digest.substr(0, 8)));
    } else {
      line += size_text(a.all.total()) + " in " + counted(a.artifacts, "file");
    }
    line += "</small>";
    if (a.all.total()) line += fmt::format("<span class=\"mini\" style=\"background:{}\"></span>", label_gradient(a.all));
    line += flags(a);
    if (a.children.empty()) {
      out_ += fmt::format("<li class=\"leaf\" id=\"a{}\">{}</li>", area, line);
      return;
    }
    const bool open = depth < 3 || (a.mark >= Mark::conditional && a.children.size() <= 30);
    out_ += fmt::format("<li><details{}><summary id=\"a{}\">{}</summary>", open && a.children.size() <= 60 ? " open" : "", area, line);
    list(area, depth + 1);
    out_ += "</details></li>";
  }

  const report::Report& report_;
  const std::vector<Area>& areas_;
  const std::vector<bool>& listed_;
  std::string out_;
};

}  // namespace

std::vector<bool> listed_areas(const std::vector<Area>& areas) {
  std::vector<bool> out(areas.size(), false);
  // What carries a finding first, with everything above it; then by distance from the product.
  std::size_t count = 0;
  const auto list = [&](std::size_t i) {
    for (; !out[i] && count < most_html_artifacts; i = areas[i].parent) out[i] = true, ++count;
  };
  for (const auto mark : {Mark::fail, Mark::conditional, Mark::disclose})
    for (std::size_t i = 0; i < areas.size(); ++i)
      if (areas[i].mark == mark) list(i);
  std::deque<std::size_t> queue = {0};
  while (!queue.empty() && count < most_html_artifacts) {
    const auto at = queue.front();
    queue.pop_front();
    if (!out[at]) out[at] = true, ++count;
    queue.insert(queue.end(), areas[at].children.begin(), areas[at].children.end());
  }
  // A row whose container fell to the cut can't be shown.
  for (std::size_t i = 1; i < areas.size(); ++i) out[i] = out[i] && (out[areas[i].parent] || areas[i].parent == 0);
  return out;
}

std::string tree_section(const report::Report& report, const std::vector<Area>& areas, const std::vector<bool>& listed) {
  std::string out = fmt::format("<section id=\"artifacts\"><h2>Artifacts</h2><p class=\"quiet\">{} after unpacking.</p><div class=\"tree\">",
                                counted(report.artifacts.empty() ? 0 : report.artifacts.size() - 1, "artifact"));
  Tree tree(report, areas, listed);
  tree.list(0, 0);
  return out + tree.take() + "</div></section>";
}

}  // namespace render::page
