#include "app/command_appeal.h"

#include <algorithm>

#include "app/cli.h"
#include "app/exit_codes.h"
#include "hallmark/course.h"

namespace app {
namespace {

using base::Trouble;
using hallmark::Statement;
using hallmark::VerdictStatement;

struct Verdict {
  Loaded loaded;
  VerdictStatement said;
  hallmark::Seen seen;    ///< `by` is set where the keys are known
};

base::Result<Verdict> load_verdict(const std::string& file, const std::vector<std::string>& office_keys) {
  auto [loaded, said] = TRY(load_as<VerdictStatement>(file, "a hallmark"));
  Verdict out{std::move(loaded), std::move(said), {}};
  out.seen.statement = out.loaded.statement;
  out.seen.id = out.loaded.id;
  if (office_keys.empty()) return out;
  out.seen.by = TRY(signer_of(out.loaded, TRY(load_keys(office_keys)), "the hallmark")).id();
  out.seen.of_office = true;
  return out;
}

// The verdict that takes the place of an overturned one: by another hand, about the same bytes, naming it.
base::Result<base::Digest> check_superseding(const DecideAppealOptions& options, const Verdict& first, std::vector<sign::PublicKey> keys, const sign::PublicKey& own, hallmark::Time now) {
  const auto [loaded, said] = TRY(load_as<VerdictStatement>(options.superseding, "a hallmark"));
  const auto wrong = [&](std::string_view why) { return base::fail(Trouble::usage, "{} can't supersede {}: {}", base::printable(options.superseding), base::printable(options.hallmark), why); };
  if (said.product.digest != first.said.product.digest) return wrong("it is about another product");
  if (said.office != first.said.office) return wrong("it is by another office");
  if (std::ranges::find(said.supersedes, first.seen.id.hex()) == said.supersedes.end()) return wrong("it does not name it (assay hallmark --supersedes)");
  if (said.verdict == first.said.verdict) return wrong("it gives the same verdict");
  if (said.expires <= now) return wrong("it has expired");
  keys.push_back(own);
  if (const auto why = hallmark::partial(first.seen, TRY(signer_of(loaded, keys, "the superseding hallmark")).id(), said.examiner); !why.empty()) return wrong(why);
  return loaded.id;
}

}  // namespace

base::Result<int> command_file_appeal(const FileAppealOptions& options) {
  const auto now = TRY(time_or_now(options.issue.now));
  const auto verdict = TRY(load_verdict(options.hallmark, options.office_keys));
  const auto& said = verdict.said;
  if (said.verdict == report::Verdict::pass) return base::fail(Trouble::usage, "{} is a pass; there is nothing to appeal against", base::printable(options.hallmark));
  if (now < said.issued) return base::fail(Trouble::usage, "the hallmark is dated {}, which is to come; look at the clock", hallmark::print_time(said.issued));
  if (const auto until = hallmark::appeal_until(said); now > until) return base::fail(Trouble::usage, "the time for an appeal ended on {}; ask for a new vetting", hallmark::print_time(until));
  hallmark::Appeal appeal;
  appeal.hallmark = verdict.seen.id;
  appeal.appellant = TRY(name_given(options.appellant.empty() ? said.product.maker : options.appellant, options.appellant.empty() ? "--appellant (the hallmark names no maker)" : "--appellant"));
  appeal.grounds = TRY(name_given(options.grounds, "--grounds"));
  appeal.issued = now;
  CHECK_OK(issue(Statement{{verdict.loaded.statement.subjects.front()}, std::move(appeal)}, "the appeal", options.issue));
  return exit_pass;
}

base::Result<int> command_decide_appeal(const DecideAppealOptions& options) {
  const auto now = TRY(time_or_now(options.issue.now));
  if (options.uphold == options.overturn) return base::fail(Trouble::usage, "an appeal is decided with --uphold or with --overturn");
  if (options.overturn == options.superseding.empty()) return base::fail(Trouble::usage, "--overturn takes the hallmark that takes the first one's place (--superseding FILE), and --uphold takes none");
  if (options.office_keys.empty() || options.appellant_keys.empty()) return base::fail(Trouble::usage, "the hallmark's and the appeal's signatures are checked first; give --office-key and --appellant-key");
  const auto verdict = TRY(load_verdict(options.hallmark, options.office_keys));
  const auto [appeal, asked] = TRY(load_as<hallmark::Appeal>(options.appeal, "an appeal"));
  (void)TRY(signer_of(appeal, TRY(load_keys(options.appellant_keys)), "the appeal"));
  if (asked.hallmark != verdict.seen.id) return base::fail(Trouble::usage, "{} is an appeal against another hallmark", base::printable(options.appeal));
  if (appeal.statement.subjects.front().digest.hex() != verdict.said.product.digest) return base::fail(Trouble::usage, "{} is about another product", base::printable(options.appeal));
  if (asked.issued > hallmark::appeal_until(verdict.said)) return base::fail(Trouble::usage, "the appeal was filed on {}, after the time for it had ended", hallmark::print_time(asked.issued));
  hallmark::AppealDecision decision;
  decision.office = verdict.said.office;
  decision.examiner = TRY(name_given(options.examiner, "--examiner"));
  decision.appeal = appeal.id;
  decision.hallmark = verdict.seen.id;
  decision.overturned = options.overturn;
  decision.reason = TRY(name_given(options.reason, "--reason"));
  decision.issued = now;
  const auto own = TRY(sign::open_signer(options.issue.key));
  if (const auto why = hallmark::partial(verdict.seen, own->public_key().id(), decision.examiner); !why.empty()) return base::fail(Trouble::usage, "an appeal is never decided by the first examiner: {}", why);
  if (same_name(decision.examiner, asked.appellant)) return base::fail(Trouble::usage, "an appeal is never decided by the one who files it");
  if (options.overturn) decision.superseding = TRY(check_superseding(options, verdict, TRY(load_keys(options.office_keys)), own->public_key(), now));
  CHECK_OK(issue(Statement{{verdict.loaded.statement.subjects.front()}, std::move(decision)}, "the decision", options.issue));
  return exit_pass;
}

void add_appeal_commands(CLI::App& cli, base::Result<int>& result) {
  auto* group = cli.add_subcommand("appeal", "Object to a verdict, decide the objection, see what became of it");
  group->require_subcommand(1);
  const auto keys = [](CLI::App& c, std::vector<std::string>& office, std::vector<std::string>* appellant) {
    c.add_option("--office-key", office, "Public key of the office; may be repeated")->type_name("PEM")->allow_extra_args(false);
    if (appellant) c.add_option("--appellant-key", *appellant, "Public key of whoever appeals; may be repeated")->type_name("PEM")->allow_extra_args(false);
  };

  auto f = std::make_shared<FileAppealOptions>();
  auto* file = group->add_subcommand("file", "Sign an appeal against a verdict");
  file->add_option("HALLMARK", f->hallmark, "The hallmark that is appealed against")->required()->type_name("");
  file->add_option("--grounds", f->grounds, "Why the verdict is wrong")->required()->type_name("TEXT");
  file->add_option("--appellant", f->appellant, "Who appeals; the maker that the hallmark names when left out")->type_name("NAME");
  keys(*file, f->office_keys, nullptr);
  add_issue(*file, f->issue);
  run_with(file, f, result, command_file_appeal);

  auto d = std::make_shared<DecideAppealOptions>();
  auto* decide = group->add_subcommand("decide", "Sign the decision; never by the key or the examiner of the first verdict");
  decide->add_option("APPEAL", d->appeal, "The appeal")->required()->type_name("");
  decide->add_option("--hallmark", d->hallmark, "The hallmark that it is against")->required()->type_name("FILE");
  decide->add_option("--examiner", d->examiner, "Who decides")->required()->type_name("NAME");
  decide->add_flag("--uphold", d->uphold, "The verdict stands");
  decide->add_flag("--overturn", d->overturn, "The verdict was wrong");
  decide->add_option("--superseding", d->superseding, "The hallmark that takes its place (assay hallmark --supersedes)")->type_name("FILE");
  decide->add_option("--reason", d->reason, "Why, in one line")->required()->type_name("TEXT");
  keys(*decide, d->office_keys, &d->appellant_keys);
  add_issue(*decide, d->issue);
  run_with(decide, d, result, command_decide_appeal);

  auto s = std::make_shared<AppealStatusOptions>();
  auto* status = group->add_subcommand("status", "What became of a verdict: reasons, appeals, decisions, superseded, revoked, expired");
  status->add_option("HALLMARK", s->hallmark, "The hallmark")->required()->type_name("");
  status->add_option("STATEMENT", s->files, "Statements about it, beside those in the log")->type_name("");
  status->add_option("--log", s->log, "Log to look in: a folder, or an http(s) address")->type_name("LOG");
  status->add_option("--log-vkey", s->log_vkey, "The log's verifier key (name+hash+key), or a file with it")->type_name("VKEY");
  status->add_option("--from", s->from, "First entry of the log to look at")->type_name("N");
  status->add_option("--format", s->format, "text or json")->check(CLI::IsMember({"text", "json"}))->type_name("FORMAT");
  status->add_option("--now", s->now, "The time to tell it for; the clock's when left out")->type_name("TIME");
  keys(*status, s->office_keys, &s->appellant_keys);
  status->footer("Exit codes: 0 the verdict stands, 1 it does not any more, 2 it can't be told.");
  run_with(status, s, result, command_appeal_status);
}

}  // namespace app
