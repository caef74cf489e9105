#include "report/report.h"

#include <array>

namespace report {
namespace {

constexpr std::array<std::string_view, 4> verdicts = {"pass", "conditional", "fail", "inconclusive"};
constexpr std::array<std::string_view, 5> severities = {"info", "low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 3> effects = {"disclose", "conditional", "fail"};
constexpr std::array<std::string_view, 3> standings = {"undeclared", "declared", "not-declarable"};
constexpr std::array<std::string_view, 3> line_states = {"confirmed", "contradicted", "unobserved"};
constexpr std::array<std::string_view, 7> fates = {"renamed", "changed", "similar", "split", "merged", "gained", "lost"};
constexpr std::array<std::string_view, 6> turns = {"gained", "lost", "moved", "changed", "more", "fewer"};
constexpr std::array<std::string_view, 4> news = {"", "new", "changed", "unchanged"};

template <class E, std::size_t N>
std::optional<E> from(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<E>(i);
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Verdict v) { return verdicts[static_cast<std::size_t>(v)]; }
std::string_view name_of(Severity s) { return severities[static_cast<std::size_t>(s)]; }
std::string_view name_of(Effect e) { return effects[static_cast<std::size_t>(e)]; }
std::string_view name_of(Standing s) { return standings[static_cast<std::size_t>(s)]; }
std::string_view name_of(LineState s) { return line_states[static_cast<std::size_t>(s)]; }
std::string_view name_of(Fate f) { return fates[static_cast<std::size_t>(f)]; }
std::string_view name_of(Turn t) { return turns[static_cast<std::size_t>(t)]; }
std::string_view name_of(News n) { return news[static_cast<std::size_t>(n)]; }
std::optional<Fate> fate_from(std::string_view n) { return from<Fate>(fates, n); }
std::optional<Turn> turn_from(std::string_view n) { return from<Turn>(turns, n); }
std::optional<News> news_from(std::string_view n) { return n.empty() ? std::nullopt : from<News>(news, n); }
std::optional<Verdict> verdict_from(std::string_view n) { return from<Verdict>(verdicts, n); }
std::optional<Severity> severity_from(std::string_view n) { return from<Severity>(severities, n); }
std::optional<Effect> effect_from(std::string_view n) { return from<Effect>(effects, n); }
std::optional<Standing> standing_from(std::string_view n) { return from<Standing>(standings, n); }

}  // namespace report
