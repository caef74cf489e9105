#include "code/syntax/lower.h"
namespace code::syntax {
Tree lower_ruby(const RawTree& raw) { Tree t; t.language = Language::ruby; t.nodes.push_back({}); t.root = 0; t.steps = raw.steps; return t; }
}  // namespace code::syntax
