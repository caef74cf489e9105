// Kleene's strong logic over capa's statements. An absent feature is `no`; only `not` and upper bounds
// draw conclusions from absence, so only they turn unknown where the scope is incomplete.
#include "judge/evaluate.h"

namespace judge {
namespace {

using Type = Statement::Type;
using evidence::Confidence;

constexpr std::size_t most_hits = 12;  // of one atom, kept as evidence

void take(Answer& into, const Answer& from) {
  into.deciding.insert(into.deciding.end(), from.deciding.begin(), from.deciding.end());
  into.supporting.insert(into.supporting.end(), from.supporting.begin(), from.supporting.end());
}

std::span<const Hit> hits_of(AtomId atom, const Scene& scene) {
  const auto at = scene.hits.find(atom);
  return at == scene.hits.end() ? std::span<const Hit>() : std::span<const Hit>(at->second);
}

/// The strongest hits, in the order of the tree.
void keep_best(std::span<const Hit> hits, Answer& into) {
  auto best = Confidence::low;
  for (const auto& hit : hits)
    if (hit.decided) best = std::max(best, hit.confidence);
  into.confidence = best;
  for (const auto& hit : hits)
    if (hit.decided && hit.confidence == best && into.deciding.size() < most_hits) into.deciding.push_back(hit);
  for (const auto& hit : hits)
    if (hit.decided && hit.confidence != best && into.deciding.size() < most_hits) into.deciding.push_back(hit);
}

Answer ask(const Statement& s, const Scene& scene) {
  Answer out;
  const auto hits = hits_of(s.atom, scene);
  if (std::ranges::any_of(hits, &Hit::decided)) {
    out.value = Tri::yes;
    keep_best(hits, out);
  } else if (!hits.empty() || scene.never_known[s.atom]) {
    out.value = Tri::unknown;
  }
  return out;
}

Answer count(const Statement& s, const Scene& scene) {
  Answer out;
  if (scene.never_known[s.atom]) {
    out.value = Tri::unknown;
    return out;
  }
  const auto hits = hits_of(s.atom, scene);
  const auto n = static_cast<std::uint64_t>(std::ranges::count_if(hits, &Hit::decided));
  const bool more_possible = !scene.complete || n < hits.size();
  if (n > s.most || (n < s.least && !more_possible)) return out;
  if (n < s.least) {
    out.value = n < hits.size() ? Tri::unknown : Tri::no;
    return out;
  }
  out.value = more_possible && s.most != UINT64_MAX ? Tri::unknown : Tri::yes;
  // An upper bound rests on what is not there: the hits that stay below it decide nothing.
  if (out.value == Tri::yes && n && s.most == UINT64_MAX) keep_best(hits, out);
  else if (out.value == Tri::yes && n && s.most == s.least) keep_best(hits, out);
  return out;
}

Answer all(const Statement& s, const Scene& scene) {
  Answer out;
  out.value = Tri::yes;
  for (const auto& child : s.children) {
    auto one = evaluate(child, scene);
    if (one.value == Tri::no) return {};
    out.value = std::min(out.value, one.value);
    out.confidence = std::min(out.confidence, one.confidence);
    take(out, one);
  }
  return out;
}

/// `or` and `N or more`: as sure as the least sure of the N surest.
Answer some(const Statement& s, const Scene& scene, std::uint64_t least) {
  Answer out;
  std::uint64_t yes = 0, unknown = 0;
  std::vector<Answer> true_ones;
  for (const auto& child : s.children) {
    auto one = evaluate(child, scene);
    yes += one.value == Tri::yes;
    unknown += one.value == Tri::unknown;
    if (one.value == Tri::yes) true_ones.push_back(std::move(one));
  }
  out.value = yes >= least ? Tri::yes : yes + unknown >= least ? Tri::unknown : Tri::no;
  if (out.value != Tri::yes) return out;
  std::ranges::stable_sort(true_ones, std::greater(), &Answer::confidence);
  for (std::size_t i = 0; i < true_ones.size(); ++i) {
    if (i + 1 == least) out.confidence = true_ones[i].confidence;
    take(out, true_ones[i]);
  }
  return out;
}

Answer none(const Statement& s, const Scene& scene) {
  Answer out;
  const auto child = evaluate(s.children.at(0), scene).value;
  if (child == Tri::unknown || (child == Tri::no && !scene.complete)) out.value = Tri::unknown;
  else out.value = child == Tri::no ? Tri::yes : Tri::no;
  return out;
}

Answer optional(const Statement& s, const Scene& scene) {
  Answer out;
  out.value = Tri::yes;
  for (const auto& child : s.children) {
    const auto one = evaluate(child, scene);
    if (one.value == Tri::yes) out.supporting.insert(out.supporting.end(), one.deciding.begin(), one.deciding.end());
  }
  return out;
}

using Atoms = std::optional<std::vector<AtomId>>;

Atoms required_of_some(const Statement& s, const std::vector<bool>& never_known, std::uint64_t least) {
  if (least == 0) return std::nullopt;
  // Any N of M need one of any M-N+1; leaving out the N-1 costliest is enough.
  std::vector<std::vector<AtomId>> sets;
  std::uint64_t free = 0;
  for (const auto& child : s.children) {
    auto one = required(child, never_known);
    if (one) sets.push_back(std::move(*one));
    else ++free;
  }
  if (free >= least) return std::nullopt;
  std::vector<AtomId> out;
  for (const auto& set : sets) out.insert(out.end(), set.begin(), set.end());
  return out;
}

}  // namespace

Answer evaluate(const Statement& s, const Scene& scene) {
  switch (s.type) {
    case Type::all: return all(s, scene);
    case Type::any: return some(s, scene, 1);
    case Type::some: return some(s, scene, s.least);
    case Type::none: return none(s, scene);
    case Type::optional: return optional(s, scene);
    case Type::count: return count(s, scene);
    case Type::atom: return ask(s, scene);
  }
  return {};
}

Atoms required(const Statement& s, const std::vector<bool>& never_known) {
  switch (s.type) {
    case Type::atom:
      if (never_known[s.atom]) return std::nullopt;
      return std::vector{s.atom};
    case Type::count:
      if (never_known[s.atom] || s.least == 0) return std::nullopt;
      return std::vector{s.atom};
    case Type::all: {
      Atoms best;
      for (const auto& child : s.children)
        if (auto one = required(child, never_known); one && (!best || one->size() < best->size())) best = std::move(one);
      return best;
    }
    case Type::any: return required_of_some(s, never_known, 1);
    case Type::some: return required_of_some(s, never_known, s.least);
    case Type::none:
    case Type::optional: return std::nullopt;
  }
  return std::nullopt;
}

void atoms_of(const Statement& s, std::vector<AtomId>& out) {
  if (s.type == Type::atom || s.type == Type::count) out.push_back(s.atom);
  for (const auto& child : s.children) atoms_of(child, out);
}

}  // namespace judge
