#include "app/command_waive.h"

#include <algorithm>

#include "app/cli.h"
#include "app/exit_codes.h"

namespace app {
namespace {

using base::Trouble;
using hallmark::Statement;

constexpr hallmark::Time longest_waiver = 366 * 86'400;

base::Result<> may_be_waived(const report::Report& report, const std::string& id) {
  const auto at = std::ranges::find(report.findings, id, &report::Finding::id);
  if (at == report.findings.end()) return base::fail(Trouble::usage, "the report has no finding {}; 'assay show' lists them", base::printable(id));
  if (at->klass == "broken-trust") return base::fail(Trouble::usage, "the finding {} ({}) is broken trust, which can't be waived; it has to leave the product", id, base::printable(at->rule));
  if (at->effect == report::Effect::disclose) return base::fail(Trouble::usage, "the finding {} ({}) doesn't count against the product; there is nothing to waive", id, base::printable(at->rule));
  return {};
}

// Whoever wants the product in, whoever made it and whoever lets it in are three.
base::Result<> three_parties(const std::string& approver, const std::string& requester, const std::string& maker) {
  if (same_name(approver, requester)) return base::fail(Trouble::usage, "'{}' can't approve what they asked for; --approver must be somebody else", base::printable(approver));
  if (maker.empty()) return {};
  if (same_name(approver, maker)) return base::fail(Trouble::usage, "'{}' is the product's maker, who can't approve a waiver", base::printable(approver));
  if (same_name(requester, maker)) return base::fail(Trouble::usage, "'{}' is the product's maker; whoever wants to use the product asks for a waiver, the maker appeals", base::printable(requester));
  return {};
}

}  // namespace

base::Result<int> command_waive(const WaiveOptions& options) {
  const auto now = TRY(time_or_now(options.issue.now));
  const auto report = TRY(load_report(options.report, options.store)).report;
  CHECK_OK(may_be_waived(report, options.finding));
  hallmark::WaiverStatement waiver;
  waiver.office = TRY(name_given(options.office, "--office"));
  waiver.finding = options.finding;
  waiver.reason = TRY(name_given(options.reason, "--reason"));
  waiver.approver = TRY(name_given(options.approver, "--approver"));
  waiver.requester = TRY(name_given(options.requester, "--requester"));
  CHECK_OK(three_parties(waiver.approver, waiver.requester, report.product.maker));
  waiver.issued = now;
  waiver.expires = TRY(end_of_day(options.expires, "--expires"));
  if (waiver.expires <= now) return base::fail(Trouble::usage, "--expires {} is over; a waiver holds until the end of a day to come", options.expires);
  if (waiver.expires - now > longest_waiver) return base::fail(Trouble::usage, "--expires {} is more than a year away; ask again then", options.expires);
  const auto product = base::Digest::from_hex(report.product.digest);
  if (!product) return base::fail(Trouble::usage, "the report names no product");
  CHECK_OK(issue(Statement{{{base::printable(report.product.name), *product}}, std::move(waiver)}, "the waiver", options.issue));
  return exit_pass;
}

base::Result<int> command_revoke(const RevokeOptions& options) {
  const auto now = TRY(time_or_now(options.issue.now));
  const auto [loaded, verdict] = TRY(load_as<hallmark::VerdictStatement>(options.hallmark, "a hallmark"));
  if (now < verdict.issued) return base::fail(Trouble::usage, "the hallmark is dated {}, which is to come; look at the clock", hallmark::print_time(verdict.issued));
  hallmark::Revocation revocation{verdict.office, loaded.id, now, TRY(name_given(options.reason, "--reason"))};
  const auto key = TRY(sign::open_signer(options.issue.key));
  if (!loaded.bundle.envelope.check(key->public_key()))
    fmt::print(stderr, "assay: another key signed the hallmark; the revocation counts where {} is trusted for {} too\n", key->public_key().id().brief(), base::printable(verdict.office));
  CHECK_OK(issue(Statement{{loaded.statement.subjects.front()}, std::move(revocation)}, "the revocation", options.issue));
  return exit_pass;
}

void add_waive_commands(CLI::App& cli, base::Result<int>& result) {
  auto w = std::make_shared<WaiveOptions>();
  auto* waive = cli.add_subcommand("waive", "Sign a waiver: one finding of one product may pass, with a condition, until a day");
  waive->add_option("--report", w->report, "The report: a JSON file, or one in the store; the newest there when left out")->type_name("REPORT");
  waive->add_option("--store", w->store, "Folder of the store")->type_name("DIR");
  waive->add_option("--finding", w->finding, "Id of the finding")->required()->type_name("ID");
  waive->add_option("--reason", w->reason, "Why it may pass for now")->required()->type_name("TEXT");
  waive->add_option("--approver", w->approver, "Who decided; neither the one who asks nor the maker")->required()->type_name("NAME");
  waive->add_option("--requester", w->requester, "Who asked; not the maker")->required()->type_name("NAME");
  waive->add_option("--expires", w->expires, "The last day, at most a year away")->required()->type_name("YYYY-MM-DD");
  waive->add_option("--office", w->office, "URI of the office that waives")->required()->type_name("URI");
  add_issue(*waive, w->issue);
  run_with(waive, w, result, command_waive);

  auto r = std::make_shared<RevokeOptions>();
  auto* revoke = cli.add_subcommand("revoke", "Sign that a hallmark no longer counts");
  revoke->add_option("HALLMARK", r->hallmark, "The hallmark")->required()->type_name("");
  revoke->add_option("--reason", r->reason, "Why")->required()->type_name("TEXT");
  add_issue(*revoke, r->issue);
  run_with(revoke, r, result, command_revoke);
}

}  // namespace app
