// Waivers: `waiver: {product, finding, reason, approver, expires}` (docs/verdicts.md).
// Does not check a signature: signed ones are read and checked before they come here, and carry their key.
#include "judge/verdict.h"
#include "report/strict_yaml.h"

namespace judge {
namespace {

bool is_date(std::string_view text) {
  if (text.size() != 10) return false;
  for (std::size_t i = 0; i < 10; ++i)
    if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  return true;
}

bool is_hex(std::string_view text, std::size_t size) {
  return text.size() == size && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

base::Result<Waiver> parse_waiver(std::string_view text, std::string_view source_name) {
  const auto document = TRY(report::read_yaml(text, source_name));
  const auto* top = document.find("waiver");
  if (!top || !top->is_map()) return base::fail(base::Trouble::usage, "{}: a waiver has the form waiver: {{product, finding, reason, approver, expires}}", source_name);
  Waiver out;
  out.digest = base::sha256(text).hex();
  out.id = out.digest.substr(0, 16);
  out.source = source_name;
  for (const auto& [key, value] : top->pairs) {
    auto* field = key.text == "product"    ? &out.product
                  : key.text == "finding"  ? &out.finding
                  : key.text == "reason"   ? &out.reason
                  : key.text == "approver" ? &out.approver
                  : key.text == "expires"  ? &out.expires
                                           : nullptr;
    if (!field) return base::fail(base::Trouble::usage, "{}:{}: the key '{}' is not known in a waiver", source_name, key.line, key.text);
    *field = value.text;
  }
  const auto wrong = [&](std::string_view what) { return base::fail(base::Trouble::usage, "{}:{}: {}", source_name, top->line, what); };
  if (!is_hex(out.product, 64)) return wrong("product must be the product's SHA-256, 64 hex digits");
  if (!is_hex(out.finding, 16)) return wrong("finding must be a finding's id, 16 hex digits");
  if (out.reason.empty()) return wrong("a waiver needs a reason");
  if (out.approver.empty()) return wrong("a waiver needs an approver");
  if (!is_date(out.expires)) return wrong("expires must be a day, as 2027-01-31");
  return out;
}

std::vector<report::Reason> apply_waivers(const Case& c, const Policy& policy, std::vector<report::Finding>& findings) {
  std::vector<report::Reason> out;
  const auto say = [&](const Waiver& w, std::string_view what, const std::string& finding = {}) {
    out.push_back({report::Verdict::pass, fmt::format("The waiver {} has no effect: {}.", base::printable(w.source), what), finding});
  };
  for (const auto& w : c.waivers) {
    if (w.product != c.product_digest) {
      say(w, "it is bound to another product");
    } else if (w.key.empty() && !takes_unsigned_waivers(policy)) {
      say(w, fmt::format("nobody signed it, and the policy '{}' takes signed ones only", policy.name));
    } else if (!w.begins.empty() && c.at < w.begins) {
      say(w, fmt::format("it begins on {}", w.begins));
    } else if (w.expires < c.at) {
      say(w, fmt::format("it expired on {}", w.expires));
    } else {
      const auto at = std::ranges::find(findings, w.finding, &report::Finding::id);
      if (at == findings.end()) say(w, fmt::format("this product has no finding {}", w.finding));
      else if (at->klass == "broken-trust") say(w, "broken trust can't be waived", at->id);
      else if (at->effect == report::Effect::disclose) say(w, "the finding doesn't count against the product", at->id);
      else {
        at->waiver = w.id;
        at->effect = report::Effect::conditional;
        out.push_back({report::Verdict::conditional,
                       fmt::format("The finding '{}' is waived until {} by {} ({}): {}", base::printable(at->rule), w.expires, base::printable(w.approver),
                                   w.key.empty() ? "unsigned" : "signed, key " + w.key.substr(0, 8), base::printable(w.reason)),
                       at->id});
      }
    }
  }
  return out;
}

}  // namespace judge
