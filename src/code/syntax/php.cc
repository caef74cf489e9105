#include "code/syntax/lower.h"
namespace code::syntax {
Tree lower_php(const RawTree& raw) { Tree t; t.language = Language::php; t.nodes.push_back({}); t.root = 0; t.steps = raw.steps; return t; }
}  // namespace code::syntax
