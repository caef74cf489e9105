// The version of a product that another one is compared with: vetted now, or as an earlier vetting left it.
#pragma once

#include "app/pipeline.h"

namespace app {

/// Another version, judged by the rules and the policy of this run where its evidence is there.
struct Version {
  std::unique_ptr<Vetting> vetting;
  /// False: only what a report lists is known; tables are cut, secrets are fingerprints, findings are the report's.
  bool whole = true;
  std::string report;   ///< SHA-256 of the report that stood for it; "" where the product itself did
};

/// `wanted`: a product, a report's JSON, frozen evidence (vet --evidence), or a report in the store by number or
/// product digest. A report whose product is still in the store is as good as the product.
/// `like`: everything else about the vetting, as its date, or another version to compare this one with.
/// Error: usage: it is none of these.
base::Result<std::unique_ptr<Version>> open_version(const Office& office, const std::string& wanted, const Request& like, vet::Progress& progress, const std::atomic<bool>& stop);

/// Tree and evidence as a report lists them.
std::unique_ptr<Vetting> vetting_of(const report::Report& report);

}  // namespace app
