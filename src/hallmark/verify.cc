#include "hallmark/verify.h"

#include <algorithm>

#include "hallmark/fields.h"

namespace hallmark {

using base::Trouble;
using report::Verdict;

namespace {

// Clocks of honest machines differ by less.
constexpr Time clock_slack = 300;

// Why not; nothing when it is well.
struct Objection {
  Refusal refusal = Refusal::none;
  std::string why;
  explicit operator bool() const { return refusal != Refusal::none; }
};

// A key that made the signature, and whose it is.
struct Hand {
  const Office* office = nullptr;
  const OfficeKey* key = nullptr;
};

Objection find_hands(const Envelope& envelope, const Trust& trust, std::vector<Hand>& out) {
  bool claimed = false;
  for (const auto& office : trust.offices)
    for (const auto& key : office.keys) {
      if (envelope.check(key.key)) out.push_back({&office, &key});
      else claimed = claimed || std::any_of(envelope.signatures.begin(), envelope.signatures.end(), [&](const auto& s) { return s.keyid == key.key.id().hex(); });
    }
  if (!out.empty()) return {};
  if (claimed) return {Refusal::bad_signature, "the signature does not hold: the statement or the signature was changed"};
  const auto hint = envelope.signatures.empty() ? "" : base::printable(envelope.signatures[0].keyid).substr(0, 16);
  return {Refusal::untrusted_key, fmt::format("no trusted office has signed it{}", hint.empty() ? "" : fmt::format(" (its key is {}...)", hint))};
}

struct Logged {
  Objection objection;
  std::string origin;
  tlog::SeenCheckpoint seen;
};

Objection check_entry(const LogEntry& entry, const Envelope& envelope, const sign::PublicKey& key) {
  const auto leaf = read_leaf(base::bytes_of(entry.body));
  if (!leaf) return {Refusal::bad_proof, leaf.error().what};
  const bool same = std::any_of(envelope.signatures.begin(), envelope.signatures.end(), [&](const auto& s) { return s.bytes == leaf->signature; });
  if (leaf->payload != envelope.payload_digest()) return {Refusal::bad_proof, "the log entry is about another statement"};
  if (!same || leaf->key != key) return {Refusal::bad_proof, "the log entry is about another signature"};
  return {};
}

Logged check_log(const Bundle& bundle, const sign::PublicKey& key, const Trust& trust) {
  const auto refused = [](Refusal refusal, std::string why) { return Logged{{refusal, std::move(why)}}; };
  if (!bundle.entry) return trust.need_log ? refused(Refusal::not_logged, "it carries no proof that it was logged") : Logged{};
  const auto& entry = *bundle.entry;
  Logged out = trust.need_log ? refused(Refusal::not_logged, "the log that it is in is not a trusted one") : Logged{};
  for (const auto& log : trust.logs) {
    if (log.log.full_id != entry.log_id) continue;
    if (auto objection = check_entry(entry, bundle.envelope, key)) return {std::move(objection)};
    const auto seen = tlog::check_proof(entry.proof, base::bytes_of(entry.body), log);
    if (!seen) {
      out = refused(seen.error().trouble == Trouble::usage ? Refusal::few_witnesses : Refusal::bad_proof, seen.error().what);
      continue;   // one key may serve two logs
    }
    if (seen->checkpoint.size != entry.size || seen->checkpoint.root != entry.root) return refused(Refusal::bad_proof, "the bundle names another tree than its checkpoint");
    return {{}, log.origin, *seen};
  }
  return out;
}

Objection check_hand(const Hand& hand, std::string_view office, Time issued, const Logged& logged, Time now) {
  if (!hand.office->uri.empty() && hand.office->uri != office)
    return {Refusal::other_office, fmt::format("it speaks for {}, and was signed with a key of {}", base::printable(office), hand.office->name)};
  if (issued < hand.key->not_before || issued > hand.key->not_after)
    return {Refusal::untrusted_key, fmt::format("the key of {} does not count for {}", hand.office->name, print_time(issued))};
  // Who holds a key that was put away can write any date; the witnesses saw the entry when it came.
  if (now > hand.key->not_after && logged.seen.newest_cosignature > hand.key->not_after)
    return {Refusal::untrusted_key, fmt::format("it was logged on {}, after the key of {} was put away", print_time(logged.seen.newest_cosignature), hand.office->name)};
  return {};
}

Objection check_verdict(const VerdictStatement& v, const Trust& trust, Time now) {
  if (v.issued > now + clock_slack) return {Refusal::not_yet_valid, fmt::format("it is dated {}, which is to come", print_time(v.issued))};
  if (now >= v.expires) return {Refusal::expired, fmt::format("it expired on {}", print_time(v.expires))};
  if (trust.most_age > 0 && now - v.issued > trust.most_age)
    return {Refusal::too_old, fmt::format("it was issued on {}; {} day{} are allowed", print_time(v.issued), trust.most_age / 86'400, trust.most_age / 86'400 == 1 ? "" : "s")};
  if (!trust.policies.empty() && !trust.policies.contains(v.policy))
    return {Refusal::wrong_policy, fmt::format("it was judged by the policy '{}' ({}), which is not an accepted one", v.policy_name, v.policy.substr(0, 8))};
  if (!trust.engines.empty() && !trust.engines.contains(v.engine))
    return {Refusal::wrong_engine, fmt::format("it was vetted by the engine {} ({}), which is not an accepted one", v.engine_version, v.engine.substr(0, 8))};
  return {};
}

// The lines after the verdict: summaries of the same pass by the same key. Other tools read them, so they
// must say the same.
base::Result<> check_summary(const Bundle& bundle, const Statement& statement, const VerdictStatement& v) {
  const auto json = TRY(parse_json(bundle.envelope.payload, most_envelope_bytes));
  Fields f(json, "summary");
  if (f.text("predicateType") != vsa_type) f.wrong("predicateType", "only a verification summary may follow a verdict");
  if (v.verdict != Verdict::pass) f.wrong("predicateType", "a verdict that is no pass carries a summary of passing");
  const auto& subjects = f.list("subject");
  Fields p(f.object("predicate"), "predicate");
  if (p.text("verificationResult") != "PASSED") p.wrong("verificationResult", "PASSED is needed");
  Fields policy(p.object("policy"), "policy");
  if (policy.digest("digest").hex() != v.policy) policy.wrong("digest", "is of another policy");
  if (subjects.size() != 1) f.wrong("subject", "one is needed");
  for (const auto* fields : {&f, &p, &policy}) CHECK_OK(fields->done());
  Fields subject(subjects[0], "subject");
  if (subject.digest("digest") != statement.subjects[0].digest) subject.wrong("digest", "is of another product");
  return subject.done();
}

Objection check_rest(const HallmarkFile& file, const Statement& statement, const VerdictStatement& v, const sign::PublicKey& key, const Trust& trust) {
  for (std::size_t i = 1; i < file.bundles.size(); ++i) {
    const auto& bundle = file.bundles[i];
    const auto line = [&](std::string_view why) { return fmt::format("line {} of the hallmark: {}", i + 1, why); };
    if (!bundle.envelope.check(key)) return {Refusal::bad_signature, line("the key of the verdict has not signed it")};
    if (const auto sound = check_summary(bundle, statement, v); !sound) return {Refusal::malformed, line(sound.error().what)};
    if (auto logged = check_log(bundle, key, trust); logged.objection) return {logged.objection.refusal, line(logged.objection.why)};
  }
  return {};
}

std::string_view office_of(const Predicate& predicate) {
  return std::visit(
      [](const auto& p) -> std::string_view {
        if constexpr (requires { p.office; }) return p.office;
        else return "";
      },
      predicate);
}

Time issued_of(const Predicate& predicate) {
  return std::visit([](const auto& p) { return p.issued; }, predicate);
}

// The first hand that may say this, else why not.
Objection choose(const std::vector<Hand>& hands, std::string_view office, Time issued, const Bundle* bundle, const Trust& trust, Time now, Hand& chosen, Logged& logged) {
  Objection out;
  for (const auto& hand : hands) {
    logged = bundle ? check_log(*bundle, hand.key->key, trust) : Logged{};
    out = logged.objection ? logged.objection : check_hand(hand, office, issued, logged, now);
    chosen = hand;
    if (!out) return {};
  }
  return out;
}

// fail, inconclusive, conditional, pass (docs/concept.md).
bool graver(Verdict a, Verdict b) {
  const auto rank = [](Verdict v) { return v == Verdict::fail ? 0 : v == Verdict::inconclusive ? 1 : v == Verdict::conditional ? 2 : 3; };
  return rank(a) < rank(b);
}

}  // namespace

std::string_view name_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::none: return "none";
    case Refusal::malformed: return "malformed";
    case Refusal::untrusted_key: return "untrusted-key";
    case Refusal::bad_signature: return "bad-signature";
    case Refusal::not_logged: return "not-logged";
    case Refusal::bad_proof: return "bad-proof";
    case Refusal::few_witnesses: return "few-witnesses";
    case Refusal::expired: return "expired";
    case Refusal::not_yet_valid: return "not-yet-valid";
    case Refusal::wrong_policy: return "wrong-policy";
    case Refusal::wrong_engine: return "wrong-engine";
    case Refusal::other_office: return "other-office";
    case Refusal::too_old: return "too-old";
  }
  return "malformed";
}

