#include "hallmark/course.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "hallmark/seal.h"

namespace hallmark {
namespace {

constexpr Time six_months = 184 * 86'400;   // the longest six months of a calendar

/// Names are one where a person would take them for one.
std::string folded(std::string_view name) {
  std::string out;
  for (const char c : name)
    if (c != ' ' && c != '\t') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// Gathers one course.
class Reading {
 public:
  Reading(const Seen& verdict, const VerdictStatement& said, std::span<const Seen> others, Time now) : verdict_(verdict), said_(said), others_(others), now_(now) {}

  Course all() {
    add(Step::struck, said_.issued, verdict_, fmt::format("{} of {} {} by {}, holds until {}", report::name_of(said_.verdict), said_.product.name, said_.product.version, said_.office, print_time(said_.expires)));
    for (const auto& seen : others_)
      std::visit([&](const auto& p) { take(seen, p); }, seen.statement.predicate);
    // Decisions last: they speak of appeals, wherever those stand among the statements.
    for (const auto& seen : others_)
      if (const auto* d = std::get_if<AppealDecision>(&seen.statement.predicate)) decide(seen, *d);
    out_.pending = std::ranges::any_of(appeals_, [&](const auto& a) { return !decided_.contains(a); });
    if (now_ >= said_.expires) {
      out_.events.push_back({Step::expired, said_.expires, {}, {}, {}, "the time that it was given for is over"});
      out_.stands = false;
    }
    order();
    return std::move(out_);
  }

 private:
  void add(Step step, Time when, const Seen& seen, std::string text) { out_.events.push_back({step, when, seen.index, seen.id, seen.by, std::move(text)}); }
  void object(const Seen& seen, std::string_view what, std::string_view why) { out_.objections.push_back(fmt::format("{} {} does not count: {}", what, seen.id.brief(), why)); }

  bool counts(const Seen& seen, std::string_view what, const std::string& office, Time issued) {
    const char* why = !seen.of_office                     ? "its key is none of the office's"
                      : office != said_.office            ? "it is by another office"
                      : !about_product(seen)              ? "it is about another product"
                      : issued > now_ + 300               ? "it is dated in the time to come"
                                                          : nullptr;
    if (why) object(seen, what, why);
    return !why;
  }
  bool about_product(const Seen& seen) const { return !seen.statement.subjects.empty() && seen.statement.subjects[0].digest.hex() == said_.product.digest; }

  void take(const Seen& seen, const VerdictStatement& v) {
    if (seen.id == verdict_.id || std::ranges::find(v.supersedes, verdict_.id.hex()) == v.supersedes.end()) return;
    if (!counts(seen, "the superseding hallmark", v.office, v.issued)) return;
    add(Step::superseded, v.issued, seen, fmt::format("by {} ({})", seen.id.hex().substr(0, 16), report::name_of(v.verdict)));
    out_.stands = false;
  }
  void take(const Seen& seen, const Revocation& r) {
    if (r.hallmark != verdict_.id || !counts(seen, "the revocation", r.office, r.issued)) return;
    add(Step::revoked, r.issued, seen, r.reason);
    out_.stands = false;
  }
  void take(const Seen& seen, const Reasons& r) {
    if (r.hallmark != verdict_.id || !counts(seen, "the statement of reasons", r.office, r.issued)) return;
    const auto number = fmt::format("{} ground{}", r.grounds.size(), r.grounds.size() == 1 ? "" : "s");
    if (!r.sealed) return add(Step::reasons_given, r.issued, seen, fmt::format("{}; to be mended by {}", number, print_time(r.deadline)));
    if (r.grounds.empty()) return add(Step::reasons_sealed, r.issued, seen, fmt::format("to be opened on {}", print_time(r.deadline)));
    const Reasons* before = nullptr;
    for (const auto& other : others_)
      if (const auto* s = std::get_if<Reasons>(&other.statement.predicate); s && other.of_office && s->hallmark == r.hallmark && s->grounds.empty() && s->sealed == r.sealed) before = s;
    if (const auto held = check_opened(r, before); !held) return object(seen, "the opening of the reasons", held.error().what);
    if (!before) return object(seen, "the opening of the reasons", "the sealed statement that it opens is not there");
    add(Step::reasons_opened, r.issued, seen, fmt::format("{}, as they were sealed", number));
  }
  void take(const Seen& seen, const Appeal& a) {
    if (a.hallmark != verdict_.id) return;
    if (!about_product(seen)) return object(seen, "the appeal", "it is about another product");
    appeals_.insert(seen.id);
    add(Step::appealed, a.issued, seen, fmt::format("by {}: {}", a.appellant, a.grounds));
  }
  void take(const Seen&, const AppealDecision&) {}
  void take(const Seen&, const WaiverStatement&) {}
  void take(const Seen&, const BreakGlass&) {}

  void decide(const Seen& seen, const AppealDecision& d) {
    if (d.hallmark != verdict_.id || !counts(seen, "the decision", d.office, d.issued)) return;
    if (const auto why = partial(verdict_, seen.by, d.examiner); !why.empty()) return object(seen, "the decision", why);
    if (!appeals_.contains(d.appeal)) return object(seen, "the decision", "the appeal that it decides is not there");
    if (!decided_.insert(d.appeal).second) return object(seen, "the decision", "the appeal was decided before");
    add(d.overturned ? Step::overturned : Step::upheld, d.issued, seen, fmt::format("by {}: {}", d.examiner, d.reason));
    if (d.overturned) out_.stands = false;
  }

  // Dates are what signers say; the log's order is what happened. Logged events take their places among the
  // dates in the order of the log.
  void order() {
    std::ranges::stable_sort(out_.events, {}, &Event::when);
    std::vector<Event> logged;
    for (const auto& e : out_.events)
      if (e.index) logged.push_back(e);
    std::ranges::stable_sort(logged, {}, &Event::index);
    std::size_t next = 0;
    for (auto& e : out_.events)
      if (e.index) e = logged[next++];
  }

  const Seen& verdict_;
  const VerdictStatement& said_;
  std::span<const Seen> others_;
  Time now_;
  Course out_;
  std::set<base::Digest> appeals_, decided_;
};

}  // namespace

std::string_view name_of(Step step) {
  static constexpr std::string_view names[] = {"struck", "reasons-sealed", "reasons-given", "reasons-opened", "appealed", "upheld", "overturned", "superseded", "revoked", "expired"};
  return names[static_cast<std::size_t>(step)];
}

std::string partial(const Seen& verdict, const base::Digest& key, std::string_view examiner) {
  if (key == verdict.by) return "the key is the one that signed the first verdict";
  const auto* said = std::get_if<VerdictStatement>(&verdict.statement.predicate);
  if (said && !said->examiner.empty() && folded(said->examiner) == folded(examiner)) return fmt::format("{} examined the product the first time", said->examiner);
  return {};
}

Time appeal_until(const VerdictStatement& verdict) { return std::max(verdict.expires, verdict.issued + six_months); }

base::Result<Course> course_of(const Seen& verdict, std::span<const Seen> others, Time now) {
  const auto* said = std::get_if<VerdictStatement>(&verdict.statement.predicate);
  if (!said) return base::fail(base::Trouble::usage, "the statement is no verdict");
  std::vector<Seen> once;   // the same statement from two places, as a file and from the log, is one
  for (const auto& seen : others) {
    const auto at = std::ranges::find_if(once, [&](const Seen& s) { return s.id == seen.id && s.by == seen.by; });
    if (at == once.end()) once.push_back(seen);
    else if (!at->index) at->index = seen.index;
  }
  auto first = verdict;
  for (const auto& seen : once)
    if (seen.id == first.id && seen.index && !first.index) first.index = seen.index;
  // Of two that contradict each other the one that was logged first counts; logged ones before others.
  std::ranges::stable_sort(once, {}, [](const Seen& s) {
    return std::tuple(!s.index, s.index.value_or(0), std::visit([](const auto& p) { return p.issued; }, s.statement.predicate));
  });
  return Reading(first, *said, once, now).all();
}

}  // namespace hallmark
