// What from_json accepts, to_json writes and from_json accepts again.
#include <cstdlib>

#include "base/bytes.h"
#include "hallmark/statement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto statement = hallmark::Statement::from_json(base::text_of({data, size}));
  if (!statement) return 0;
  const auto text = statement->to_json();
  const auto again = hallmark::Statement::from_json(text);
  if (!again || again->to_json() != text) std::abort();
  return 0;
}
