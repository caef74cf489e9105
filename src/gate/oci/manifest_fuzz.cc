#include "base/bytes.h"
#include "gate/oci/image_name.h"
#include "gate/oci/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = base::text_of({data, size});
  if (const auto m = gate::read_manifest(text); m && m->kind == gate::ImageManifest::Kind::image && m->blobs.empty()) __builtin_trap();
  (void)gate::oci_route_of("GET", text);
  (void)gate::ImageName::parse(text);
  (void)gate::pinned_digest(text);
  return 0;
}
