// A script's syntax, the same for all languages: a small tree of forms that say what is constant,
// named, called, assigned, joined, piped and guarded. Made from tree-sitter's concrete trees
// (https://tree-sitter.github.io/tree-sitter/), so comments and strings are told from code.
// It doesn't say what anything means, and it drops what carries no value (types, labels, layout).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace code::syntax {

enum class Language : std::uint8_t { shell, python, javascript, php, ruby, powershell, perl };
std::string_view name_of(Language language);
/// "script/shell" and its kin; nothing for other kinds.
std::optional<Language> language_of(std::string_view kind);

enum class Form : std::uint8_t {
  sequence,  ///< children in order; the value is the last one's; text "&&" or "||" where guarded
  text,      ///< a constant, decoded; marked: a number
  name,      ///< a variable or dotted name; marked: the value is altered on the way (${x%y})
  call,      ///< text: callee as written, "os.system"; with a receiver ".read" (children[0], marked)
  command,   ///< shell: children[0] the command's name, then its words
  named,     ///< a named argument or a pair's value: text is the name, children[0] the value
  join,      ///< concatenation and interpolation
  list,      ///< a collection; marked: pairs (named)
  index,     ///< children[0] at children[1]
  assign,    ///< children[0] = children[1]; text the operator; marked: a declaration
  function,  ///< text: name or ""; children: parameters (name), last the body
  give,      ///< return
  branch,    ///< children[0] the condition, then the bodies
  loop,      ///< children[0] what is tested or iterated, then the body
  pipeline,  ///< shell: children are the stages
  redirect,  ///< shell: children[0] the command (or none_node), children[1] the target; text the operator
  capture,   ///< output of commands as a value; text "<(" or ">(" for a process substitution
  compare,   ///< operands; text the operator
  other,     ///< anything else: the value is all of its children together
};
std::string_view name_of(Form form);

using Ref = std::uint32_t;
inline constexpr Ref none_node = UINT32_MAX;

struct Node {
  Form form = Form::other;
  bool marked = false;
  std::string text;
  base::Range range;
  std::vector<Ref> children;
};

struct Tree {
  Language language = Language::shell;
  std::vector<Node> nodes;            ///< [root] is the whole script
  Ref root = none_node;
  std::vector<base::Range> comments;  ///< in order
  std::vector<base::Range> errors;    ///< what the grammar could not read, in order, bounded
  bool too_deep = false;              ///< nesting beyond most_depth was left out
  std::uint64_t steps = 0;            ///< work done, for Sink::spend

  const Node& at(Ref ref) const { return nodes[ref]; }
  std::string outline() const;        ///< one line a node: for tests and people
};

inline constexpr std::uint64_t most_bytes = 16u << 20;
inline constexpr unsigned most_depth = 600;

/// Parses text. Errors: limit (too large, or too ambiguous to parse within the step budget), bug.
/// What the grammar can't read is skipped and listed in `errors`.
base::Result<Tree> parse(std::string_view text, Language language);

/// The first line of a text that starts at an offset: for units, "name (line 12)".
std::uint64_t line_of(std::string_view text, std::uint64_t offset);

}  // namespace code::syntax
