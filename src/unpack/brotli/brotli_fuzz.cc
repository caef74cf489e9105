#include "evidence/recorder.h"

namespace unpack {
const evidence::Reader& brotli();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  evidence::View view;
  view.bytes = {bytes, size};
  view.kind = "brotli";
  view.place.links.push_back({"file", "brotli", artifact::Origin::member});
  evidence::Recorder sink(view.bytes, 40'000'000, 8 << 20);
  (void)unpack::brotli().read(view, sink);
  return 0;
}
