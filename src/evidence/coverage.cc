#include "evidence/coverage.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "base/checked.h"

namespace evidence {

std::string_view name_of(Label label) {
  switch (label) {
    case Label::handed_on: return "handed-on";
    case Label::examined: return "examined";
    case Label::structure: return "structure";
    case Label::padding: return "padding";
    case Label::known: return "known";
    case Label::opaque: return "opaque";
    case Label::scanned: return "scanned";
  }
  return "opaque";
}

std::uint64_t Tally::total() const { return std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0}); }
void Tally::add(const Tally& other) {
  for (std::size_t i = 0; i < label_count; ++i) bytes[i] += other.bytes[i];
}

base::Result<std::vector<Claim>> tile(std::vector<Claim> claims, std::uint64_t size, const Claim& rest) {
  std::erase_if(claims, [](const Claim& c) { return c.range.size == 0; });
  for (const auto& c : claims)
    if (!base::fits(c.range.offset, c.range.size, size))
      return base::fail(base::Trouble::bug, "a claim of {} bytes at {} lies outside an artifact of {} bytes", c.range.size, c.range.offset, size);
  std::ranges::sort(claims, {}, [](const Claim& c) { return c.range.offset; });

  // Sweep over the borders; among the claims open between two borders the best one labels the run.
  struct Open {
    Label label;
    std::size_t index;
    auto operator<=>(const Open&) const = default;
  };
  std::vector<std::uint64_t> borders = {0, size};
  for (const auto& c : claims) {
    borders.push_back(c.range.offset);
    borders.push_back(c.range.end());
  }
  std::ranges::sort(borders);
  borders.erase(std::unique(borders.begin(), borders.end()), borders.end());

  std::set<Open> open;
  std::vector<std::pair<std::uint64_t, Open>> ends;
  for (std::size_t i = 0; i < claims.size(); ++i) ends.push_back({claims[i].range.end(), {claims[i].label, i}});
  std::ranges::sort(ends);
  std::vector<Claim> out;
  std::size_t next = 0, next_end = 0;
  for (std::size_t b = 0; b + 1 < borders.size(); ++b) {
    const auto at = borders[b];
    for (; next < claims.size() && claims[next].range.offset == at; ++next) open.insert({claims[next].label, next});
    for (; next_end < ends.size() && ends[next_end].first <= at; ++next_end) open.erase(ends[next_end].second);
    const Claim& best = open.empty() ? rest : claims[open.begin()->index];
    if (!out.empty() && out.back().label == best.label && out.back().why == best.why)
      out.back().range.size += borders[b + 1] - at;
    else
      out.push_back({{at, borders[b + 1] - at}, best.label, best.why});
  }
  return out;
}

base::Result<> check_tiling(const std::vector<Claim>& tiles, std::uint64_t size) {
  std::uint64_t at = 0;
  for (const auto& t : tiles) {
    if (t.range.offset != at || t.range.size == 0 || t.range.size > size - at)
      return base::fail(base::Trouble::bug, "the labels do not tile the artifact at byte {} of {}", at, size);
    at = t.range.end();
  }
  if (at != size) return base::fail(base::Trouble::bug, "the labels end at byte {} of {}", at, size);
  return {};
}

Tally tally(const std::vector<Claim>& tiles) {
  Tally out;
  for (const auto& t : tiles) out.bytes[static_cast<std::size_t>(t.label)] += t.range.size;
  return out;
}

}  // namespace evidence
