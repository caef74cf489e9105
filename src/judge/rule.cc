// Names of scopes and kinds, and the identity of atoms.
#include "judge/rule.h"

#include <array>

namespace judge {
namespace {

constexpr std::array<std::string_view, 8> reaches = {"instruction", "basic block", "function", "file", "step", "package", "product", "unsupported"};
constexpr std::array<std::string_view, 17> own = {"api", "bytes", "number", "offset", "mnemonic", "operand.number", "operand.offset",
                                                  "characteristic", "basic blocks", "class", "namespace", ".net property", "com",
                                                  "os", "arch", "format", "match"};

}  // namespace

std::string_view name_of(Reach reach) { return reaches[static_cast<std::size_t>(reach)]; }

std::optional<Reach> reach_from(std::string_view name) {
  for (std::size_t i = 0; i < reaches.size(); ++i)
    if (reaches[i] == name) return static_cast<Reach>(i);
  // The scopes of running programs: https://github.com/mandiant/capa-rules/blob/master/doc/format.md#scopes
  for (const auto dynamic : {"call", "span of calls", "thread", "process", "unspecified"})
    if (name == dynamic) return Reach::none;
  return std::nullopt;
}

std::string name_of(Kind kind) {
  if (is_facet(kind)) return std::string(evidence::name_of(static_cast<evidence::Facet>(kind)));
  return std::string(own[static_cast<std::size_t>(kind) - static_cast<std::size_t>(Kind::first_own)]);
}

std::string Atom::key() const {
  std::string out = fmt::format("{}|{}|{}|{}|{}{}|{}|{}", static_cast<int>(kind), word, static_cast<int>(form), text, caseless, dot_all,
                                static_cast<int>(least), origin);
  for (const auto& [name, value] : attributes) out += "|" + name + "=" + value;
  for (const auto& [name, value] : without) out += "|!" + name + "=" + value;
  return out;
}

}  // namespace judge
