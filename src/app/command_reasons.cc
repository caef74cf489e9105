#include "app/command_reasons.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "app/cli.h"
#include "app/exit_codes.h"
#include "app/file_text.h"
#include "app/outputs.h"
#include "hallmark/seal.h"
#include "report/wording.h"

namespace app {
namespace {

using base::Trouble;
using hallmark::Reasons;
using hallmark::Statement;
using report::sentence;

constexpr std::size_t most_grounds = 1000;

/// The lines of a declaration, which a report's JSON carries with escaped ends, as one line.
std::string on_one_line(std::string text) {
  for (const std::string_view end : {"\\n", "\n"})
    for (auto at = text.find(end); at != std::string::npos; at = text.find(end, at)) text.replace(at, end.size(), " ");
  std::string out;
  for (const char c : text)
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// Rule, place and remedy of every finding that counts, then what counts without a finding.
std::vector<Reasons::Ground> grounds_of(const report::Report& report) {
  std::vector<Reasons::Ground> out;
  for (const auto& f : report.findings) {
    if (f.effect == report::Effect::disclose || out.size() >= most_grounds) continue;
    const auto place = f.places.empty() || f.places[0] >= report.artifacts.size() ? std::string() : base::printable(report.artifacts[f.places[0]].place);
    out.push_back({f.id, sentence(f.rule), sentence(place), sentence(f.remedy.empty() ? f.settle : "declare: " + on_one_line(f.remedy))});
  }
  for (const auto& r : report.reasons)
    if (r.finding.empty() && r.leads_to != report::Verdict::pass && out.size() < most_grounds) out.push_back({"", "coverage", "", sentence(r.text)});
  return out;
}

base::Result<std::string> fresh_nonce() {
  base::Buffer random(hallmark::nonce_digits / 2);
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) return base::fail(Trouble::io, "the system gives no random numbers: {}", std::strerror(errno));
  return base::to_hex(random);
}

// Never over something that is there, never readable by others: until the deadline this is what is secret.
base::Result<> keep_secret(const std::string& file, std::string_view text) {
  const int to = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (to < 0) return base::fail(Trouble::usage, "the secret can't be kept in {}: {}", base::printable(file), std::strerror(errno));
  std::size_t done = 0;
  while (done < text.size()) {
    const auto n = ::write(to, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  const bool kept = done == text.size() && fsync(to) == 0;
  close(to);
  if (!kept) return base::fail(Trouble::io, "the secret can't be kept in {}: {}", base::printable(file), std::strerror(errno));
  return {};
}

// The secret is the opened statement, unsigned: nothing else has to be put together on the day.
base::Result<Statement> read_secret(const std::string& file) {
  auto read = Statement::from_json(TRY(file_text(file, "the secret", most_statement_file)));
  if (!read || !std::holds_alternative<Reasons>(read->predicate)) return base::fail(Trouble::usage, "{} is no secret of sealed reasons", base::printable(file));
  return read;
}

void print_grounds(const Reasons& reasons) {
  fmt::print("{} grounds, to be mended by {}\n", reasons.grounds.size(), hallmark::print_time(reasons.deadline));
  for (const auto& g : reasons.grounds) {
    fmt::print("  {}{}\n", sentence(g.rule), g.finding.empty() ? "" : " (finding " + sentence(g.finding) + ")");
    if (!g.place.empty()) fmt::print("    where:  {}\n", sentence(g.place));
    if (!g.remedy.empty()) fmt::print("    remedy: {}\n", sentence(g.remedy));
  }
}

}  // namespace

base::Result<int> command_reasons(const ReasonsOptions& options) {
  if (options.report.empty() || options.hallmark.empty() || options.deadline.empty() || options.issue.key.empty() || options.issue.output.empty())
    return base::fail(Trouble::usage, "reasons are given as: assay reasons REPORT HALLMARK --deadline DAY --key KEY -o FILE [--sealed]");
  const auto now = TRY(time_or_now(options.issue.now));
  const auto report = TRY(load_report(options.report, options.store));
  const auto [loaded, verdict] = TRY(load_as<hallmark::VerdictStatement>(options.hallmark, "a hallmark"));
  if (base::sha256(report.text).hex() != verdict.report) return base::fail(Trouble::usage, "the hallmark was struck over another report; its SHA-256 is {}", verdict.report);
  if (verdict.verdict == report::Verdict::pass) return base::fail(Trouble::usage, "the hallmark is a pass; reasons are for what is refused");
  Reasons reasons;
  reasons.office = verdict.office;
  reasons.hallmark = loaded.id;
  reasons.issued = now;
  reasons.deadline = TRY(end_of_day(options.deadline, "--deadline"));
  if (reasons.deadline <= now) return base::fail(Trouble::usage, "--deadline {} is over; the maker needs time to mend", options.deadline);
  reasons.grounds = grounds_of(report.report);
  if (reasons.grounds.empty()) return base::fail(Trouble::usage, "the report gives no reason against the product");
  Statement statement{{loaded.statement.subjects.front()}, reasons};
  if (options.sealed) {
    reasons.nonce = TRY(fresh_nonce());
    reasons.sealed = hallmark::seal_of(reasons.nonce, reasons.grounds);
    statement.predicate = reasons;
    const auto secret = options.secret.empty() ? options.issue.output + ".secret" : options.secret;
    CHECK_OK(keep_secret(secret, statement.to_json() + "\n"));
    fmt::print(stderr, "assay: the reasons are kept in {}; give it to the maker, and open it after {}\n", base::printable(secret), options.deadline);
    reasons.grounds.clear();
    reasons.nonce.clear();
    statement.predicate = reasons;
  }
  CHECK_OK(issue(statement, options.sealed ? "the sealed statement of reasons" : "the statement of reasons", options.issue));
  return exit_pass;
}

base::Result<int> command_open_reasons(const OpenReasonsOptions& options) {
  const auto now = TRY(time_or_now(options.issue.now));
  const auto [loaded, sealed] = TRY(load_as<Reasons>(options.sealed, "a statement of reasons"));
  auto secret = TRY(read_secret(options.secret));
  auto& opened = std::get<Reasons>(secret.predicate);
  if (auto held = hallmark::check_opened(opened, &sealed); !held) return base::fail(Trouble::usage, "{}: {}", base::printable(options.secret), held.error().what);
  if (now <= sealed.deadline && !options.early)
    return base::fail(Trouble::usage, "the reasons are sealed until {}; --early opens them all the same", hallmark::print_time(sealed.deadline));
  opened.issued = now;
  secret.subjects = {loaded.statement.subjects.front()};
  CHECK_OK(issue(secret, "the opened statement of reasons", options.issue));
  return exit_pass;
}

base::Result<int> command_check_reasons(const CheckReasonsOptions& options) {
  const auto sealed = TRY(load_as<Reasons>(options.sealed, "a statement of reasons")).second;
  Reasons opened;
  if (auto signed_one = load_as<Reasons>(options.opened, "a statement of reasons")) opened = signed_one->second;
  else opened = std::get<Reasons>(TRY(read_secret(options.opened)).predicate);
  if (auto held = hallmark::check_opened(opened, &sealed); !held) {
    fmt::print("{}\n", held.error().what);
    return exit_fail;
  }
  print_grounds(opened);
  return exit_pass;
}

void add_reasons_commands(CLI::App& cli, base::Result<int>& result) {
  auto* give = cli.add_subcommand("reasons", "Sign why a product was refused: rule, place, remedy and deadline; openly, or sealed until then");
  auto o = std::make_shared<ReasonsOptions>();
  give->add_option("REPORT", o->report, "The report that the hallmark was struck over: a JSON file, or one in the store")->type_name("");
  give->add_option("HALLMARK", o->hallmark, "The hallmark")->type_name("");
  give->add_option("--store", o->store, "Folder of the store")->type_name("DIR");
  give->add_option("--deadline", o->deadline, "Day by whose end it is to be mended; then sealed reasons are opened")->type_name("YYYY-MM-DD");
  give->add_flag("--sealed", o->sealed, "Sign a digest only, and keep text and nonce apart until the deadline");
  give->add_option("--secret", o->secret, "File for text and nonce; FILE.secret when left out")->type_name("FILE");
  add_issue(*give, o->issue, false);
  // With `open` or `check` the group's own callback has nothing to do; without, nothing may be missing.
  give->callback([o, give, &result] {
    if (give->get_subcommands().empty()) result = command_reasons(*o);
  });

  auto open = std::make_shared<OpenReasonsOptions>();
  auto* c_open = give->add_subcommand("open", "Publish what was sealed, once the deadline is over");
  c_open->add_option("SEALED", open->sealed, "The sealed statement")->required()->type_name("");
  c_open->add_option("SECRET", open->secret, "Its text and nonce")->required()->type_name("");
  c_open->add_flag("--early", open->early, "Before the deadline");
  add_issue(*c_open, open->issue);
  run_with(c_open, open, result, command_open_reasons);

  auto check = std::make_shared<CheckReasonsOptions>();
  auto* c_check = give->add_subcommand("check", "Check opened reasons, or the secret, against the sealed statement, and print them");
  c_check->add_option("SEALED", check->sealed, "The sealed statement")->required()->type_name("");
  c_check->add_option("OPENED", check->opened, "The opened statement, or the secret")->required()->type_name("");
  run_with(c_check, check, result, command_check_reasons);
}

}  // namespace app
