// What parse accepts, print writes and parse accepts again; the same of a log's leaf.
#include <cstdlib>

#include "hallmark/bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (const auto leaf = hallmark::read_leaf({data, size}); leaf && leaf->signature.size() > size) std::abort();
  const auto file = hallmark::HallmarkFile::parse(base::text_of({data, size}));
  if (!file) return 0;
  const auto text = file->print();
  const auto again = hallmark::HallmarkFile::parse(text);
  if (!again || again->print() != text) std::abort();
  return 0;
}
