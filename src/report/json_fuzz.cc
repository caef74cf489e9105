// What from_json accepts, to_json writes and from_json accepts again.
#include <cstdlib>

#include "base/bytes.h"
#include "report/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto report = report::from_json(base::text_of({data, size}));
  if (!report) return 0;
  const auto text = report::to_json(*report);
  const auto again = report::from_json(text);
  if (!again || report::to_json(*again) != text) std::abort();
  return 0;
}
