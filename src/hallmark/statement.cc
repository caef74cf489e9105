// in-toto Statement v1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md).
#include "hallmark/statement.h"

#include "hallmark/envelope.h"
#include "hallmark/predicate.h"
#include "report/wording.h"

namespace hallmark {

using base::Trouble;

namespace {

constexpr std::string_view statement_type = "https://in-toto.io/Statement/v1";

std::string_view type_of(const Predicate& predicate) {
  static constexpr std::string_view types[] = {verdict_type, revocation_type, waiver_type, reasons_type, appeal_type, decision_type, break_glass_type};
  static_assert(std::variant_size_v<Predicate> == std::size(types));
  return types[predicate.index()];
}

template <class T>
base::Result<Predicate> widen(base::Result<T> read) {
  if (!read) return std::unexpected(std::move(read.error()));
  return Predicate(std::move(*read));
}

base::Result<Predicate> read_predicate(std::string_view type, const Json& json) {
  if (type == verdict_type) return widen(read_verdict(json));
  if (type == revocation_type) return widen(read_revocation(json));
  if (type == waiver_type) return widen(read_waiver(json));
  if (type == reasons_type) return widen(read_reasons(json));
  if (type == appeal_type) return widen(read_appeal(json));
  if (type == decision_type) return widen(read_appeal_decision(json));
  if (type == break_glass_type) return widen(read_break_glass(json));
  return base::fail(Trouble::unsupported, "statements of the type {} are not known", type);
}

}  // namespace

std::string Statement::to_json() const {
  Json listed = Json::array();
  for (const auto& s : subjects) listed.push_back({{"name", report::sentence(s.name)}, {"digest", digest_set(s.digest)}});
  return print_json({{"_type", statement_type},
                     {"subject", std::move(listed)},
                     {"predicateType", type_of(predicate)},
                     {"predicate", std::visit([](const auto& p) { return write(p); }, predicate)}});
}

base::Result<Statement> Statement::from_json(std::string_view text) {
  const auto json = TRY(parse_json(text, most_envelope_bytes));
  Fields f(json, "statement");
  if (f.text("_type") != statement_type) f.wrong("_type", "in-toto Statement v1 is needed");
  const auto type = f.text("predicateType");
  const auto& listed = f.list("subject", most_subjects + 1);
  if (listed.empty()) f.wrong("subject", "there is none");
  const auto& predicate = f.object("predicate");
  CHECK_OK(f.done());
  Statement out;
  for (const auto& item : listed) {
    Fields s(item, "subject");
    Subject subject{s.text_or_empty("name"), s.digest("digest")};
    CHECK_OK(s.done());
    out.subjects.push_back(std::move(subject));
  }
  out.predicate = TRY(read_predicate(type, predicate));
  const auto* verdict = std::get_if<VerdictStatement>(&out.predicate);
  if (verdict && verdict->product.digest != out.subjects[0].digest.hex()) return base::fail(Trouble::malformed, "the first subject is not the product that the verdict is about");
  return out;
}

}  // namespace hallmark
