#include "gate/npm/semver.h"

#include <algorithm>

namespace gate {
namespace {

bool is_number(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == text.npos; }

std::strong_ordering by_number(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

std::optional<std::string> number(std::string_view text) {
  if (!is_number(text) || text.size() > 64) return std::nullopt;
  const auto first = std::min(text.find_first_not_of('0'), text.size() - 1);
  return std::string(text.substr(first));
}

std::strong_ordering by_part(const std::string& a, const std::string& b) {
  const bool na = is_number(a), nb = is_number(b);
  if (na && nb) return by_number(number(a).value_or(a), number(b).value_or(b));
  if (na != nb) return na ? std::strong_ordering::less : std::strong_ordering::greater;
  return a.compare(b) <=> 0;
}

std::string_view cut(std::string_view& text, char mark) {
  const auto end = text.find(mark);
  const auto out = text.substr(0, end);
  text = end == text.npos ? std::string_view{} : text.substr(end + 1);
  return out;
}

}  // namespace

std::optional<Semver> Semver::parse(std::string_view text) {
  if (text.size() > 256) return std::nullopt;
  if (text.starts_with('v') || text.starts_with('=')) text.remove_prefix(1);
  text = text.substr(0, text.find('+'));
  const auto dash = text.find('-');
  auto core = text.substr(0, dash);
  if (std::ranges::count(core, '.') != 2) return std::nullopt;
  const auto major = number(cut(core, '.')), minor = number(cut(core, '.')), patch = number(core);
  if (!major || !minor || !patch) return std::nullopt;
  Semver out{*major, *minor, *patch, {}};
  if (dash == text.npos) return out;
  auto rest = text.substr(dash + 1);
  for (;;) {
    const bool last = rest.find('.') == rest.npos;
    const auto part = cut(rest, '.');
    if (part.empty() || part.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") != part.npos) return std::nullopt;
    out.prerelease.emplace_back(part);
    if (last) return out;
  }
}

std::strong_ordering operator<=>(const Semver& a, const Semver& b) {
  if (const auto c = by_number(a.major, b.major); c != 0) return c;
  if (const auto c = by_number(a.minor, b.minor); c != 0) return c;
  if (const auto c = by_number(a.patch, b.patch); c != 0) return c;
  if (a.prerelease.empty() != b.prerelease.empty()) return a.prerelease.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
  for (std::size_t i = 0; i < std::min(a.prerelease.size(), b.prerelease.size()); ++i)
    if (const auto c = by_part(a.prerelease[i], b.prerelease[i]); c != 0) return c;
  return a.prerelease.size() <=> b.prerelease.size();
}

}  // namespace gate
