#include "gate/descent.h"

#include <algorithm>
#include <unordered_set>

namespace gate {
namespace {

using report::Verdict;

/// As PyPI compares names (PEP 503) where `python`; else in lower case alone: npm has a lodash.merge and a lodash-merge.
void fold_into(std::string& out, std::string_view text, bool python) {
  for (const char c : text) {
    const bool between = python && (c == '-' || c == '_' || c == '.');
    if (between && out.ends_with('-')) continue;
    out += between ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
}

/// The versions of one product.
class Line {
 public:
  Line(std::vector<Word*> words, const Policy& policy, const AnswersOf& answers_of) : words_(std::move(words)), policy_(policy) {
    std::ranges::sort(words_, {}, [](const Word* w) { return std::tuple(w->issued, w->id); });
    note_refusals();
    for (auto* word : words_)
      if (lets_in(*word, answers_of)) good_.push_back(word);
    find_known();
  }

  void tell() const {
    for (auto* word : words_) {
      if (is_begin(word->product) || is_compared(*word) || compared_.contains({word->office, word->product})) continue;
      const auto* other = newest_ && newest_->product == word->product ? newest_other_ : newest_;
      if (other) word->known_version = fmt::format("{} ({})", other->name, other->product.brief());
      if (other || named_here_) word->descent = Descent::uncompared;
      else if (!policy_.updates.allow_first) word->descent = Descent::first;
    }
  }

 private:
  void note_refusals() {
    for (const auto* word : words_)
      if (word->verdict == Verdict::fail && !word->revoked && !word->superseded) refused_[word->product].insert(word->office);
  }

  /// Whether the product was let in on this word, at some time.
  bool lets_in(const Word& word, const AnswersOf& answers_of) const {
    if (word.revoked) return false;
    if (const auto refused = refused_.find(word.product); refused != refused_.end() && (policy_.veto || refused->second.contains(word.office))) return false;
    return word.verdict == Verdict::pass || (word.verdict == Verdict::conditional && conditions_were_met(word, policy_, answers_of(word.product)));
  }

  /// From the first versions on, each that was compared with a known one.
  void find_known() {
    std::vector<base::Digest> fresh;
    const auto add = [&](const base::Digest& product) {
      if (known_.insert(product).second) fresh.push_back(product);
    };
    std::unordered_map<base::Digest, std::vector<const Word*>> by_baseline;
    for (const auto* word : good_) {
      if (policy_.updates.known.contains(word->product)) named_here_ = true, add(word->product);
      if (word->baseline == base::Digest{} || word->baseline == word->product) continue;
      by_baseline[word->baseline].push_back(word);
      if (policy_.updates.known.contains(word->baseline)) named_here_ = true, add(word->baseline);
    }
    if (policy_.updates.allow_first && !good_.empty()) first_ = good_.front()->product, add(first_);
    while (!fresh.empty()) {
      const auto product = fresh.back();
      fresh.pop_back();
      for (const auto* word : by_baseline[product]) {
        compared_.emplace(word->office, word->product);
        add(word->product);
      }
    }
    for (const auto* word : good_) {
      if (!known_.contains(word->product)) continue;
      if (newest_ && newest_->product != word->product) newest_other_ = newest_;
      newest_ = word;
    }
  }

  bool is_begin(const base::Digest& product) const { return policy_.updates.known.contains(product) || (policy_.updates.allow_first && !good_.empty() && product == first_); }
  bool is_compared(const Word& word) const { return word.baseline != base::Digest{} && word.baseline != word.product && known_.contains(word.baseline); }

  std::vector<Word*> words_, good_;   // by the time when they were struck
  const Policy& policy_;
  std::map<base::Digest, std::set<std::string>> refused_;   // by whom
  std::unordered_set<base::Digest> known_;
  std::set<std::pair<std::string, base::Digest>> compared_; // an office's later word about the same bytes needs no second comparison
  base::Digest first_;
  bool named_here_ = false;                                 // the gate's owner vouches for a version
  const Word *newest_ = nullptr, *newest_other_ = nullptr;  // two known versions to name in a sentence
};

}  // namespace

std::string line_of(const report::ProductIdentity& product) {
  if (product.name.empty()) return "sha256:" + product.digest;
  std::string out;
  fold_into(out, product.ecosystem, false);
  const bool python = out == "pypi";
  out += '/';
  fold_into(out, product.name, python);
  return out;
}

void tell_descent(const std::vector<Heard>& all, const Policy& policy, const AnswersOf& answers_of) {
  std::unordered_map<std::string_view, std::vector<Word*>> lines;
  for (const auto& heard : all)
    if (counts(*heard.word)) lines[heard.word->line].push_back(heard.word.get());
  for (auto& [name, words] : lines) Line(std::move(words), policy, answers_of).tell();
}

}  // namespace gate
