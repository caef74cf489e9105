// Asks all atoms of a rule set about one fact at once. Immutable; share freely between threads.
#pragma once

#include <deque>
#include <unordered_map>

#include <re2/set.h>

#include "judge/rule.h"

namespace judge {

struct Fact {
  Kind kind = Kind::match;
  std::string_view word, value;
  const std::map<std::string, std::string>* attributes = nullptr;
  evidence::Confidence confidence = evidence::Confidence::high;
  std::string_view origin;  ///< of the artifact
  bool lost = false;        ///< stood in the version before only: answers what asks for a change, nothing else
};

class Matcher {
 public:
  explicit Matcher(const std::vector<Atom>& atoms);

  /// Appends the atoms that the fact answers, each once.
  void ask(const Fact& fact, std::vector<AtomId>& out) const;
  /// False: no atom asks for facts of this kind.
  bool wants(Kind kind) const { return wanted_[static_cast<std::size_t>(kind)]; }

 private:
  struct Key {
    Kind kind;
    bool word;
    std::string_view text;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& k) const {
      return std::hash<std::string_view>()(k.text) * 31 + static_cast<std::size_t>(k.kind) * 2 + k.word;
    }
  };
  void look_up(const Key& key, const Fact& fact, std::vector<AtomId>& out) const;
  void search_strings(const Fact& fact, std::vector<AtomId>& out) const;
  bool answers(const Fact& fact, const Atom& atom, bool value_proved) const;

  const std::vector<Atom>& atoms_;
  std::unordered_map<Key, std::vector<AtomId>, Hash> exact_;
  std::map<Kind, std::vector<AtomId>> loose_;  ///< every fact of the kind is asked
  std::vector<AtomId> searched_;               ///< regexes and substrings over strings, in the order of set_
  std::unique_ptr<re2::RE2::Set> set_;
  std::array<bool, 256> wanted_{};
};

}  // namespace judge
