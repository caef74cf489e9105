// From concrete trees to forms: one function a language. What all share is in Lowering.
#pragma once

#include <initializer_list>

#include "code/syntax/raw.h"

namespace code::syntax {

/// Makes nodes of a Tree while counting depth. Lives for one lowering.
class Lowering {
 public:
  explicit Lowering(const RawTree& raw_tree, Language language) : raw(raw_tree) { tree.language = language; }
  Lowering(const Lowering&) = delete;
  virtual ~Lowering() = default;

  Tree finish();

 protected:
  virtual Ref lower(Ref node) = 0;  ///< never none_node

  Ref make(Form form, Ref from, std::string text = {}, std::vector<Ref> children = {}, bool marked = false);
  /// make() with a range that is not a concrete node's.
  Ref make_at(Form form, base::Range range, std::string text = {}, std::vector<Ref> children = {}, bool marked = false);
  /// lower() of a child, one level deeper; an empty `other` when too deep or none_node.
  Ref sub(Ref node);
  std::vector<Ref> sub_all(Ref node);  ///< of all named children
  bool is(Ref node, std::initializer_list<std::string_view> types) const;
  /// True if some child is this token.
  bool has_token(Ref node, std::string_view token) const;

  const RawTree& raw;
  Tree tree;

 private:
  unsigned depth_ = 0;
};

Tree lower_shell(const RawTree& raw);
Tree lower_python(const RawTree& raw);
Tree lower_javascript(const RawTree& raw);
Tree lower_php(const RawTree& raw);
Tree lower_ruby(const RawTree& raw);
Tree lower_powershell(const RawTree& raw);
Tree lower_perl(const RawTree& raw);

}  // namespace code::syntax
