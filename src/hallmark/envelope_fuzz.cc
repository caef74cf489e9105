// What from_json accepts, to_json writes and from_json accepts again.
#include <cstdlib>

#include "hallmark/envelope.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto envelope = hallmark::Envelope::from_json(base::text_of({data, size}));
  if (!envelope) return 0;
  const auto text = envelope->to_json();
  const auto again = hallmark::Envelope::from_json(text);
  if (!again || again->to_json() != text) std::abort();
  return 0;
}
