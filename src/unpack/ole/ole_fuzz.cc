#include "evidence/recorder.h"

namespace unpack {
const evidence::Reader& ole();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  evidence::View view;
  view.bytes = {bytes, size};
  view.kind = "ole";
  view.place.links.push_back({"file", "ole", artifact::Origin::member});
  evidence::Recorder sink(view.bytes, 40'000'000, 8 << 20);
  (void)unpack::ole().read(view, sink);
  return 0;
}
