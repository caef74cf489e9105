// The version before of a product that gets a hallmark: what is signed about it must be as sure as the verdict.
#pragma once

#include "app/version.h"
#include "hallmark/statement.h"
#include "sign/key.h"

namespace app {

/// The version that `wanted` names, vetted by this office without kept evidence where its bytes are there. Frozen
/// evidence is refused: anybody may have written it. Error: usage; io.
base::Result<std::unique_ptr<Version>> vet_baseline(const Office& office, const std::string& wanted, const std::string& at, bool quiet);

/// Whether a report in the store was compared with a version just when one is given. Error: usage: it says which.
base::Result<> same_baseline(const report::Report& stored, std::int64_t id, const std::string& given);

/// Checks what the verdict says of the version before, and names that version's hallmark in it where its file is
/// given: it must be about that version, and its signature must hold under `own` or one of the keys in `keys`.
/// Error: usage: it is not; the product is compared with itself; a report alone stands for the version, and no
/// hallmark names that report.
base::Result<> check_baseline(const Version& before, const std::string& hallmark_file, const std::vector<std::string>& keys, const sign::PublicKey& own, hallmark::VerdictStatement& verdict);

/// "acme 2.4.0 (1b2c3d4e), 2 new findings".
std::string in_words(const hallmark::Baseline& baseline);

}  // namespace app
