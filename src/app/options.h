// The command line as data. Filled by CLI11 in main.cc, checked in command_*.cc.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace app {

struct OfficeOptions {
  std::string store;                     ///< folder; "" = the default
  std::string policy = "default";        ///< a shipped name or a file
  std::vector<std::string> rules;        ///< folders or files that the user brings
  unsigned threads = 0;                  ///< 0 = all cores
  bool no_cache = false;
  bool allow_weaker = false;
  std::map<std::string, std::uint64_t> limits;  ///< by name (app/limits.h); empty = the shipped ones
};

struct VetOptions {
  OfficeOptions office;
  std::vector<std::string> products;
  std::string declaration;
  std::vector<std::string> waivers, waiver_keys;
  std::string evidence;                  ///< file for the frozen evidence; "" = none
  std::string baseline;                  ///< the version before, for app/version.h; "" = none
  std::string at;                        ///< "" = today (UTC)
  std::vector<std::string> formats;
  std::vector<std::string> outputs;
  std::string each;                      ///< list of products, one a line
  std::string reports = "assay-reports"; ///< folder of --each
  std::string colour = "auto";
  bool quiet = false;
};

}  // namespace app
