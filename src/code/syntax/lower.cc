// What all lowerings share, and the entry of the syntax layer.
#include "code/syntax/lower.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace code::syntax {
namespace {

constexpr std::array<std::string_view, 7> languages = {"shell", "python", "javascript", "php", "ruby", "powershell", "perl"};
constexpr std::size_t most_errors = 1000;

}  // namespace

std::string_view name_of(Language language) { return languages[static_cast<std::size_t>(language)]; }

std::optional<Language> language_of(std::string_view kind) {
  if (!kind.starts_with("script/")) return std::nullopt;
  const auto found = std::ranges::find(languages, kind.substr(7));
  if (found == languages.end()) return std::nullopt;
  return static_cast<Language>(found - languages.begin());
}

std::string_view name_of(Form form) {
  static constexpr std::array<std::string_view, 19> names = {"sequence", "text",   "name",     "call",   "command", "named",    "join",
                                                             "list",     "index",  "assign",   "function", "give",  "branch",   "loop",
                                                             "pipeline", "redirect", "capture", "compare", "other"};
  return names[static_cast<std::size_t>(form)];
}

Ref Lowering::make(Form form, Ref from, std::string text, std::vector<Ref> children, bool marked) {
  const auto& node = raw.at(from);
  return make_at(form, {node.start, node.end - node.start}, std::move(text), std::move(children), marked);
}

Ref Lowering::make_at(Form form, base::Range range, std::string text, std::vector<Ref> children, bool marked) {
  tree.nodes.push_back({form, marked, std::move(text), range, std::move(children)});
  return static_cast<Ref>(tree.nodes.size() - 1);
}

Ref Lowering::sub(Ref node) {
  if (node == none_node) return make_at(Form::other, {});
  if (depth_ >= most_depth) {
    tree.too_deep = true;
    return make(Form::other, node);
  }
  ++depth_;
  const Ref out = lower(node);
  --depth_;
  return out;
}

std::vector<Ref> Lowering::sub_all(Ref node) {
  std::vector<Ref> out;
  for (const Ref child : raw.named(node)) out.push_back(sub(child));
  return out;
}

bool Lowering::is(Ref node, std::initializer_list<std::string_view> types) const {
  return node != none_node && std::ranges::find(types, raw.at(node).type) != types.end();
}

bool Lowering::has_token(Ref node, std::string_view token) const {
  for (Ref c = raw.at(node).first; c != none_node; c = raw.at(c).next)
    if (!raw.at(c).named && raw.at(c).type == token) return true;
  return false;
}

Tree Lowering::finish() {
  tree.root = sub(0);
  for (const auto& node : raw.nodes) {
    const base::Range range{node.start, node.end - node.start};
    if (node.type == "comment" || node.type == "comments" || node.type == "pod") tree.comments.push_back(range);
    if (node.error && tree.errors.size() < most_errors) tree.errors.push_back(range);
  }
  tree.steps = raw.steps;
  return std::move(tree);
}

base::Result<Tree> parse(std::string_view text, Language language) {
  const auto raw = TRY(parse_raw(text, language));
  switch (language) {
    case Language::shell: return lower_shell(raw);
    case Language::python: return lower_python(raw);
    case Language::javascript: return lower_javascript(raw);
    case Language::php: return lower_php(raw);
    case Language::ruby: return lower_ruby(raw);
    case Language::powershell: return lower_powershell(raw);
    case Language::perl: return lower_perl(raw);
  }
  return base::fail(base::Trouble::bug, "no such language");
}

std::uint64_t line_of(std::string_view text, std::uint64_t offset) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(offset, text.size()));
  return 1 + static_cast<std::uint64_t>(std::count(text.begin(), end, '\n'));
}

std::string Tree::outline() const {
  std::string out;
  struct Step {
    Ref ref;
    unsigned depth;
  };
  std::vector<Step> stack;
  if (root != none_node) stack.push_back({root, 0});
  while (!stack.empty()) {
    const auto [ref, depth] = stack.back();
    stack.pop_back();
    if (ref == none_node) {
      out += fmt::format("{:{}}-\n", "", depth);
      continue;
    }
    const auto& node = nodes[ref];
    out += fmt::format("{:{}}{}{}{}\n", "", depth, name_of(node.form), node.marked ? "*" : "", node.text.empty() ? "" : " " + base::printable(node.text));
    for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) stack.push_back({*child, depth + 1});
  }
  return out;
}

}  // namespace code::syntax
