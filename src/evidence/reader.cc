#include "evidence/reader.h"

#include <algorithm>

namespace evidence {

std::vector<base::Range> remaining(const std::vector<Claim>& claims, std::uint64_t size) {
  std::vector<base::Range> taken, out;
  for (const auto& c : claims)
    if (c.range.size && (c.label == Label::handed_on || c.label == Label::padding)) taken.push_back(c.range);
  std::ranges::sort(taken, {}, &base::Range::offset);
  std::uint64_t at = 0;
  for (const auto& t : taken) {
    if (t.offset > at) out.push_back({at, t.offset - at});
    at = std::max(at, t.end());
  }
  if (at < size) out.push_back({at, size - at});
  return out;
}

bool reads(const Card& card, std::string_view kind) {
  for (const auto k : card.kinds) {
    if (k == "*" || k == kind) return true;
    if (k.ends_with("/*") && kind.starts_with(k.substr(0, k.size() - 1))) return true;
  }
  return false;
}

}  // namespace evidence
