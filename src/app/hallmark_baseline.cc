#include "app/hallmark_baseline.h"

#include <filesystem>
#include <fstream>

#include "app/interrupt.h"
#include "app/progress_bar.h"
#include "app/statements.h"

namespace app {
namespace {

using base::Trouble;
using hallmark::VerdictStatement;

bool is_frozen_evidence(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::string head(15, '\0');
  std::ifstream(path, std::ios::binary).read(head.data(), static_cast<std::streamsize>(head.size()));
  return head == "assay evidence ";
}

}  // namespace

base::Result<std::unique_ptr<Version>> vet_baseline(const Office& office, const std::string& wanted, const std::string& at, bool quiet) {
  if (is_frozen_evidence(wanted))
    return base::fail(Trouble::usage, "{} is frozen evidence, which anybody can write; a hallmark compares with a product, or with a report in the store", base::printable(wanted));
  catch_interrupts();
  vet::Progress progress;
  const ProgressBar bar(progress, "the version before", !quiet);
  return open_version(office, wanted, Request{.at = at, .record = false}, progress, interrupted());
}

base::Result<> same_baseline(const report::Report& stored, std::int64_t id, const std::string& given) {
  if (stored.baseline && given.empty())
    return base::fail(Trouble::usage, "report {} was compared with {} {}; give that version with --baseline", id, base::printable(stored.baseline->product.name), base::printable(stored.baseline->product.version));
  if (!stored.baseline && !given.empty()) return base::fail(Trouble::usage, "report {} was compared with no other version: leave --baseline out, or name the product instead of the report", id);
  return {};
}

base::Result<> check_baseline(const Version& before, const std::string& hallmark_file, const std::vector<std::string>& keys, const sign::PublicKey& own, VerdictStatement& verdict) {
  auto& baseline = *verdict.baseline;
  if (baseline.digest == verdict.product.digest) return base::fail(Trouble::usage, "the version before is the same product to the byte: nothing can be new in it; leave --baseline out, or name an earlier version");
  if (hallmark_file.empty()) {
    if (before.whole) return {};
    return base::fail(Trouble::usage, "the report of {} {} is all that is there of the version before, and nobody has signed it; give the product, or the hallmark that names this report with --baseline-hallmark",
                      baseline.name, baseline.version);
  }
  auto allowed = TRY(load_keys(keys));
  allowed.push_back(own);
  const auto [loaded, earlier] = TRY(load_as<VerdictStatement>(hallmark_file, "a hallmark"));
  if (loaded.statement.subjects[0].digest.hex() != baseline.digest)
    return base::fail(Trouble::usage, "{} is the hallmark of another product ({}) than the version before", base::printable(hallmark_file), loaded.statement.subjects[0].name);
  if (const auto signer = signer_of(loaded, allowed, "the hallmark"); !signer)
    return base::fail(Trouble::usage, "{}: the signature holds neither under the key that signs now nor under a key given with --baseline-key", base::printable(hallmark_file));
  if (!before.whole && earlier.report != before.report)
    return base::fail(Trouble::usage, "{} names another report (SHA-256 {}) than the one given with --baseline; give that one, or the product", base::printable(hallmark_file), earlier.report);
  baseline.hallmark = loaded.id.hex();
  return {};
}

std::string in_words(const hallmark::Baseline& b) {
  const auto name = b.name + (b.version.empty() ? "" : " " + b.version);
  const auto refused = b.verdict == report::Verdict::fail ? ", which is refused itself" : "";
  return fmt::format("{} ({}){}, {} new finding{}", name.empty() ? "another version" : name, b.digest.substr(0, 8), refused, b.news == 0 ? "no" : std::to_string(b.news), b.news == 1 ? "" : "s");
}

}  // namespace app
