// https://assay.example/revocation/v1 and https://assay.example/break-glass/v1 (docs/hallmark.md).
#include "hallmark/predicate.h"
#include "report/wording.h"

namespace hallmark {

using report::sentence;

Json write(const Revocation& r) {
  return {{"office", sentence(r.office)}, {"hallmark", digest_set(r.hallmark)}, {"issued", print_time(r.issued)}, {"reason", sentence(r.reason)}};
}

base::Result<Revocation> read_revocation(const Json& json) {
  Fields f(json, "revocation");
  Revocation out;
  out.office = f.text("office");
  out.hallmark = f.digest("hallmark");
  out.issued = f.time("issued");
  out.reason = f.text("reason");
  CHECK_OK(f.done());
  return out;
}

Json write(const BreakGlass& b) {
  return {{"gate", sentence(b.gate)}, {"reason", sentence(b.reason)}, {"approver", sentence(b.approver)}, {"issued", print_time(b.issued)}, {"expires", print_time(b.expires)}};
}

base::Result<BreakGlass> read_break_glass(const Json& json) {
  Fields f(json, "break-glass");
  BreakGlass out;
  out.gate = f.text("gate");
  out.reason = f.text("reason");
  out.approver = f.text("approver");
  f.period(out.issued, out.expires);
  CHECK_OK(f.done());
  return out;
}

}  // namespace hallmark
