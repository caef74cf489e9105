// Two shapes of scripts that hide their names: words written wholly in escapes though plain letters
// would do ("\x65\x78\x65\x63"), and made-up names of hexadecimal digits (_0x3a1c) that stand for
// entries of a table of texts. Minifiers make neither: they shorten.
// https://attack.mitre.org/techniques/T1027/
// It doesn't undo the hiding.
#include "examine/scripts/hidden_names.h"

#include <algorithm>

#include <fmt/format.h>

namespace examine::script {
namespace {

using code::syntax::Form;
using evidence::Confidence;
using evidence::Facet;

constexpr std::size_t enough_escaped = 5;
constexpr std::size_t enough_made_up = 8;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// A constant of letters, each of which stands as \xNN or \uNNNN in the source.
bool needlessly_escaped(std::string_view written, std::string_view text) {
  if (written.starts_with('/')) return false;  // a regular expression names ranges of characters that way
  const auto letters = static_cast<std::size_t>(std::ranges::count_if(text, is_letter));
  if (letters < 3 || text.size() > 4096 || letters * 2 < text.size()) return false;
  if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c > 0x7e; })) return false;
  std::size_t escapes = 0;
  for (std::size_t at = 0; at + 1 < written.size(); ++at)
    if (written[at] == '\\' && (written[at + 1] == 'x' || written[at + 1] == 'u' || (written[at + 1] >= '0' && written[at + 1] <= '7'))) ++escapes;
  return escapes >= text.size();
}

bool made_up(std::string_view name) {
  if (!name.starts_with("_0x") || name.size() < 4 || name.size() > 12) return false;
  return std::ranges::all_of(name.substr(3), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

void state_hidden_names(const code::syntax::Tree& tree, std::string_view source, Findings& findings) {
  std::size_t escaped = 0;
  std::set<std::string_view> names;
  base::Range first_escaped, first_name;
  for (const auto& node : tree.nodes) {
    if (node.range.end() > source.size()) continue;
    if (node.form == Form::text && !node.marked && needlessly_escaped(source.substr(node.range.offset, node.range.size), node.text))
      if (++escaped == 1) first_escaped = node.range;
    const std::string_view head = std::string_view(node.text).substr(0, node.text.find('.'));
    if ((node.form == Form::name || node.form == Form::call) && made_up(head)) {
      if (names.empty()) first_name = node.range;
      names.insert(head);
    }
  }
  findings.set_unit("");
  if (escaped >= enough_escaped)
    findings.fact(Facet::concealment, "decoded-string", fmt::format("{} words written in escapes", escaped), first_escaped, Confidence::high, {{"shape", "escaped words"}});
  if (names.size() >= enough_made_up)
    findings.fact(Facet::concealment, "packed", fmt::format("{} made-up names", names.size()), first_name, Confidence::medium, {{"shape", "made-up names"}});
}

}  // namespace examine::script
