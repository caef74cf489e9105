// A policy is read or refused with a sentence; nothing else.
#include <cstdlib>

#include "gate/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto policy = gate::parse_policy(base::text_of({data, size}), "fuzz", "/nonexistent");
  if (policy ? policy->trust.offices.empty() || policy->quorum == 0 : policy.error().what.empty()) std::abort();
  return 0;
}
