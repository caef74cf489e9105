// add-checkpoint requests: the one thing that strangers may send to a witness.
#include <cstdlib>

#include "tlog/witness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = base::text_of({data, size});
  if (const auto request = tlog::AddCheckpoint::parse(text); request && request->print() != text) std::abort();
  return 0;
}
