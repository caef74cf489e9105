// What came in from a folder or a log, before it is put in order: hallmarks, revocations, waivers.
#pragma once

#include "gate/facts.h"
#include "hallmark/bundle.h"

namespace gate {

/// A hallmark with all that it is about.
struct Heard {
  std::shared_ptr<Word> word;               ///< `revoked` and `superseded` still open
  std::vector<base::Digest> inside;         ///< files in the product, without the product
  std::vector<base::Digest> supersedes;     ///< payload digests of the same office's earlier words
};

struct Revoked {
  std::string office;
  base::Digest hallmark;
  std::string because;
};

struct Waived {
  base::Digest product;
  Answered answered;
};

/// Verifies a hallmark once and for all: an expired one as of the time it was struck, since expiry is
/// looked at again at each question. Nothing when it names no product.
std::optional<Heard> hear(const hallmark::HallmarkFile& file, const hallmark::Trust& trust, Time now);

}  // namespace gate
