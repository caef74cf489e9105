#include "evidence/recorder.h"

namespace unpack {
const evidence::Reader& ar();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  evidence::View view;
  view.bytes = {bytes, size};
  view.kind = "deb";
  view.place.links.push_back({"file", "deb", artifact::Origin::member});
  evidence::Recorder sink(view.bytes, 40'000'000, 8 << 20);
  (void)unpack::ar().read(view, sink);
  return 0;
}
