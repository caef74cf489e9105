// RFC 3339 in UTC, whole seconds, one spelling.
#include <chrono>

#include "hallmark/statement.h"

namespace hallmark {

std::string print_time(Time time) {
  namespace c = std::chrono;
  const c::sys_seconds at{c::seconds(time)};
  const auto day = c::floor<c::days>(at);
  const c::year_month_day date(day);
  const c::hh_mm_ss clock(at - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

base::Result<Time> parse_time(std::string_view text) {
  namespace c = std::chrono;
  const auto wrong = base::fail(base::Trouble::malformed, "'{}' is no time; write 2027-01-31T12:00:00Z or 2027-01-31", base::printable(text));
  constexpr std::string_view form = "0000-00-00T00:00:00Z";
  if (text.size() != 10 && text.size() != form.size()) return wrong;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) return wrong;
  const auto number = [&](std::size_t at, std::size_t size) {
    int out = 0;
    for (std::size_t i = at; i < at + size; ++i) out = out * 10 + (text[i] - '0');
    return out;
  };
  const c::year_month_day date{c::year(number(0, 4)), c::month(static_cast<unsigned>(number(5, 2))), c::day(static_cast<unsigned>(number(8, 2)))};
  if (!date.ok()) return wrong;
  Time out = c::sys_seconds(c::sys_days(date)).time_since_epoch().count();
  if (text.size() == 10) return out;
  if (number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59) return wrong;
  return out + number(11, 2) * 3600 + number(14, 2) * 60 + number(17, 2);
}

}  // namespace hallmark
