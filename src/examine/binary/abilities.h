// What linked functions and telling strings make a program able to do. Data, in abilities.cc; an
// ability is a fact about what is there, never that it is used.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/item.h"

namespace examine::binary_part {

struct Ability {
  std::string_view pattern;  ///< a function name, or one ending with '*' for a prefix; for strings: a byte sequence
  evidence::Facet facet;
  std::string_view word;
  evidence::Confidence confidence;
};

/// Linked functions, sorted by pattern. Names are as normalised() writes them.
std::span<const Ability> function_abilities();
/// Byte sequences that name private things or mechanisms, in program data.
std::span<const Ability> string_abilities();

/// A symbol's plain name: without Mach-O's underscore, glibc's __isoc99_ and __*_chk, Windows'
/// A and W endings are left (the table names both forms by the plain one; see abilities_of).
std::string normalised(std::string_view name);

/// The abilities of one linked function; the pointers live as long as the program.
std::vector<const Ability*> abilities_of(std::string_view name);

}  // namespace examine::binary_part
