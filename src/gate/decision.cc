// The decision. Order: an opening by hand; what makes every answer void (clock, store, logs); then the
// offices' words, one for each office; then how many of them say pass.
#include "gate/decision.h"

#include <algorithm>

#include "gate/facts.h"
#include "report/wording.h"

namespace gate {
namespace {

using hallmark::Refusal;
using hallmark::print_time;
using report::Verdict;

/// What one office's word comes to.
struct Standing {
  Why why = Why::unknown;
  const Word* word = nullptr;
  std::string missing;             ///< of a conditional: the first condition that nobody answered
  bool allows() const { return why == Why::passed || why == Why::condition_met; }
};

/// The most telling first: what a person is told when nothing allows.
int weight(Why why) {
  constexpr Why order[] = {Why::passed, Why::condition_met, Why::failed, Why::revoked, Why::conditional, Why::no_baseline, Why::first_version, Why::inconclusive, Why::expired, Why::superseded, Why::bad_hallmark};
  return static_cast<int>(std::ranges::find(order, why) - std::begin(order));
}

/// `now`: none asks whether it ever was.
bool is_answered(const std::string& finding, const Word& word, const Policy& policy, std::span<const Answered> answered, std::optional<Time> now) {
  if (policy.conditions_met.contains(finding)) return true;
  return std::ranges::any_of(answered, [&](const Answered& a) {
    const bool lasts = !now || (a.issued <= *now + clock_skew && *now < a.expires);
    return a.finding == finding && policy.waiver_offices.contains(a.office) && lasts && a.approver != word.maker;
  });
}

/// A condition without a finding (coverage, say) can be answered by nobody: it needs a new vetting.
bool has_unanswerable(const Word& word) { return word.condition_findings.empty() || word.condition_findings.size() < word.conditions.size(); }

Standing weigh_conditions(const Word& word, const Policy& policy, const Facts& facts, Time now) {
  if (has_unanswerable(word))
    return {Why::conditional, &word, word.conditions.empty() ? "a human look" : word.conditions.front()};
  for (std::size_t i = 0; i < word.condition_findings.size(); ++i)
    if (!is_answered(word.condition_findings[i], word, policy, facts.answered, now))
      return {Why::conditional, &word, fmt::format("{} (finding {})", i < word.conditions.size() ? word.conditions[i] : "a human look", word.condition_findings[i])};
  return {Why::condition_met, &word, {}};
}

Standing weigh(const Word& word, const Policy& policy, const Facts& facts, Time now) {
  if (word.revoked) return {Why::revoked, &word, {}};
  if (word.superseded) return {Why::superseded, &word, {}};
  if (!counts(word) || word.issued > now + clock_skew) return {Why::bad_hallmark, &word, {}};
  if (word.verdict == Verdict::fail) return {Why::failed, &word, {}};  // a refusal outlives its term: nobody said pass since
  const auto most_age = policy.trust.most_age;
  if (now >= word.expires || (most_age > 0 && now - word.issued > most_age)) return {Why::expired, &word, {}};
  if (word.verdict == Verdict::inconclusive) return {Why::inconclusive, &word, {}};
  auto out = word.verdict == Verdict::conditional ? weigh_conditions(word, policy, facts, now) : Standing{Why::passed, &word, {}};
  if (out.allows() && word.descent != Descent::enough) out.why = word.descent == Descent::first ? Why::first_version : Why::no_baseline;
  return out;
}

/// The newest word of one office about the product itself, else the best about products that hold it.
Standing of_office(const std::string& office, const Policy& policy, const Facts& facts, Time now) {
  std::optional<Standing> found;
  const Word* newest = nullptr;
  for (const auto& word : facts.own) {
    if (word->office != office || (newest && counts(*newest) && !counts(*word))) continue;
    const bool better = !newest || (counts(*word) && !counts(*newest)) || (newest->superseded && !word->superseded) ||
                        (newest->superseded == word->superseded && stands_over(*word, *newest));
    if (better) newest = word.get();
  }
  if (newest) return weigh(*newest, policy, facts, now);
  for (const auto& word : facts.inside) {
    if (word->office != office) continue;
    auto one = weigh(*word, policy, facts, now);
    if (!found || weight(one.why) < weight(found->why)) found = std::move(one);
  }
  return found.value_or(Standing{});
}

std::string called(const Word& word, const base::Digest& product) {
  const auto name = word.name.empty() ? std::string("this product") : word.name;
  return fmt::format("{} ({})", name, product.brief());
}

/// What an update lacks, and what would do.
std::string in_words(const Word& word) {
  const auto such = word.known_version.empty() ? std::string() : fmt::format(", such as {}", word.known_version);
  if (word.baseline == base::Digest{}) return fmt::format("it was not vetted against a version that this gate knows{0}: have it vetted with --baseline and {1}", such, such.empty() ? "a version that was let in" : "that version");
  return fmt::format("it was vetted against {} ({}), a version that this gate does not know: have it vetted with --baseline and one that it knows{}",
                     word.baseline_name.empty() ? "another version" : word.baseline_name, word.baseline.brief(), such);
}

std::string in_words(const Standing& s, const base::Digest& product, bool wait) {
  const std::string what = s.word ? called(*s.word, product) : fmt::format("This product ({})", product.brief());
  const std::string office = s.word && s.word->signed_by_office() ? s.word->office : "an office that this gate does not know";
  switch (s.why) {
    case Why::passed: return fmt::format("{} passed at {} on {}", what, office, print_time(s.word->issued).substr(0, 10));
    case Why::condition_met: return fmt::format("{} passed under conditions at {}, and each is answered", what, office);
    case Why::failed: return fmt::format("{} was refused by {} on {}: its maker can read the reasons there and appeal", what, office, print_time(s.word->issued).substr(0, 10));
    case Why::conditional: return fmt::format("{} may enter only under conditions of {}, and one is not answered: {}", what, office, s.missing);
    case Why::no_baseline: return fmt::format("{} passed at {}, but {}", what, office, in_words(*s.word));
    case Why::first_version: return fmt::format("{} passed at {}, but it is a first version, with none before it that this gate knows: whoever answers for the gate has to look at it and name its digest under 'updates: known'", what, office);
    case Why::inconclusive: return fmt::format("The vetting of {} at {} could not finish, so nothing is known in its favour: have it vetted again", what, office);
    case Why::expired: return fmt::format("The hallmark of {} by {} no longer holds (struck {}, expires {}): have it vetted again", what, office, print_time(s.word->issued).substr(0, 10), print_time(s.word->expires).substr(0, 10));
    case Why::revoked: return fmt::format("The hallmark of {} was revoked by {}{}{}", what, office, s.word->revoked_because.empty() ? "" : ": ", s.word->revoked_because);
    case Why::superseded: return fmt::format("The hallmark of {} by {} was superseded by a newer one that does not let it in", what, office);
    case Why::bad_hallmark:
      if (s.word->refusal == Refusal::none) return fmt::format("The hallmark of {} by {} is dated {}, which is still to come: check the clock", what, office, print_time(s.word->issued));
      return fmt::format("There is a hallmark of {}, but it does not hold: {}", what, s.word->refused_because);
    case Why::pending: return fmt::format("{} is being vetted: try again later", what);
    default: return fmt::format("{} carries no hallmark that this gate knows: {}", what, wait ? "it is to be vetted first" : "have it vetted first");
  }
}

Decision answer_of(const Standing& s, const Policy& policy, const base::Digest& product) {
  Decision out;
  out.why = s.why;
  const bool may_wait = policy.wait_for_unknown && (s.why == Why::unknown || s.why == Why::pending);
  out.answer = s.allows() ? Answer::allow : may_wait ? Answer::wait : Answer::deny;
  out.sentence = report::sentence(in_words(s, product, may_wait));
  if (s.word) out.hallmark = s.word->id;
  if (s.word && !policy.link_base.empty()) out.link = policy.link_base + s.word->id.hex();
  return out;
}

/// What makes every answer void, the worst first.
std::optional<Decision> void_for_all(const Surroundings& around, Time now) {
  const auto deny = [](Why why, const std::string& text) { return Decision{Answer::deny, why, report::sentence(text), {}, {}}; };
  if (now + clock_skew < around.newest_seen)
    return deny(Why::stale_log, fmt::format("The clock of this gate shows {}, but it has seen {} before: nothing can be said about age until the clock is right", print_time(now), print_time(around.newest_seen)));
  for (const auto& log : around.logs)
    if (log.rolled_back)
      return deny(Why::rolled_back_log, fmt::format("The log {} no longer shows the tree that this gate has seen: nothing it says counts until its operator has explained that ({})", log.origin, log.trouble));
  if (!around.store_trouble.empty()) return deny(Why::unreachable, fmt::format("The hallmarks can't be read: {}", around.store_trouble));
  for (const auto& log : around.logs) {
    if (log.fresh == 0) return deny(Why::unreachable, fmt::format("The log {} has never been read: {}", log.origin, log.trouble.empty() ? "it is still to be asked" : log.trouble));
    if (log.withheld > 0)
      return deny(Why::incomplete_log, fmt::format("The log {} keeps back {} of a trusted office, {} could be {}: its operator must hand {} out", log.origin,
                                                   log.withheld == 1 ? "a statement" : fmt::format("{} statements", log.withheld), log.withheld == 1 ? "which" : "each of which",
                                                   log.withheld == 1 ? "a revocation" : "revocations", log.withheld == 1 ? "it" : "them"));
    if (log.most_age > 0 && now - log.fresh > log.most_age)
      return deny(Why::stale_log, fmt::format("The newest sign of life of the log {} is from {}, older than this gate accepts: {}", log.origin, print_time(log.fresh), log.trouble.empty() ? "its witnesses are silent" : log.trouble));
  }
  return std::nullopt;
}

/// Each trusted office's standing, in the order of the policy.
std::vector<Standing> all_standings(const Policy& policy, const Facts& facts, Time now) {
  std::vector<Standing> out;
  for (const auto& office : policy.trust.offices) {
    auto standing = of_office(office.name, policy, facts, now);
    if (standing.why != Why::unknown) out.push_back(std::move(standing));
  }
  return out;
}

Decision by_words(const Policy& policy, const Facts& facts, const base::Digest& product, Time now) {
  const auto standings = all_standings(policy, facts, now);
  const Standing* best = nullptr;   // of those that allow: a pass before a condition
  const Standing* worst = nullptr;  // of those that don't
  unsigned yes = 0, passes = 0;
  for (const auto& s : standings) {
    const bool in_quorum = policy.quorum_of.empty() || std::ranges::find(policy.quorum_of, s.word->office) != policy.quorum_of.end();
    if (s.allows() && in_quorum) {
      ++yes;
      passes += s.why == Why::passed;
      if (!best || weight(s.why) < weight(best->why)) best = &s;
    } else if (!s.allows() && (!worst || weight(s.why) < weight(worst->why))) {
      worst = &s;
    }
  }
  const bool vetoed = policy.veto && worst && (worst->why == Why::failed || worst->why == Why::revoked);
  if (yes >= policy.quorum && !vetoed) {
    auto chosen = *best;
    if (passes < policy.quorum) chosen.why = Why::condition_met;
    return answer_of(chosen, policy, product);
  }
  if (yes > 0 && !vetoed) {
    Standing few = *best;
    few.why = Why::too_few_offices;
    auto out = answer_of(few, policy, product);
    out.sentence = report::sentence(fmt::format("{} passed at {} of the {} offices that this gate asks for{}{}", called(*best->word, product), yes, policy.quorum, worst ? "; " : "", worst ? in_words(*worst, product, false) : ""));
    return out;
  }
  if (worst) return answer_of(*worst, policy, product);
  for (const auto& words : {facts.own, facts.inside})
    if (!words.empty()) return answer_of({Why::bad_hallmark, words.front().get(), {}}, policy, product);
  return answer_of({facts.pending ? Why::pending : Why::unknown, nullptr, {}}, policy, product);
}

}  // namespace

bool counts(const Word& word) {
  if (!word.signed_by_office()) return false;
  if (word.refusal == Refusal::none) return true;
  const bool unproved = word.refusal == Refusal::not_logged || word.refusal == Refusal::bad_proof || word.refusal == Refusal::few_witnesses;
  return unproved && word.verdict == Verdict::fail;
}

bool conditions_were_met(const Word& word, const Policy& policy, std::span<const Answered> answered) {
  return !has_unanswerable(word) && std::ranges::all_of(word.condition_findings, [&](const auto& finding) { return is_answered(finding, word, policy, answered, std::nullopt); });
}

bool stands_over(const Word& a, const Word& b) {
  const auto grave = [](const Word& w) {
    constexpr Verdict order[] = {Verdict::pass, Verdict::conditional, Verdict::inconclusive, Verdict::fail};
    return std::ranges::find(order, w.verdict) - std::begin(order);
  };
  return std::tuple(a.issued, grave(a), a.id) > std::tuple(b.issued, grave(b), b.id);
}

Decision decide(const Policy& policy, const Surroundings& around, const Facts& facts, const base::Digest& product, Time now) {
  auto closed = void_for_all(around, now);
  auto out = closed ? std::move(*closed) : by_words(policy, facts, product, now);
  if (out.answer == Answer::allow) return out;
  for (const auto& opening : around.openings) {
    if (now < opening.issued || now >= opening.expires) continue;
    if (!opening.products.empty() && !opening.products.contains(product)) continue;
    auto sentence = report::sentence(fmt::format("Let in by hand until {} on the word of {} ({}); without that: {}", print_time(opening.expires), opening.approver, opening.reason, out.sentence));
    return {Answer::allow, Why::break_glass, std::move(sentence), out.link, opening.id};
  }
  return out;
}

}  // namespace gate
