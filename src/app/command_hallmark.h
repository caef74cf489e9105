// `assay hallmark`: vets without kept evidence, and signs the verdict.
#pragma once

#include "app/log_client.h"
#include "app/options.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace app {

struct HallmarkOptions {
  OfficeOptions office;
  std::vector<std::string> products;
  std::string report;                    ///< instead: a report in the store, vetted again and found the same
  std::string baseline;                  ///< the version before, as for vet; "" = none
  std::string baseline_hallmark;         ///< the hallmark of that version
  std::vector<std::string> baseline_keys;   ///< who may have struck it, beside the key that signs now
  std::string declaration;
  std::vector<std::string> waivers, waiver_keys;
  std::string at;
  std::string key;                       ///< PEM file or PKCS#11 URI
  std::string office_uri;                ///< "" = one made of the key
  std::string examiner;                  ///< "" = none named
  std::string expires = "1y";            ///< a span or a day
  LogOptions log;
  std::vector<std::string> supersedes;   ///< earlier hallmarks of this product
  std::string output;                    ///< "" = the product's name with .hallmark
  std::string report_out, test_result;
  std::string now;
  bool quiet = false;
};

/// The verdict's exit code, as of vet.
base::Result<int> command_hallmark(const HallmarkOptions& options);

/// keygen, hallmark, verify.
void add_hallmark_commands(CLI::App& cli, base::Result<int>& result);

}  // namespace app
