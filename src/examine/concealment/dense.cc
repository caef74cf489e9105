// Regions whose bytes are as dense as random ones, where the kind of the artifact does not predict
// it: packed or encrypted. By windows of 4 KiB. Density alone says no more than that: low confidence.
#include "examine/concealment/part.h"
#include "examine/concealment/recognise.h"

namespace examine::concealment_parts {
namespace {

constexpr std::size_t window = 4096;
constexpr double dense_from = 7.85;  // random bytes give 7.955 +- 0.003 over 4 KiB, deflate some 7.9

struct Run {
  std::uint64_t begin = 0, size = 0;
};

std::vector<Run> dense_runs(base::Bytes bytes) {
  std::vector<Run> out;
  for (std::uint64_t at = 0; at + window <= bytes.size(); at += window) {
    if (base::entropy(bytes.subspan(at, window)) < dense_from) continue;
    if (!out.empty() && out.back().begin + out.back().size == at) out.back().size += window;
    else out.push_back({at, window});
  }
  return out;
}

}  // namespace

base::Result<> find_dense_regions(const evidence::View& view, evidence::Sink& sink) {
  const auto bytes = view.bytes;
  const bool program = view.kind == "elf" || view.kind == "pe" || view.kind == "macho";
  if (bytes.size() < window || is_text(bytes)) return {};
  if (!program && view.kind != "unknown") return {};  // other kinds have a reader that knows what they hold
  CHECK_OK(sink.spend(bytes.size()));
  const auto runs = dense_runs(bytes);
  std::uint64_t dense = 0;
  for (const auto& run : runs) dense += run.size;
  if (program) {
    // A whole program that is dense is packed; a resource inside one is usual.
    for (const auto& run : runs)
      if (run.size >= 16 * window)
        state(sink, run.size * 2 > bytes.size() ? "packed" : "encrypted-payload", "dense bytes in a program", {run.begin, run.size}, evidence::Confidence::low,
              {{"share", fmt::format("{}%", run.size * 100 / bytes.size())}, {"bytes", std::to_string(run.size)}});
    return {};
  }
  // The whole of an unknown artifact: nothing in it can be read.
  if (dense * 10 < (bytes.size() / window * window) * 9) return {};
  for (const auto& run : runs) sink.label({run.begin, run.size + (run.begin + run.size + window > bytes.size() ? bytes.size() - run.begin - run.size : 0)}, evidence::Label::opaque, "high entropy");
  state(sink, "encrypted-payload", "dense bytes of no known kind", {0, bytes.size()}, evidence::Confidence::low, {{"bytes", std::to_string(bytes.size())}, {"entropy", fmt::format("{:.2f}", base::entropy(bytes))}});
  return {};
}

}  // namespace examine::concealment_parts
