// Drives tree-sitter within a step budget. Wall-clock limits are not used: the parser reads its
// input through a callback in small pieces, and the number of pieces asked for counts the work,
// so the same text always ends the same way. Does not interpret the tree.
#include "code/syntax/raw.h"

#include <tree_sitter/api.h>

#include <memory>

extern "C" {
const TSLanguage* tree_sitter_bash();
const TSLanguage* tree_sitter_python();
const TSLanguage* tree_sitter_javascript();
const TSLanguage* tree_sitter_php();
const TSLanguage* tree_sitter_ruby();
const TSLanguage* tree_sitter_powershell();
const TSLanguage* tree_sitter_perl();
}

namespace code::syntax {
namespace {

constexpr std::uint32_t piece = 256;
constexpr std::uint64_t most_nodes = 6'000'000;

const TSLanguage* grammar_of(Language language) {
  switch (language) {
    case Language::shell: return tree_sitter_bash();
    case Language::python: return tree_sitter_python();
    case Language::javascript: return tree_sitter_javascript();
    case Language::php: return tree_sitter_php();
    case Language::ruby: return tree_sitter_ruby();
    case Language::powershell: return tree_sitter_powershell();
    case Language::perl: return tree_sitter_perl();
  }
  return nullptr;
}

struct Feed {
  std::string_view text;
  std::uint64_t reads = 0;
  std::uint64_t most_reads = 0;
  std::size_t cancelled = 0;
};

const char* read_piece(void* payload, std::uint32_t byte, TSPoint, std::uint32_t* length) {
  auto& feed = *static_cast<Feed*>(payload);
  if (++feed.reads > feed.most_reads) feed.cancelled = 1;
  if (byte >= feed.text.size()) {
    *length = 0;
    return "";
  }
  *length = static_cast<std::uint32_t>(std::min<std::size_t>(piece, feed.text.size() - byte));
  return feed.text.data() + byte;
}

using Parser = std::unique_ptr<TSParser, decltype(&ts_parser_delete)>;
using SyntaxTree = std::unique_ptr<TSTree, decltype(&ts_tree_delete)>;

RawNode copied(const TSTreeCursor& cursor) {
  const TSNode node = ts_tree_cursor_current_node(&cursor);
  const char* field = ts_tree_cursor_current_field_name(&cursor);
  RawNode out;
  out.type = ts_node_type(node);
  out.field = field ? field : std::string_view();
  out.start = ts_node_start_byte(node);
  out.end = ts_node_end_byte(node);
  out.named = ts_node_is_named(node);
  out.error = ts_node_is_missing(node) || out.type == "ERROR";
  return out;
}

bool copy_tree(TSNode root, RawTree& to) {
  TSTreeCursor cursor = ts_tree_cursor_new(root);
  std::vector<Ref> above, last_child;  // path of parents, and each one's newest child
  to.nodes.push_back(copied(cursor));
  Ref at = 0;
  bool whole = true;
  const auto add = [&](Ref parent, Ref before) {
    const auto id = static_cast<Ref>(to.nodes.size());
    to.nodes.push_back(copied(cursor));
    (before == none_node ? to.nodes[parent].first : to.nodes[before].next) = id;
    return id;
  };
  for (;;) {
    if (to.nodes.size() >= most_nodes) {
      whole = false;
      break;
    }
    if (ts_tree_cursor_goto_first_child(&cursor)) {
      above.push_back(at);
      at = add(at, none_node);
      continue;
    }
    bool moved = false;
    while (!above.empty()) {
      if (ts_tree_cursor_goto_next_sibling(&cursor)) {
        at = add(above.back(), at);
        moved = true;
        break;
      }
      ts_tree_cursor_goto_parent(&cursor);
      at = above.back();
      above.pop_back();
    }
    if (!moved) break;
  }
  ts_tree_cursor_delete(&cursor);
  return whole;
}

bool is_comment(std::string_view type) { return type == "comment" || type == "comments" || type == "pod"; }

}  // namespace

Ref RawTree::field(Ref ref, std::string_view name) const {
  for (Ref c = nodes[ref].first; c != none_node; c = nodes[c].next)
    if (nodes[c].field == name) return c;
  return none_node;
}

Ref RawTree::child(Ref ref, std::string_view type) const {
  for (Ref c = nodes[ref].first; c != none_node; c = nodes[c].next)
    if (nodes[c].type == type) return c;
  return none_node;
}

Ref RawTree::named_child(Ref ref, std::size_t n) const {
  for (Ref c = nodes[ref].first; c != none_node; c = nodes[c].next)
    if (nodes[c].named && !is_comment(nodes[c].type) && n-- == 0) return c;
  return none_node;
}

std::vector<Ref> RawTree::named(Ref ref) const {
  std::vector<Ref> out;
  for (Ref c = nodes[ref].first; c != none_node; c = nodes[c].next)
    if (nodes[c].named && !is_comment(nodes[c].type)) out.push_back(c);
  return out;
}

base::Result<RawTree> parse_raw(std::string_view text, Language language) {
  if (text.size() > most_bytes) return base::fail(base::Trouble::limit, "the script has {} bytes; {} are parsed at most", text.size(), most_bytes);
  Parser parser(ts_parser_new(), &ts_parser_delete);
  if (!parser || !ts_parser_set_language(parser.get(), grammar_of(language)))
    return base::fail(base::Trouble::bug, "the grammar for {} doesn't fit the parser", name_of(language));
  Feed feed{text, 0, 4096 + 64 * (text.size() / piece + 1), 0};
  ts_parser_set_cancellation_flag(parser.get(), &feed.cancelled);
  SyntaxTree tree(ts_parser_parse(parser.get(), nullptr, TSInput{&feed, read_piece, TSInputEncodingUTF8}), &ts_tree_delete);
  if (!tree) return base::fail(base::Trouble::limit, "the script is too ambiguous to parse within {} reads", feed.most_reads);
  RawTree out;
  out.text = text;
  if (!copy_tree(ts_tree_root_node(tree.get()), out)) return base::fail(base::Trouble::limit, "the script has more than {} syntax nodes", most_nodes);
  out.steps = feed.reads * piece + out.nodes.size();
  return out;
}

}  // namespace code::syntax
