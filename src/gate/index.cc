#include "gate/index.h"

#include "gate/descent.h"

namespace gate {
namespace {

/// Each hallmark once, with a Word of this index' own.
std::vector<Heard> each_once(std::vector<Heard> heard) {
  std::unordered_map<base::Digest, std::size_t> at;
  std::vector<Heard> out;
  for (auto& h : heard) {
    const auto [found, fresh] = at.try_emplace(h.word->id, out.size());
    if (fresh) {
      h.word = std::make_shared<Word>(*h.word);  // flags are set below, and earlier indexes are still read
      h.word->revoked = h.word->superseded = false;
      out.push_back(std::move(h));
    } else if (counts(*h.word) && out[found->second].word->refusal != hallmark::Refusal::none) {
      *out[found->second].word = *h.word;
    }
  }
  return out;
}

/// Of one office's words about one product all but the last are superseded, and so is what a word names.
void mark_superseded(const std::vector<Heard>& all) {
  std::map<std::pair<std::string, base::Digest>, Word*> last;
  std::unordered_map<base::Digest, std::vector<const Word*>> named;
  for (const auto& h : all) {
    if (!counts(*h.word)) continue;
    auto& newest = last[{h.word->office, h.word->product}];
    if (newest) (stands_over(*h.word, *newest) ? newest : h.word.get())->superseded = true;
    if (!newest || stands_over(*h.word, *newest)) newest = h.word.get();
    for (const auto& id : h.supersedes) named[id].push_back(h.word.get());
  }
  for (const auto& h : all)
    if (const auto found = named.find(h.word->id); found != named.end())
      for (const auto* by : found->second) h.word->superseded |= by != h.word.get() && by->office == h.word->office;
}

}  // namespace

Index::Index(std::vector<Heard> heard, const std::vector<Revoked>& revoked, const std::vector<Waived>& waived, const Policy& policy) {
  const auto all = each_once(std::move(heard));
  hallmarks_ = all.size();
  mark_superseded(all);
  std::unordered_map<base::Digest, std::vector<const Revoked*>> by_id;
  for (const auto& r : revoked) by_id[r.hallmark].push_back(&r);
  for (const auto& h : all) {
    auto& word = *h.word;
    if (const auto found = by_id.find(word.id); found != by_id.end())
      for (const auto* r : found->second)
        if (r->office == word.office && !word.revoked) word.revoked = true, word.revoked_because = r->because;
    entries_[word.product].own.push_back(h.word);
    // A file that a refused product holds may well be everybody's: only what passed speaks for its files.
    const bool speaks = word.signed_by_office() && (word.verdict == report::Verdict::pass || word.verdict == report::Verdict::conditional);
    if (word.signed_by_office())
      for (const auto& file : h.inside) (speaks ? entries_[file].inside : entries_[file].refused).push_back(h.word);
  }
  for (const auto& w : waived) answered_[w.product].push_back(w.answered);
  if (policy.updates.need_baseline) tell_descent(all, policy, [this](const base::Digest& product) { return facts_of(product).answered; });
}

Facts Index::facts_of(const base::Digest& product) const {
  Facts out;
  if (const auto found = entries_.find(product); found != entries_.end()) {
    out.own = found->second.own;
    out.inside = found->second.inside;
  }
  if (const auto found = answered_.find(product); found != answered_.end()) out.answered = found->second;
  return out;
}

std::vector<base::Digest> Index::products_holding(std::span<const base::Digest> files) const {
  std::set<const Word*> holding;
  for (bool first = true; const auto& file : files) {
    std::set<const Word*> these;
    if (const auto found = entries_.find(file); found != entries_.end())
      for (const auto* words : {&found->second.own, &found->second.inside, &found->second.refused})
        for (const auto& word : *words)
          if (word->signed_by_office() && word->refusal == hallmark::Refusal::none && (first || holding.contains(word.get()))) these.insert(word.get());
    holding = std::move(these);
    first = false;
  }
  std::set<base::Digest> out;
  for (const auto* word : holding) out.insert(word->product);
  return {out.begin(), out.end()};
}

}  // namespace gate
