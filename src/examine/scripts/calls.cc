// Names and calls of the languages that have functions.
#include <algorithm>

#include <fmt/format.h>

#include "examine/scripts/evaluator.h"

namespace examine::script {

using code::syntax::Language;
using code::syntax::Node;

Value Evaluator::eval_name(const Node& node) {
  if (tree_.language == Language::shell) {
    Value out = lookup(node.text);
    for (const Ref c : node.children) {
      const Value other = eval(c);
      if (out.path == node.text && !other.text.empty()) out = other;  // ${x:-default} of an unknown x
      else out.add_all(other);
    }
    out.path.clear();
    if (node.marked && node.children.empty()) out.exact = false;
    if (node.text.size() > 2 && out.marks.empty() && !out.exact && is_secret_name(node.text) && out.text == Value::unknown(node.text).text)
      out.add({"environment", "$" + node.text, node.range.offset, Confidence::low, "", false});
    return out;
  }
  return lookup(node.text);
}

Value Evaluator::eval_call(Ref ref) { return eval_all(at(ref)); }

}  // namespace examine::script
