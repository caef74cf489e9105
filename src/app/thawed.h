// Frozen evidence as what a judge is given: what `assay judge` and a baseline of evidence share.
#pragma once

#include "app/pipeline.h"
#include "evidence/frozen.h"

namespace app {

/// Error: usage: the file ("-" = standard input) is no frozen evidence, or, where `digest` (hex) is given, other evidence.
base::Result<evidence::Frozen> thaw_file(const std::string& file, const std::string& digest);

struct ThawedVetting {
  std::unique_ptr<Vetting> vetting;   ///< tree, dossiers and the declaration that was frozen; not judged yet
  intake::Product product;
};
ThawedVetting vetting_of(evidence::Frozen frozen);

}  // namespace app