Verified verify(const HallmarkFile& file, const Trust& trust, Time now) {
  Verified out;
  const auto refuse = [&](Refusal refusal, std::string why) {
    out.refusal = refusal;
    out.why = std::move(why);
    return out;
  };
  if (file.bundles.empty()) return refuse(Refusal::malformed, "the hallmark is empty");
  const auto& first = file.bundles[0];
  out.id = first.envelope.payload_digest();
  std::vector<Hand> hands;
  if (const auto objection = find_hands(first.envelope, trust, hands)) return refuse(objection.refusal, objection.why);
  out.office = hands[0].office->name;
  // Only now: what nobody trusted has signed is not even read.
  if (first.envelope.payload_type != in_toto_type) return refuse(Refusal::malformed, "the payload is no in-toto statement");
  auto statement = Statement::from_json(first.envelope.payload);
  if (!statement) return refuse(Refusal::malformed, statement.error().what);
  out.statement = std::move(*statement);
  const auto* verdict = std::get_if<VerdictStatement>(&out.statement.predicate);
  if (!verdict) return refuse(Refusal::malformed, "the first line of the hallmark is no verdict");
  Hand hand;
  Logged logged;
  if (const auto objection = choose(hands, verdict->office, verdict->issued, &first, trust, now, hand, logged)) return refuse(objection.refusal, objection.why);
  out.office = hand.office->name;
  out.log_size = logged.seen.checkpoint.size;
  out.log = logged.origin;
  out.log_index = first.entry ? first.entry->proof.index : 0;
  out.cosigned = logged.seen.cosigned;
  out.newest_cosignature = logged.seen.newest_cosignature;
  if (const auto objection = check_rest(file, out.statement, *verdict, hand.key->key, trust)) return refuse(objection.refusal, objection.why);
  if (const auto objection = check_verdict(*verdict, trust, now)) return refuse(objection.refusal, objection.why);
  return out;
}

