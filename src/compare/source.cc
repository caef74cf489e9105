// A package against its source: which of its files does the source explain? By content, by place, and by what
// builds make of what. A derived file is explained as long as it does nothing that no text of the source does.
#include <algorithm>
#include <array>
#include <set>
#include <unordered_set>

#include "compare/names.h"
#include "compare/stated.h"

namespace compare {
namespace {

using artifact::Nature;
using artifact::no_node;
using artifact::NodeId;
using evidence::Facet;

/// What a build makes, by the form of the file and what it is made of. "" of `from`: any text of a program.
/// Names are those that the tools themselves give; who hides behind one still has to do nothing new.
struct Derivation {
  std::string_view made, from;  ///< endings; `made` may be a whole name
};
constexpr std::array<Derivation, 34> derivations = {{
    {"/configure", "configure.ac"}, {"/configure", "configure.in"}, {"/aclocal.m4", "configure.ac"}, {"/config.h.in", "configure.ac"}, {"/Makefile.in", "Makefile.am"},
    {".c", ".y"}, {".h", ".y"}, {".c", ".l"}, {".c", ".vala"}, {".c", ".pyx"}, {".cpp", ".pyx"}, {".pyc", ".py"}, {".elc", ".el"}, {".go", ".scm"}, {".beam", ".erl"},
    {".js", ".ts"}, {".js", ".tsx"}, {".cjs", ".ts"}, {".mjs", ".ts"}, {".js", ".jsx"}, {".js", ".coffee"}, {".js", ".js"}, {".cjs", ".js"}, {".mjs", ".js"}, {".d.ts", ".ts"}, {".css", ".scss"}, {".css", ".less"},
    {".class", ".java"}, {".class", ".kt"}, {".mo", ".po"}, {".gmo", ".po"}, {".pm", ".xs"}, {".qm", ".ts"}, {".html", ".md"},
}};

std::string_view file_name(std::string_view place) { return place.substr(std::min(place.rfind('/') + 1, place.size())); }

std::string_view stem_of(std::string_view place, std::string_view ending) {
  auto name = file_name(place);
  name.remove_suffix(std::min(name.size(), ending.size()));
  return name.substr(0, name.find(".min"));
}

bool is_program(std::string_view kind) { return kind == "elf" || kind == "pe" || kind == "macho" || kind == "macho-fat" || kind == "wasm" || kind == "dex" || kind == "ar"; }

bool is_text_of_program(const artifact::Node& node) {
  if (is_script(node)) return true;
  static constexpr std::array<std::string_view, 17> endings = {".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".rs", ".go", ".java", ".kt", ".swift", ".vala", ".zig", ".s", ".S", ".asm", ".f90"};
  return std::ranges::any_of(endings, [&](auto e) { return node.entry.name.ends_with(e); });
}

bool acts(const evidence::Item& item) { return is_deed(item) || item.facet == Facet::trust; }

class Source {
 public:
  explicit Source(const Edition& source) {
    const auto places = place_keys(source.tree);
    for (NodeId id = 1; id < source.tree.nodes.size(); ++id) {
      const auto& node = source.tree.nodes[id];
      if (node.entry.nature != Nature::file) continue;
      names_.insert(std::string(file_name(places[id])));
      has_programs_ = has_programs_ || is_text_of_program(node);
      if (id < source.dossiers.size())
        for (const auto& item : source.dossiers[id].items)
          if (acts(item)) does_.insert(deed(item));
    }
  }

  /// The name of the source file that a build makes this of; "" when there is none.
  std::string origin_of(std::string_view place, const artifact::Node& node) const {
    if (is_program(node.kind)) return has_programs_ ? "program texts" : "";
    for (const auto& d : derivations) {
      if (!place.ends_with(d.made)) continue;
      const auto from = d.from.starts_with('.') ? std::string(stem_of(place, d.made)) + std::string(d.from) : std::string(d.from);
      if (names_.contains(from)) return from;
    }
    return {};
  }
  bool does(const evidence::Item& item) const { return does_.contains(deed(item)); }

 private:
  std::unordered_set<std::string> names_, does_;
  bool has_programs_ = false;
};

std::string_view form_of(const Edition& now, NodeId id) {
  const auto& node = now.tree.nodes[id];
  if (is_program(node.kind)) return "program";
  if (is_text_of_program(node)) return "script";
  const auto tally = evidence::tally(now.dossiers[id].tiles);
  return tally.of(evidence::Label::opaque) * 2 > tally.total() && tally.total() > 0 ? "opaque" : "data";
}

}  // namespace

std::vector<std::vector<evidence::Item>> unexplained(const Edition& before, const Edition& now, const Comparison& comparison) {
  std::vector<std::vector<evidence::Item>> out(now.dossiers.size());
  const Source source(before);
  const auto places = place_keys(now.tree);
  for (NodeId id = 1; id < now.tree.nodes.size() && id < now.dossiers.size(); ++id) {
    const auto& node = now.tree.nodes[id];
    const auto how = comparison.now_how[id];
    const bool inner = node.entry.origin != artifact::Origin::member && node.entry.origin != artifact::Origin::product;
    if (node.entry.nature != Nature::file || inner || how == How::same || how == How::renamed || node.size == 0) continue;
    if (!node.children.empty() && now.tree.nodes[node.children[0]].entry.origin != artifact::Origin::decoded) continue;  // its members are looked at
    const bool changed = comparison.partner_of_now[id] != no_node;
    auto item = stated("unexplained", (changed ? "changed-" : "") + std::string(form_of(now, id)));
    const auto origin = changed ? before.tree.nodes[comparison.partner_of_now[id]].entry.name : source.origin_of(places[id], node);
    if (!origin.empty()) {
      const auto& items = now.dossiers[id].items;
      const auto more = std::ranges::find_if(items, [&](const auto& i) { return acts(i) && i.confidence != evidence::Confidence::low && !source.does(i); });
      item.attributes["made-of"] = origin;
      if (more != items.end()) {
        item.attributes["does-more"] = deed(*more);
        item.range = more->range;
        item.excerpt = more->excerpt;
        item.secret = more->secret;
      }
    }
    out[id].push_back(std::move(item));
  }
  return out;
}

}  // namespace compare
