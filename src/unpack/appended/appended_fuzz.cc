#include "evidence/recorder.h"

namespace unpack {
const evidence::Reader& appended();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  evidence::View view;
  view.bytes = {bytes, size};
  view.kind = "png";
  view.place.links.push_back({"file", "png", artifact::Origin::member});
  evidence::Recorder sink(view.bytes, 40'000'000, 8 << 20);
  (void)unpack::appended().read(view, sink);
  return 0;
}
