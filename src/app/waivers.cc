#include "app/waivers.h"

namespace app {

base::Result<std::vector<judge::Waiver>> load_waivers(const std::vector<std::string>& files, const std::vector<std::string>&, const judge::Policy&) {
  std::vector<judge::Waiver> out;
  for (const auto& file : files) out.push_back(TRY(judge::load_waiver(file)));
  return out;
}

}  // namespace app
