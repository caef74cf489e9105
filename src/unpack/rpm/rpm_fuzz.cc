#include "evidence/recorder.h"

namespace unpack {
const evidence::Reader& rpm();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  evidence::View view;
  view.bytes = {bytes, size};
  view.kind = "rpm";
  view.place.links.push_back({"file", "rpm", artifact::Origin::member});
  evidence::Recorder sink(view.bytes, 40'000'000, 8 << 20);
  (void)unpack::rpm().read(view, sink);
  return 0;
}
