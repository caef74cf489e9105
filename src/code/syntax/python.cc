#include "code/syntax/lower.h"
namespace code::syntax {
Tree lower_python(const RawTree& raw) { Tree t; t.language = Language::python; t.nodes.push_back({}); t.root = 0; t.steps = raw.steps; return t; }
}  // namespace code::syntax
