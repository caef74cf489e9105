// The table of contents of a vetting: one call a phase, each result const ever after.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "confine/zygote.h"
#include "intake/intake.h"
#include "judge/judge.h"
#include "report/report.h"
#include "store/store.h"
#include "vet/queue.h"

namespace app {

/// The engine as it was built (see cmake/engine_digest.sh).
struct Engine {
  base::Digest digest;
  base::Digest evidence;     ///< of the part of it that turns bytes into evidence
  std::string version;
};

struct Version;  // app/version.h
struct Changes;  // app/changes.h

/// What stays the same over many products of one run.
struct Office {
  Engine engine;
  std::shared_ptr<const judge::RuleSet> rules;
  std::shared_ptr<const judge::Policy> policy;
  base::Digest user_rules;   ///< of the YARA rules a user brought; zero when none
  std::unique_ptr<const evidence::Reader> user_rules_examiner;
  vet::Readers readers;
  std::unique_ptr<confine::Zygote> zygote;
  std::unique_ptr<store::Store> store;
  std::vector<std::string> weaker;   ///< confinement layers that are missing and were waived by option
  unsigned threads = 1;
  bool use_cache = true;
};

struct Request {
  std::vector<std::string> paths;
  std::int64_t stored_report = 0;    ///< instead of paths: the product of this report in the store
  std::vector<std::string> stored_files;  ///< then: the names that were handed in, from the report
  std::string declaration_file;      ///< "" = the one inside the product, if any
  std::vector<std::string> waiver_files, waiver_keys;  ///< app/waivers.h
  bool signed_waivers = false;       ///< waivers that nobody signed are an error: for what leaves the house
  std::string at;                    ///< YYYY-MM-DD
  bool record = true;                ///< the report goes into the store (never when the product came from there)
  bool freeze = false;               ///< Vetting::frozen is wanted
  const Version* before = nullptr;   ///< the version to compare with, if any; outlives the vetting
  bool before_is_source = false;     ///< it is the source that the product says it is made of
};

/// A finished vetting: the report, and what the judge was given, for `explain` and `declare`.
struct Vetting {
  report::Report report;
  artifact::Tree tree;
  std::vector<evidence::Dossier> dossiers;
  report::Declaration declaration;
  std::vector<judge::Waiver> waivers;
  std::string product_digest;
  std::int64_t id = 0;               ///< in the store
  base::Buffer frozen;               ///< evidence/frozen.h, when asked for
  std::shared_ptr<const Changes> changes;  ///< against Request::before, which it refers to; null without one
};

/// Error: usage (the request can't be taken), io (our side failed), never because of the product.
/// Records the report in the store, unless the product came from there.
base::Result<std::unique_ptr<Vetting>> vet_product(const Office& office, const Request& request, vet::Progress& progress, const std::atomic<bool>& stop);

/// The last phase, and all of `assay judge`: tree, dossiers, declaration and waivers are there; fills the
/// report and the product's digest. `product`: digest, size and names, see intake::complete.
void judge_evidence(const Office& office, const Request& request, const intake::Product& product, Vetting& vetting);

/// A declaration's text as lines. The maker's broken one, found in the product, declares nothing and says so.
report::Declaration declaration_in_product(std::string_view text, const std::string& source);

/// Digest of everything that turns bytes into evidence: part of every cache key.
base::Digest evidence_engine(const Office& office);
/// Digest of the rules that judge, those that a user brought among them: Used::rules.
base::Digest rules_digest(const Office& office);

}  // namespace app