base::Result<Statement> verify_statement(const Envelope& envelope, const Trust& trust, Time now, std::string* office) {
  std::vector<Hand> hands;
  if (const auto objection = find_hands(envelope, trust, hands)) return base::fail(Trouble::malformed, "{}", objection.why);
  if (envelope.payload_type != in_toto_type) return base::fail(Trouble::malformed, "the payload is no in-toto statement");
  auto out = TRY(Statement::from_json(envelope.payload));
  const auto issued = issued_of(out.predicate);
  if (issued > now + clock_slack) return base::fail(Trouble::malformed, "it is dated {}, which is to come", print_time(issued));
  Hand hand;
  Logged logged;
  const auto spoken_for = office_of(out.predicate);
  // Appeals and openings of a gate name no office: any trusted key may sign them.
  std::erase_if(hands, [&](const Hand& h) { return spoken_for.empty() && (issued < h.key->not_before || issued > h.key->not_after); });
  if (hands.empty()) return base::fail(Trouble::malformed, "the key does not count for {}", print_time(issued));
  if (!spoken_for.empty())
    if (const auto objection = choose(hands, spoken_for, issued, nullptr, trust, now, hand, logged)) return base::fail(Trouble::malformed, "{}", objection.why);
  if (office) *office = (hand.office ? hand.office : hands[0].office)->name;
  return out;
}

Quorum quorum(const std::vector<Verified>& hallmarks, const std::set<std::string>& of, unsigned wanted) {
  Quorum out;
  std::map<std::string, const VerdictStatement*> newest;
  for (const auto& h : hallmarks) {
    const auto* v = h.holds() ? std::get_if<VerdictStatement>(&h.statement.predicate) : nullptr;
    if (!v || (!of.empty() && !of.contains(h.office))) continue;
    auto& slot = newest[h.office];
    // Of two of the same second the graver: no order of files may let the kinder word win.
    if (!slot || v->issued > slot->issued || (v->issued == slot->issued && graver(v->verdict, slot->verdict))) slot = v;
  }
  unsigned passes = 0, not_refused = 0;
  bool fails = false;
  for (const auto& [office, v] : newest) {
    out.said[office] = v->verdict;
    passes += v->verdict == Verdict::pass;
    not_refused += v->verdict == Verdict::pass || v->verdict == Verdict::conditional;
    fails = fails || v->verdict == Verdict::fail;
  }
  wanted = std::max(wanted, 1u);
  out.reached = passes >= wanted;
  out.verdict = out.reached ? Verdict::pass : not_refused >= wanted ? Verdict::conditional : fails ? Verdict::fail : Verdict::inconclusive;
  out.why = fmt::format("{} of the {} office{} wanted say{} pass", passes, wanted, wanted == 1 ? "" : "s", passes == 1 ? "s" : "");
  return out;
}

}  // namespace hallmark
