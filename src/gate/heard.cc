#include "gate/heard.h"

#include "gate/descent.h"

namespace gate {

std::optional<Heard> hear(const hallmark::HallmarkFile& file, const hallmark::Trust& trust, Time now) {
  if (file.bundles.empty()) return std::nullopt;
  const auto& envelope = file.bundles.front().envelope;
  const auto statement = hallmark::Statement::from_json(envelope.payload);
  if (!statement || statement->subjects.empty()) return std::nullopt;
  const auto* verdict = std::get_if<hallmark::VerdictStatement>(&statement->predicate);
  if (!verdict) return std::nullopt;

  // Age and term are looked at when the gate is asked; here everything that never changes.
  auto timeless = trust;
  timeless.most_age = 0;
  auto verified = hallmark::verify(file, timeless, now);
  if (verified.refusal == hallmark::Refusal::expired || verified.refusal == hallmark::Refusal::not_yet_valid) verified = hallmark::verify(file, timeless, verdict->issued);
  Heard out{std::make_shared<Word>(), {}, {}};
  auto& word = *out.word;
  word.id = envelope.payload_digest();
  word.refusal = verified.refusal;
  word.refused_because = verified.why;
  const bool nobody = verified.refusal == hallmark::Refusal::untrusted_key || verified.refusal == hallmark::Refusal::bad_signature || verified.refusal == hallmark::Refusal::malformed;
  if (!nobody) word.office = verified.office;
  word.verdict = verdict->verdict;
  word.issued = verdict->issued;
  word.expires = verdict->expires;
  word.product = statement->subjects.front().digest;
  word.name = verdict->product.name + (verdict->product.version.empty() ? "" : " " + verdict->product.version);
  word.maker = verdict->product.maker;
  word.line = line_of(verdict->product);
  if (const auto& b = verdict->baseline) {
    word.baseline = base::Digest::from_hex(b->digest).value_or(base::Digest{});
    word.baseline_name = b->name + (b->version.empty() ? "" : " " + b->version);
  }
  word.conditions = verdict->conditions;
  word.condition_findings = verdict->condition_findings;
  for (const auto& subject : statement->subjects)
    if (subject.digest != word.product) out.inside.push_back(subject.digest);
  for (const auto& hex : verdict->supersedes)
    if (const auto id = base::Digest::from_hex(hex)) out.supersedes.push_back(*id);
  return out;
}

}  // namespace gate
