// Two excerpts side by side, with what differs marked: words of text, or bytes of a dump. Inside render.
#pragma once

#include <string>
#include <vector>

#include "evidence/item.h"

namespace render::page {

/// A run of one excerpt: [from, to) in bytes, and whether the other excerpt has it too.
struct Run {
  std::size_t from = 0, to = 0;
  bool same = true;
};

struct Runs {
  std::vector<Run> before, now;
};

/// What is the same in both: the longest common sequence of words (of bytes, where `words` is false), as runs that tile
/// each. Excerpts are short (evidence::most_excerpt); of what is longer only the beginning is looked at, the rest counts as different.
Runs common_runs(std::string_view before, std::string_view now, bool words);

/// Markup of one side; of both, where there are two: parts that the other has not stand in <del> (left) and <ins> (right).
std::string side(const evidence::Item& item);
std::pair<std::string, std::string> sides(const evidence::Item& before, const evidence::Item& now);

}  // namespace render::page
