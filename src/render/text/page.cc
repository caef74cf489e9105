#include "render/text/page.h"

#include <algorithm>

#include <fmt/format.h>

#include "render/columns.h"

namespace render {

Ink ink_of(report::Verdict verdict) {
  switch (verdict) {
    case report::Verdict::pass: return Ink::green;
    case report::Verdict::conditional: return Ink::yellow;
    case report::Verdict::fail: return Ink::red;
    case report::Verdict::inconclusive: return Ink::blue;
  }
  return Ink::plain;
}

Ink ink_of(report::Effect effect) {
  return effect == report::Effect::fail ? Ink::red : effect == report::Effect::conditional ? Ink::yellow : Ink::plain;
}

Page::Page(const Options& options) : width_(std::clamp<std::size_t>(options.width, 40, 400)), colour_(options.colour) {}

std::string Page::ink(Ink ink, std::string_view text) const {
  static constexpr std::string_view codes[] = {"", "1", "2", "1;31", "1;33", "1;32", "1;34"};
  if (!colour_ || ink == Ink::plain || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<int>(ink)], text);
}

void Page::heading(std::string_view text) {
  blank();
  for (const auto& part : wrap(text, width_)) line(ink(Ink::bold, part));
}

void Page::frame(Ink colour, const std::vector<std::pair<std::string, Ink>>& rows) {
  const auto inner = width_ - 4;
  std::string bar;
  for (std::size_t i = 0; i < inner + 2; ++i) bar += "─";
  line(ink(colour, "┌" + bar + "┐"));
  for (const auto& [text, row_ink] : rows)
    for (const auto& part : wrap(text, inner)) line(fmt::format("{0} {1} {0}", ink(colour, "│"), ink(row_ink, padded(part, inner))));
  line(ink(colour, "└" + bar + "┘"));
}

void Page::field(std::size_t indent, std::string_view label, std::size_t label_width, std::string_view text, Ink colour, std::size_t most) {
  auto lines = wrap(text, width_ - indent - label_width);
  if (lines.size() > most) {
    lines.resize(most);
    lines.back() = shorten(lines.back(), width_ - indent - label_width - 2) + " …";
  }
  if (lines.empty()) lines.emplace_back();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto head = std::string(indent, ' ') + (i ? std::string(label_width, ' ') : ink(Ink::dim, padded(label, label_width)));
    if (lines[i].empty()) head.erase(head.find_last_not_of(' ') + 1);
    line(head + ink(colour, lines[i]));
  }
}

}  // namespace render
