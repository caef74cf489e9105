#include "render/text/bar.h"

#include <algorithm>
#include <array>

namespace render {

using evidence::Label;

std::string_view mark_of(Label label) {
  switch (label) {
    case Label::examined: return "█";
    case Label::structure: return "▓";
    case Label::padding: return "·";
    case Label::known: return "=";
    case Label::scanned: return "▒";
    case Label::opaque: return "░";
    case Label::handed_on: return "→";
  }
  return "?";
}

std::string bar(const evidence::Tally& tally, std::size_t width) {
  static constexpr std::array order = {Label::examined, Label::structure, Label::padding, Label::known, Label::scanned, Label::opaque};
  const auto whole = tally.total() - tally.of(Label::handed_on);
  if (whole == 0) return std::string(width, ' ');
  std::array<std::size_t, order.size()> cells{};
  std::size_t sum = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto bytes = tally.of(order[i]);
    const auto exact = static_cast<double>(bytes) / static_cast<double>(whole) * static_cast<double>(width);
    cells[i] = bytes ? std::max<std::size_t>(1, static_cast<std::size_t>(exact)) : 0;
    sum += cells[i];
  }
  auto& biggest = *std::ranges::max_element(cells);
  biggest = sum > width ? biggest - (sum - width) : biggest + (width - sum);
  std::string out;
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t c = 0; c < cells[i]; ++c) out += mark_of(order[i]);
  return out;
}

}  // namespace render
