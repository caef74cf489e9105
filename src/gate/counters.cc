#include "gate/counters.h"

#include <mutex>

namespace gate {
namespace {

std::string label(std::string_view text) {
  std::string out;
  for (const char c : base::printable(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

void gauge(std::string& out, std::string_view name, std::string_view what) { out += fmt::format("# HELP assay_gate_{0} {1}\n# TYPE assay_gate_{0} gauge\n", name, what); }

}  // namespace

Counters::Market& Counters::of(std::string_view market) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = markets_.find(market); found != markets_.end()) return *found->second;
  }
  const std::unique_lock lock(mutex_);
  auto& slot = markets_[std::string(market)];
  if (!slot) slot = std::make_unique<Market>();
  return *slot;
}

void Counters::count(std::string_view market, const Decision& decision, std::int64_t nanoseconds) {
  auto& m = of(market);
  m.decisions[static_cast<std::size_t>(decision.why)][static_cast<std::size_t>(decision.answer)].fetch_add(1, std::memory_order_relaxed);
  const auto slot = static_cast<std::size_t>(std::ranges::lower_bound(edges, nanoseconds) - edges.begin());
  m.took[slot].fetch_add(1, std::memory_order_relaxed);
  m.total_nanoseconds.fetch_add(nanoseconds, std::memory_order_relaxed);
}

std::string Counters::print() const {
  const std::shared_lock lock(mutex_);
  std::string out = "# HELP assay_gate_decisions_total Decisions by market, answer and reason.\n# TYPE assay_gate_decisions_total counter\n";
  for (const auto& [name, m] : markets_)
    for (std::size_t why = 0; why < whys; ++why)
      for (std::size_t answer = 0; answer < 3; ++answer)
        if (const auto n = m->decisions[why][answer].load())
          out += fmt::format("assay_gate_decisions_total{{market=\"{}\",answer=\"{}\",why=\"{}\"}} {}\n", label(name), name_of(static_cast<Answer>(answer)), name_of(static_cast<Why>(why)), n);
  out += "# HELP assay_gate_decision_seconds How long a decision took, vetting on demand included.\n# TYPE assay_gate_decision_seconds histogram\n";
  for (const auto& [name, m] : markets_) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < edges.size(); ++i) {
      sum += m->took[i].load();
      out += fmt::format("assay_gate_decision_seconds_bucket{{market=\"{}\",le=\"{}\"}} {}\n", label(name), static_cast<double>(edges[i]) / 1e9, sum);
    }
    sum += m->took[edges.size()].load();
    out += fmt::format("assay_gate_decision_seconds_bucket{{market=\"{0}\",le=\"+Inf\"}} {1}\nassay_gate_decision_seconds_sum{{market=\"{0}\"}} {2}\nassay_gate_decision_seconds_count{{market=\"{0}\"}} {1}\n", label(name), sum,
                       static_cast<double>(m->total_nanoseconds.load()) / 1e9);
  }
  return out;
}

std::string print_counts(const Knowledge::Counts& counts, Time now) {
  std::string out;
  gauge(out, "hallmarks", "Hallmarks in memory.");
  out += fmt::format("assay_gate_hallmarks {}\n", counts.hallmarks);
  gauge(out, "unreadable_hallmarks", "Files in the folder of hallmarks that are none, or can't be read.");
  out += fmt::format("assay_gate_unreadable_hallmarks {}\n", counts.unreadable);
  gauge(out, "pending", "Products that are being vetted.");
  out += fmt::format("assay_gate_pending {}\n", counts.pending);
  gauge(out, "store_reachable", "1 when the folder of hallmarks could be read last time.");
  out += fmt::format("assay_gate_store_reachable {}\n", counts.around.store_trouble.empty() ? 1 : 0);
  gauge(out, "open_by_hand", "Openings by hand (break-glass) that last.");
  out += fmt::format("assay_gate_open_by_hand {}\n", std::ranges::count_if(counts.around.openings, [&](const auto& o) { return o.issued <= now && now < o.expires; }));
  const auto each = [&](std::string_view name, std::string_view what, auto value) {
    if (counts.around.logs.empty()) return;
    gauge(out, name, what);
    for (const auto& log : counts.around.logs) out += fmt::format("assay_gate_{}{{log=\"{}\"}} {}\n", name, label(log.origin), value(log));
  };
  each("log_entries", "Entries of a followed log.", [](const LogFacts& l) { return l.size; });
  each("log_age_seconds", "Seconds since a followed log's newest sign of life; -1 = never read.", [&](const LogFacts& l) { return l.fresh == 0 ? Time{-1} : now - l.fresh; });
  each("log_rolled_back", "1 when a followed log shows another tree than was seen.", [](const LogFacts& l) { return l.rolled_back ? 1 : 0; });
  each("log_withheld", "Statements of trusted offices that a followed log keeps back.", [](const LogFacts& l) { return l.withheld; });
  return out;
}

}  // namespace gate
