// What `assay-gate init` writes for each market: the gate's policy, its service, and the market's own
// client configuration. Text with {places} to be filled in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gate::init {

struct File {
  std::string path;          ///< where it belongs on the host
  std::string text;
};

struct Filling {
  std::string key = "office.pub.pem";   ///< the office's public key: beside the policy, or a whole path
  std::string log_key, log_address;     ///< "" = hallmarks need no log
};

std::vector<std::string_view> markets();
/// Nothing for an unknown market.
std::vector<File> files_for(std::string_view market, const Filling& filling);

}  // namespace gate::init
