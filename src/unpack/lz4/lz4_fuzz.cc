#include "evidence/recorder.h"

namespace unpack {
const evidence::Reader& lz4();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  evidence::View view;
  view.bytes = {bytes, size};
  view.kind = "lz4";
  view.place.links.push_back({"file", "lz4", artifact::Origin::member});
  evidence::Recorder sink(view.bytes, 40'000'000, 8 << 20);
  (void)unpack::lz4().read(view, sink);
  return 0;
}
