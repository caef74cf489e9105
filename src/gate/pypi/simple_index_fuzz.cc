// What is written can be read again, with the same addresses and digests.
#include <cstdlib>

#include "base/bytes.h"
#include "gate/pypi/simple_index.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = base::text_of({data, size});
  for (const auto& index : {gate::read_index_html(text, "x", "https://up/simple/x/"), gate::read_index_json(text, "x", "https://up/simple/x/")}) {
    if (!index) continue;
    const auto html = gate::read_index_html(gate::write_index_html(*index), "x", "http://gate/");
    const auto json = gate::read_index_json(gate::write_index_json(*index), "x", "http://gate/");
    if (!html || !json || html->files.size() != index->files.size() || json->files.size() != index->files.size()) std::abort();
    for (std::size_t i = 0; i < index->files.size(); ++i)
      if (html->files[i].address != index->files[i].address || html->files[i].sha256 != index->files[i].sha256 || json->files[i].address != index->files[i].address) std::abort();
  }
  return 0;
}
