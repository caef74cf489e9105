// Collects what one script states, without doubles, and the code that is handed on.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "evidence/sink.h"
#include "examine/scripts/value.h"

namespace examine::script {

struct Nested {
  std::string name;
  std::string kind;
  std::string text;
  bool decoded = false;  ///< was hidden by an encoding
};

class Findings {
 public:
  /// A plain fact. An equal fact at the same range is kept once.
  void fact(evidence::Facet facet, std::string_view word, std::string value, base::Range range, Confidence confidence,
            std::map<std::string, std::string> attributes = {});
  /// Every mark of `payload` that may not go to `to` (an outside or command word) becomes a flow.
  void flow(const Value& payload, std::string_view to, std::string_view sink, base::Range range, Confidence confidence, std::string endpoint);
  /// A flow that is known as a whole: "network to open-shell".
  void whole_flow(std::string value, std::string_view source, std::string_view sink, base::Range range, Confidence confidence, std::string endpoint);
  void nested(Nested code, base::Range range);

  void set_unit(std::string unit) { unit_ = std::move(unit); }
  const std::string& unit() const { return unit_; }
  /// How many facts of command, outside, flow, power so far: what a trigger guards.
  std::size_t effects() const { return effects_; }
  void clear();

  const std::vector<evidence::Item>& items() const { return items_; }
  const std::vector<std::pair<base::Range, Nested>>& children() const { return children_; }
  bool full() const { return full_; }

 private:
  void keep(evidence::Item item);
  std::vector<evidence::Item> items_;
  std::vector<std::pair<base::Range, Nested>> children_;
  std::set<std::string> seen_;
  std::string unit_;
  std::size_t effects_ = 0;
  bool full_ = false;
};

}  // namespace examine::script
