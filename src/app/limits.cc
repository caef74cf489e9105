#include "app/limits.h"

namespace app {
namespace {

/// Calls `each(name, field)` for every limit.
template <class Limits, class Each>
void for_each_limit(Limits& l, Each each) {
  each("depth", l.depth);
  each("entries", l.entries);
  each("total-bytes", l.total_bytes);
  each("artifact-bytes", l.artifact_bytes);
  each("ratio", l.ratio);
  each("ratio-free-bytes", l.ratio_free_bytes);
  each("steps-base", l.steps_base);
  each("steps-per-byte", l.steps_per_byte);
  each("items", l.items);
}

}  // namespace

std::map<std::string, std::uint64_t> as_map(const vet::Limits& limits) {
  std::map<std::string, std::uint64_t> out;
  for_each_limit(limits, [&](const char* name, std::uint64_t value) { out[name] = value; });
  return out;
}

base::Result<vet::Limits> limits_from(const std::map<std::string, std::uint64_t>& named) {
  vet::Limits out;
  auto left = named;
  std::string above;
  for_each_limit(out, [&](const char* name, auto& field) {
    const auto at = left.find(name);
    if (at == left.end()) return;
    if (at->second > field) above = name;
    else field = static_cast<std::remove_reference_t<decltype(field)>>(at->second);
    left.erase(at);
  });
  if (!left.empty()) return base::fail(base::Trouble::usage, "the limit '{}' is not known to this program", base::printable(left.begin()->first));
  if (!above.empty()) return base::fail(base::Trouble::usage, "the limit '{}' is {}, more than this program allows", above, named.at(above));
  return out;
}

}  // namespace app
