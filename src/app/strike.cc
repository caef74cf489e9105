#include "app/strike.h"

#include "app/statements.h"
#include "hallmark/trust_yaml.h"

namespace app {

using base::Trouble;
using hallmark::Time;
using hallmark::VerdictStatement;

base::Result<hallmark::HallmarkFile> strike(const hallmark::Statement& verdict, const sign::Signer& signer, const LogOptions& log) {
  const auto& v = std::get<VerdictStatement>(verdict.predicate);
  const bool pass = v.verdict == report::Verdict::pass;
  if (pass && !v.replayable) return base::fail(Trouble::usage, "the verdict is pass, and the run can't be replayed: no hallmark is struck on what nobody can check; vet again");
  std::vector<std::string> payloads = {verdict.to_json()};
  if (pass) payloads.push_back(TRY(hallmark::verification_summary(verdict)));
  hallmark::HallmarkFile out;
  for (auto& payload : payloads) out.bundles.push_back({TRY(hallmark::Envelope::seal(std::move(payload), signer)), std::nullopt});
  // Before anybody else sees it: it must hold in a reader's eyes. In the log it can't be mended.
  hallmark::Trust trust;
  trust.need_log = false;
  trust.offices = {{"this office", v.office, {{signer.public_key()}}}};
  const auto read = hallmark::HallmarkFile::parse(out.print());
  const auto holds = read ? hallmark::verify(*read, trust, v.issued) : hallmark::Verified{hallmark::Refusal::malformed, read.error().what};
  if (!holds.holds()) return base::fail(Trouble::usage, "the hallmark would not hold: {}", holds.why);
  if (log.log.empty()) return out;
  std::vector<hallmark::Envelope> envelopes;
  for (const auto& bundle : out.bundles) envelopes.push_back(bundle.envelope);
  auto entries = TRY(log_statements(log, envelopes, signer.public_key()));
  for (std::size_t i = 0; i < entries.size(); ++i) out.bundles[i].entry = std::move(entries[i]);
  return out;
}

base::Result<std::vector<std::string>> superseded(const std::vector<std::string>& files, const base::Digest& product, const std::string& office) {
  std::vector<std::string> out;
  for (const auto& file : files) {
    const auto [loaded, verdict] = TRY(load_as<VerdictStatement>(file, "a hallmark"));
    if (loaded.statement.subjects[0].digest != product) return base::fail(Trouble::usage, "{} is the hallmark of another product ({})", base::printable(file), loaded.statement.subjects[0].name);
    if (verdict.office != office) return base::fail(Trouble::usage, "{} was struck by {}; an office supersedes its own hallmarks only", base::printable(file), verdict.office);
    out.push_back(loaded.id.hex());
  }
  return out;
}

base::Result<Time> expiry(const std::string& text, Time issued) {
  const auto day = text.size() == 10 ? hallmark::parse_time(text) : base::Result<Time>(base::fail(Trouble::usage, "no day"));
  if (!day) {
    const auto span = hallmark::parse_span(text);
    if (!span) return base::fail(Trouble::usage, "--expires takes a span such as 90d or 1y, or a day such as 2027-01-31, not '{}'", base::printable(text));
    return issued + *span;
  }
  const auto end = *day + 86'400 - 1;
  if (end <= issued) return base::fail(Trouble::usage, "--expires {}: that day is over", text);
  return end;
}

}  // namespace app
