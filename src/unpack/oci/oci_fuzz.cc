#include "evidence/recorder.h"

namespace unpack {
const evidence::Reader& oci();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  evidence::View view;
  view.bytes = {bytes, size};
  view.kind = "oci-image";
  view.place.links.push_back({"file", "oci-image", artifact::Origin::member});
  evidence::Recorder sink(view.bytes, 40'000'000, 8 << 20);
  (void)unpack::oci().read(view, sink);
  return 0;
}
