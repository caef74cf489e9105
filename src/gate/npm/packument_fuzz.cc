// Whatever a registry says, no refused version stays among those that can be had.
#include <cstdlib>

#include "base/bytes.h"
#include "gate/npm/packument.h"
#include "gate/npm/routes.h"
#include "gate/proxy/bounded_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = base::text_of({data, size});
  (void)gate::route_of("GET", text);
  auto packument = gate::read_json(text, 1u << 20);
  if (!packument) return 0;
  const auto files = gate::files_of(*packument);
  if (!files) return 0;
  gate::Refusals refusals;
  for (std::size_t i = 0; i < files->size(); i += 2) refusals[(*files)[i].version] = "no";
  (void)gate::filter_packument(*packument, refusals, [](const std::string& address) { return std::optional(address); }, "http://gate");
  for (const auto& [version, why] : refusals)
    if (gate::part_in(*packument, "versions").contains(version)) std::abort();
  (void)gate::write_json(*packument);
  return 0;
}
