#include <array>
#include <utility>

#include "evidence/fuzz.h"

namespace examine {
const evidence::Reader& metadata();
}

// One manifest of each format, chosen by the first byte.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static constexpr std::array<std::pair<const char*, const char*>, 9> manifests = {{{"package/package.json", "npm"}, {"control", "deb"}, {"a.dist-info/METADATA", "wheel"}, {"META-INF/MANIFEST.MF", "jar"},
                                                                                    {"metadata", "gem"}, {"a/Cargo.toml", "crate"}, {"pom.xml", "jar"}, {"a.nuspec", "nupkg"}, {"metadata", "flatpak"}}};
  if (size == 0) return 0;
  const auto& [name, container] = manifests[bytes[0] % manifests.size()];
  evidence::View view;
  view.bytes = {bytes + 1, size - 1};
  view.kind = "text";
  view.entry.name = name;
  view.place.links = {{"product", container, artifact::Origin::product}, {"control.tar", "tar", artifact::Origin::member}, {name, "text", artifact::Origin::member}};
  evidence::Recorder sink(view.bytes, 40'000'000, 8 << 20);
  (void)examine::metadata().read(view, sink);
  for (const auto& i : sink.items)
    if (!base::fits(i.range.offset, i.range.size, view.bytes.size())) std::abort();
  return 0;
}
