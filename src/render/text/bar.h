// Shares of labels as a row of characters: the same marks wherever a terminal shows coverage.
#pragma once

#include <string>
#include <string_view>

#include "evidence/coverage.h"

namespace render {

std::string_view mark_of(evidence::Label label);

/// `width` cells by largest remainder, and at least one cell for a label that has any byte (width is
/// at least the number of labels). Blanks where the tally is empty. Handed-on bytes don't count.
std::string bar(const evidence::Tally& tally, std::size_t width);

}  // namespace render
