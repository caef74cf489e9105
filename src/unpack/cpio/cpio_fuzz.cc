#include "evidence/recorder.h"

namespace unpack {
const evidence::Reader& cpio();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  evidence::View view;
  view.bytes = {bytes, size};
  view.kind = "cpio";
  view.place.links.push_back({"file", "cpio", artifact::Origin::member});
  evidence::Recorder sink(view.bytes, 40'000'000, 8 << 20);
  (void)unpack::cpio().read(view, sink);
  return 0;
}
