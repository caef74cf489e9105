#include "code/syntax/syntax.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  const auto language = static_cast<code::syntax::Language>(bytes[0] % 7);
  const auto tree = code::syntax::parse({reinterpret_cast<const char*>(bytes) + 1, size - 1}, language);
  if (tree)
    for (const auto& node : tree->nodes)
      if (node.range.end() > size - 1) __builtin_trap();
  return 0;
}
