// What the decision rests on, as plain values: what offices said about one product, and the state of
// logs and store, which is the same for every product. Made by Knowledge, never changed after.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "gate/decision.h"
#include "gate/policy.h"

namespace gate {

/// Whether a word tells enough of where its product comes from (gate/descent.h).
enum class Descent {
  enough,       ///< compared with a known version, or the policy asks for no more
  uncompared,   ///< there is a known version, and the product was not vetted against it
  first,        ///< there is none, and the policy lets no first version in
};

/// One hallmark. Signature, proof, policy and engine were checked when it came in; its times are
/// looked at when it is asked for.
struct Word {
  base::Digest id;                 ///< payload digest
  std::string office;              ///< whose key signed; "" = nobody that this gate trusts
  hallmark::Refusal refusal = hallmark::Refusal::none;
  std::string refused_because;     ///< sentence
  report::Verdict verdict = report::Verdict::inconclusive;
  Time issued = 0, expires = 0;
  base::Digest product;            ///< the first subject
  std::string name, maker;         ///< of the product, printable
  std::string line;                ///< the same for all versions of a product (line_of)
  base::Digest baseline;           ///< the version that it was vetted against; zero = none
  std::string baseline_name;       ///< printable, with its version
  std::vector<std::string> conditions, condition_findings;
  bool revoked = false;
  std::string revoked_because;
  bool superseded = false;         ///< a newer word of the same office stands for the same product
  Descent descent = Descent::enough;
  std::string known_version;       ///< of what lacks a baseline: one that it could be vetted against; "" = none
  bool signed_by_office() const { return !office.empty(); }
};

/// Whether a word may speak for its office. A refusal that was signed stands even where its proof is
/// missing: an office must not be able to say "no" in private and "yes" in public.
bool counts(const Word& word);
/// Of two words of one office about one product: the later one; of the same second the graver one.
bool stands_over(const Word& a, const Word& b);

/// A logged waiver of an office that the policy names: it answers one finding of one product.
struct Answered {
  std::string finding, office, approver;
  Time issued = 0, expires = 0;
};

/// Whether each condition of the word is one that the policy names as met or that was ever waived, be the waiver over by now.
bool conditions_were_met(const Word& word, const Policy& policy, std::span<const Answered> answered);

/// Opened by hand (break-glass): signed by a key that the policy names for it.
struct Opening {
  std::string reason, approver;
  Time issued = 0, expires = 0;
  std::set<base::Digest> products; ///< empty = every product
  base::Digest id;
};

/// A log that is followed.
struct LogFacts {
  std::string origin;
  Time most_age = 0;               ///< seconds; 0 = no limit
  Time fresh = 0;                  ///< of the newest cosignature, or of the last reading; 0 = never read
  std::uint64_t size = 0;
  bool rolled_back = false;
  std::uint64_t withheld = 0;      ///< entries of trusted offices whose statement the log does not give
  std::string trouble;             ///< of the last reading; "" = none
};

struct Surroundings {
  Time newest_seen = 0;            ///< no honest clock shows an earlier time
  std::string store_trouble;       ///< "" = the folder of hallmarks could be read
  std::vector<LogFacts> logs;
  std::vector<Opening> openings;
};

struct Facts {
  std::span<const std::shared_ptr<const Word>> own;     ///< the product is their first subject
  std::span<const std::shared_ptr<const Word>> inside;  ///< a file in a product that passed, or would under conditions
  std::span<const Answered> answered;                   ///< waivers for this product
  bool pending = false;
};

/// Clocks of offices and witnesses may be this far ahead.
inline constexpr Time clock_skew = 300;

/// Pure: same facts, same decision.
Decision decide(const Policy& policy, const Surroundings& around, const Facts& facts, const base::Digest& product, Time now);

}  // namespace gate
