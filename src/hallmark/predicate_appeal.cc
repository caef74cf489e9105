// What law there is between maker and office: waivers, statements of reasons, appeals and their
// decisions (docs/hallmark.md).
#include "hallmark/predicate.h"
#include "report/wording.h"

namespace hallmark {

using report::sentence;

Json write(const WaiverStatement& w) {
  return {{"office", sentence(w.office)},       {"finding", sentence(w.finding)},     {"reason", sentence(w.reason)},  {"approver", sentence(w.approver)},
          {"requester", sentence(w.requester)}, {"issued", print_time(w.issued)}, {"expires", print_time(w.expires)}};
}

base::Result<WaiverStatement> read_waiver(const Json& json) {
  Fields f(json, "waiver");
  WaiverStatement out;
  out.office = f.text("office");
  out.finding = f.text("finding");
  out.reason = f.text("reason");
  out.approver = f.text("approver");
  out.requester = f.text("requester");
  f.period(out.issued, out.expires);
  if (out.approver == out.requester) f.wrong("approver", "the one who asked can't approve");
  CHECK_OK(f.done());
  return out;
}

Json write(const Reasons& r) {
  Json grounds = Json::array();
  for (const auto& g : r.grounds)
    grounds.push_back({{"finding", sentence(g.finding)}, {"rule", sentence(g.rule)}, {"place", sentence(g.place)}, {"remedy", sentence(g.remedy)}});
  Json out = {{"office", sentence(r.office)}, {"hallmark", digest_set(r.hallmark)}, {"issued", print_time(r.issued)}, {"deadline", print_time(r.deadline)}, {"grounds", std::move(grounds)}};
  if (r.sealed) out["sealed"] = digest_set(*r.sealed);
  if (!r.nonce.empty()) out["nonce"] = sentence(r.nonce);
  return out;
}

base::Result<Reasons> read_reasons(const Json& json) {
  Fields f(json, "statement of reasons");
  Reasons out;
  out.office = f.text("office");
  out.hallmark = f.digest("hallmark");
  out.issued = f.time("issued");
  out.deadline = f.time("deadline");
  out.sealed = f.digest_or_none("sealed");
  out.nonce = f.text_or_empty("nonce");
  if (f.has("grounds"))
    for (const auto& item : f.list("grounds")) {
      Fields g(item, "ground");
      Reasons::Ground ground{g.text_or_empty("finding"), g.text("rule"), g.text_or_empty("place"), g.text_or_empty("remedy")};
      CHECK_OK(g.done());
      out.grounds.push_back(std::move(ground));
    }
  if (out.grounds.empty() && !out.sealed) f.wrong("grounds", "neither grounds nor the digest of sealed ones");
  if (out.nonce.find_first_not_of("0123456789abcdef") != std::string::npos) f.wrong("nonce", "hex is needed");
  CHECK_OK(f.done());
  return out;
}

Json write(const Appeal& a) {
  return {{"hallmark", digest_set(a.hallmark)}, {"appellant", sentence(a.appellant)}, {"grounds", sentence(a.grounds)}, {"issued", print_time(a.issued)}};
}

base::Result<Appeal> read_appeal(const Json& json) {
  Fields f(json, "appeal");
  Appeal out;
  out.hallmark = f.digest("hallmark");
  out.appellant = f.text("appellant");
  out.grounds = f.text("grounds");
  out.issued = f.time("issued");
  CHECK_OK(f.done());
  return out;
}

Json write(const AppealDecision& d) {
  Json out = {{"office", sentence(d.office)},
              {"examiner", sentence(d.examiner)},
              {"appeal", digest_set(d.appeal)},
              {"hallmark", digest_set(d.hallmark)},
              {"outcome", d.overturned ? "overturned" : "upheld"},
              {"reason", sentence(d.reason)},
              {"issued", print_time(d.issued)}};
  if (d.superseding) out["superseding"] = digest_set(*d.superseding);
  return out;
}

base::Result<AppealDecision> read_appeal_decision(const Json& json) {
  Fields f(json, "appeal decision");
  AppealDecision out;
  out.office = f.text("office");
  out.examiner = f.text("examiner");
  out.appeal = f.digest("appeal");
  out.hallmark = f.digest("hallmark");
  const auto outcome = f.text("outcome");
  if (outcome != "overturned" && outcome != "upheld") f.wrong("outcome", "upheld or overturned is needed");
  out.overturned = outcome == "overturned";
  out.reason = f.text("reason");
  out.issued = f.time("issued");
  out.superseding = f.digest_or_none("superseding");
  if (out.superseding && !out.overturned) f.wrong("superseding", "a verdict that was upheld is not superseded");
  CHECK_OK(f.done());
  return out;
}

}  // namespace hallmark
