#include "app/verify_text.h"

#include <nlohmann/json.hpp>

#include "app/hallmark_baseline.h"
#include "report/wording.h"

namespace app {
namespace {

using hallmark::Refusal;
using hallmark::VerdictStatement;
using hallmark::Verified;
using Json = nlohmann::ordered_json;

// The checks in the order in which they are made; verify() stops at the first that does not hold.
enum class Check { signature, form, log, key, time, policy, engine };

Check check_of(const Verified& v) {
  switch (v.refusal) {
    case Refusal::bad_signature: return Check::signature;
    case Refusal::untrusted_key: return v.office.empty() ? Check::signature : Check::key;
    case Refusal::malformed: return Check::form;
    case Refusal::not_logged:
    case Refusal::bad_proof:
    case Refusal::few_witnesses: return Check::log;
    case Refusal::other_office: return Check::key;
    case Refusal::expired:
    case Refusal::not_yet_valid:
    case Refusal::too_old: return Check::time;
    case Refusal::wrong_policy: return Check::policy;
    case Refusal::wrong_engine:
    case Refusal::none: return Check::engine;
  }
  return Check::signature;
}

std::string days(const std::string& time) { return time.substr(0, 10); }

std::string holds(Check check, const Verified& v, const VerdictStatement& s, bool trusts_log) {
  switch (check) {
    case Check::signature: return "holds: " + v.office;
    case Check::form: return fmt::format("holds: verdict {}", v.id.brief());
    case Check::log:
      if (v.log.empty()) return trusts_log ? "none, and none is asked for" : "not checked: no log is trusted (--trust names logs)";
      return fmt::format("holds: entry {} of {}, {} entries, cosigned by {} witness{}", v.log_index, v.log, v.log_size, v.cosigned, v.cosigned == 1 ? "" : "es");
    case Check::key: return "holds: it counts for " + days(hallmark::print_time(s.issued));
    case Check::time: return fmt::format("holds: issued {}, expires {}", days(hallmark::print_time(s.issued)), days(hallmark::print_time(s.expires)));
    case Check::policy: return fmt::format("holds: {} ({})", s.policy_name, s.policy.substr(0, 8));
    case Check::engine: return fmt::format("holds: {} ({})", s.engine_version, s.engine.substr(0, 8));
  }
  return "";
}

std::string line(std::string_view name, std::string_view text) { return fmt::format("  {:<10} {}\n", name, text); }

std::string text_of(const Checked& c, bool trusts_log) {
  static constexpr std::pair<Check, std::string_view> checks[] = {{Check::signature, "signature"}, {Check::form, "statement"}, {Check::log, "log"}, {Check::key, "key"}, {Check::time, "time"}, {Check::policy, "policy"}, {Check::engine, "engine"}};
  const auto& v = c.verified;
  const auto failed = check_of(v);
  const VerdictStatement none;
  const auto* statement = std::get_if<VerdictStatement>(&v.statement.predicate);
  std::string out = base::printable(c.file) + "\n";
  for (const auto& [check, name] : checks) {
    const bool here = check == failed && !v.holds();
    if (check == Check::signature && !here && v.office.empty()) continue;   // not even read
    out += line(name, here ? "does not hold: " + v.why : holds(check, v, statement ? *statement : none, trusts_log));
    if (here) return out;
  }
  if (c.subject.empty()) out += line("product", "does not hold: the hallmark is about another product, " + base::printable(v.statement.subjects[0].name));
  else if (c.whole) out += line("product", "holds: it is " + c.subject);
  else out += line("product", fmt::format("holds: among the files of {} as {}", v.statement.subjects[0].name, c.subject));
  if (statement->baseline) out += line("compared", "with " + in_words(*statement->baseline));
  if (!c.put_out.empty()) out += line("standing", "does not hold: " + c.put_out);
  out += line("verdict", report::name_of(statement->verdict));
  for (const auto& condition : statement->conditions) out += line("", "condition: " + condition);
  return out;
}

Json json_of(const Checked& c) {
  const auto& v = c.verified;
  Json out = {{"file", base::printable(c.file)}, {"hallmark", v.id.hex()}, {"holds", v.holds()}, {"counts", c.counts()}};
  if (!v.holds()) out["refusal"] = hallmark::name_of(v.refusal), out["why"] = report::sentence(v.why);
  if (!c.put_out.empty()) out["put_out"] = report::sentence(c.put_out);
  out["office"] = v.office;
  const auto* s = std::get_if<VerdictStatement>(&v.statement.predicate);
  if (!v.holds() || !s) return out;
  out["verdict"] = report::name_of(s->verdict);
  out["subject"] = c.subject;
  out["whole_product"] = c.whole;
  out["product"] = {{"name", s->product.name}, {"version", s->product.version}, {"sha256", s->product.digest}};
  out["issued"] = hallmark::print_time(s->issued);
  out["expires"] = hallmark::print_time(s->expires);
  out["policy"] = s->policy;
  out["engine"] = s->engine;
  out["report"] = s->report;
  out["conditions"] = s->conditions;
  if (const auto& b = s->baseline) {
    out["baseline"] = {{"name", b->name}, {"version", b->version}, {"sha256", b->digest}, {"verdict", report::name_of(b->verdict)}, {"new_findings", b->news}, {"findings", b->findings}, {"resolved_findings", b->resolved}};
    if (!b->report.empty()) out["baseline"]["report"] = b->report;
    if (!b->hallmark.empty()) out["baseline"]["hallmark"] = b->hallmark;
  }
  if (!v.log.empty()) out["log"] = {{"origin", v.log}, {"index", v.log_index}, {"size", v.log_size}, {"cosigned", v.cosigned}};
  return out;
}

}  // namespace

std::string text_of(const Verification& verification) {
  std::string names;
  for (const auto& file : verification.files) names += (names.empty() ? "" : ", ") + base::printable(file);
  std::string out = fmt::format("{}\n{}", names, line("sha256", verification.digest.hex()));
  for (const auto& c : verification.hallmarks) out += text_of(c, verification.trusts_log);
  return out + verification.sentence + "\n";
}

std::string json_of(const Verification& verification) {
  Json hallmarks = Json::array(), files = Json::array();
  for (const auto& c : verification.hallmarks) hallmarks.push_back(json_of(c));
  for (const auto& file : verification.files) files.push_back(base::printable(file));
  const Json out = {{"schema", 1},
                    {"product", {{"files", files}, {"sha256", verification.digest.hex()}, {"size", verification.size}}},
                    {"hallmarks", std::move(hallmarks)},
                    {"quorum", {{"wanted", verification.wanted}, {"reached", verification.quorum.reached}}},
                    {"exit_code", verification.exit_code},
                    {"sentence", report::sentence(verification.sentence)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace app
