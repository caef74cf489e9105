#include "app/command_hallmark.h"

#include <CLI/CLI.hpp>

#include <filesystem>

#include "app/command_keygen.h"
#include "app/command_store.h"
#include "app/command_verify.h"
#include "app/hallmark_baseline.h"
#include "app/difference.h"
#include "app/exit_codes.h"
#include "app/interrupt.h"
#include "app/office.h"
#include "app/outputs.h"
#include "app/progress_bar.h"
#include "app/statements.h"
#include "app/strike.h"
#include "report/json.h"

namespace app {
namespace {

using base::Trouble;
using hallmark::VerdictStatement;

struct Vetted {
  std::unique_ptr<Version> before;    ///< which the vetting refers to
  std::unique_ptr<Vetting> vetting;   ///< none: stopped by hand
  std::string report;                 ///< JSON
  std::int64_t id = 0;
};

base::Result<std::unique_ptr<Vetting>> run(const Office& office, const Request& request, bool quiet) {
  catch_interrupts();
  vet::Progress progress;
  const ProgressBar bar(progress, "vetting", !quiet);
  return vet_product(office, request, progress, interrupted());
}

/// What the store holds may have been judged from kept evidence: it is vetted again, and must be the same.
base::Result<Request> stored_request(const Office& office, const HallmarkOptions& options, std::string& text) {
  Request out;
  out.stored_report = TRY(find_report(*office.store, options.report));
  text = TRY(office.store->report(out.stored_report));
  const auto report = TRY(report::from_json(text));
  CHECK_OK(same_baseline(report, out.stored_report, options.baseline));
  out.stored_files = report.product.files;
  out.at = report.used.at;
  out.record = false;
  return out;
}

base::Result<Vetted> vet_afresh(const Office& office, const HallmarkOptions& options) {
  Vetted out;
  std::string before;
  Request request;
  if (!options.report.empty()) request = TRY(stored_request(office, options, before));
  else request.paths = options.products, request.at = TRY(vetting_date(options.at));
  request.declaration_file = options.declaration;
  request.waiver_files = options.waivers;
  request.waiver_keys = options.waiver_keys;
  request.signed_waivers = true;
  if (!options.baseline.empty()) {
    auto opened = vet_baseline(office, options.baseline, request.at, options.quiet);
    if (interrupted()) return out;
    if (!opened) return std::unexpected(opened.error());
    out.before = std::move(*opened);
    request.before = out.before.get();
  }
  auto vetting = run(office, request, options.quiet);
  if (interrupted()) return out;
  if (!vetting) return std::unexpected(vetting.error());
  out.vetting = std::move(*vetting);
  out.id = out.vetting->id;
  out.report = report::to_json(out.vetting->report);
  if (before.empty() || before == out.report) return out;
  const auto difference = first_difference(before, out.report, false);
  if (difference)
    return base::fail(Trouble::usage, "report {} does not come out the same without kept evidence, and gets no hallmark: at {} it says {}, now {}", request.stored_report, difference->pointer, difference->first, difference->second);
  return base::fail(Trouble::usage, "report {} was made on a machine that confines its workers otherwise; vet the product here", request.stored_report);
}

std::string default_output(const HallmarkOptions& options, const report::Report& report) {
  std::string name = options.products.size() == 1 ? std::filesystem::path(options.products[0]).lexically_normal().filename().string() : "";
  if (name.empty() || name == "." || name == ".." || name == "-") name = report.product.name.empty() ? "product" : base::printable(report.product.name);
  std::replace(name.begin(), name.end(), '/', '_');
  return name + ".hallmark";
}

std::string told(const hallmark::HallmarkFile& file, const hallmark::Statement& statement, const std::string& output, std::int64_t report, const sign::PublicKey& key) {
  const auto& v = std::get<VerdictStatement>(statement.predicate);
  const auto line = [](std::string_view name, const std::string& text) { return fmt::format("{:<9} {}\n", name, text); };
  auto out = line("verdict", fmt::format("{}  {} {}", report::name_of(v.verdict), v.product.name, v.product.version));
  for (const auto& condition : v.conditions) out += line("", "condition: " + condition);
  if (v.baseline) out += line("compared", in_words(*v.baseline));
  out += line("hallmark", fmt::format("{}  {}", base::printable(output), file.bundles[0].envelope.payload_digest().hex()));
  out += line("office", fmt::format("{}, key {}", v.office, key.id().brief()));
  out += line("valid", fmt::format("{} to {}", hallmark::print_time(v.issued), hallmark::print_time(v.expires)));
  for (const auto& bundle : file.bundles)
    if (bundle.entry) out += line("log", fmt::format("entry {}, of {}", bundle.entry->proof.index, bundle.entry->size));
  return out + line("report", fmt::format("{} in the store, {}", report, v.report));
}

base::Result<> check_options(const HallmarkOptions& options) {
  if (options.products.empty() == options.report.empty()) return base::fail(Trouble::usage, "name a product, or a report in the store with --report");
  if (!options.report.empty() && !options.at.empty()) return base::fail(Trouble::usage, "a report from the store is vetted for its own date; leave out --at");
  if (options.baseline.empty() && !options.baseline_hallmark.empty()) return base::fail(Trouble::usage, "--baseline-hallmark is the hallmark of the version before; name that version with --baseline");
  if (options.baseline_hallmark.empty() && !options.baseline_keys.empty()) return base::fail(Trouble::usage, "--baseline-key says who may have struck the hallmark of the version before; name that with --baseline-hallmark");
  if (!options.office_uri.empty() && options.office_uri.find(':') == std::string::npos) return base::fail(Trouble::usage, "--office takes a URI, such as https://office.example/north");
  return check_log(options.log);
}

}  // namespace

base::Result<int> command_hallmark(const HallmarkOptions& options) {
  CHECK_OK(check_options(options));
  const auto issued = TRY(time_or_now(options.now));
  const auto expires = TRY(expiry(options.expires, issued));
  auto means = options.office;
  means.no_cache = true;
  const auto office = TRY(open_office(means));   // the workers' parent is forked here: before the key is in memory
  const auto signer = TRY(sign::open_signer(options.key));
  const auto uri = options.office_uri.empty() ? "https://assay.example/office/" + signer->public_key().id().hex() : TRY(name_given(options.office_uri, "--office"));
  const auto vetted = TRY(vet_afresh(*office, options));
  if (!vetted.vetting) {
    fmt::print(stderr, "assay: stopped; nothing was signed\n");
    return exit_stopped;
  }
  const auto& report = vetted.vetting->report;
  auto statement = hallmark::verdict_of(report, vetted.report, uri, issued, expires);
  auto& verdict = std::get<VerdictStatement>(statement.predicate);
  if (!options.examiner.empty()) verdict.examiner = TRY(name_given(options.examiner, "--examiner"));
  if (verdict.baseline) CHECK_OK(check_baseline(*vetted.before, options.baseline_hallmark, options.baseline_keys, signer->public_key(), verdict));
  verdict.supersedes = TRY(superseded(options.supersedes, statement.subjects[0].digest, uri));
  const auto output = options.output.empty() ? default_output(options, report) : options.output;
  if (!options.report_out.empty()) CHECK_OK(write_output(options.report_out, vetted.report));
  if (!options.test_result.empty()) CHECK_OK(write_output(options.test_result, TRY(hallmark::test_result(statement, report)) + "\n"));
  const auto file = TRY(strike(statement, *signer, options.log));
  if (const auto written = write_output(output, file.print()); !written) {
    const auto entry = file.bundles[0].entry ? fmt::format(" (it is entry {} of the log all the same)", file.bundles[0].entry->proof.index) : "";
    return base::fail(Trouble::io, "{}{}", written.error().what, entry);
  }
  if (output != "-") CHECK_OK(write_output("-", told(file, statement, output, vetted.id, signer->public_key())));
  return exit_of(report.verdict);
}

namespace {

void add_keygen(CLI::App& cli, base::Result<int>& result) {
  auto o = std::make_shared<KeygenOptions>();
  auto* c = cli.add_subcommand("keygen", "Make a key for an office, a log or a witness");
  c->add_option("--algorithm", o->algorithm, "ed25519 or ecdsa-p256")->type_name("NAME")->capture_default_str();
  c->add_option("-o,--output", o->output, "File of the private key (0600); FILE.pub.pem is the public one. With --token or --from: of the public key")->type_name("FILE");
  c->add_option("--token", o->token, "Make the key in a PKCS#11 token: pkcs11:token=NAME;object=KEY?module-path=...")->type_name("URI");
  c->add_option("--from", o->from, "Make none; show the public half of this key")->type_name("KEY");
  c->add_option("--note-name", o->note_name, "Print the verifier keys of a log and of a witness of this name as well")->type_name("NAME");
  c->add_flag("--no-passphrase", o->no_passphrase, "Keep the private key in the clear");
  c->add_flag("--force", o->force, "Overwrite files that are there");
  c->footer("A passphrase is asked for, or taken from $ASSAY_PASSPHRASE or the file $ASSAY_PASSPHRASE_FILE.");
  c->callback([o, &result] { result = command_keygen(*o); });
}

void add_hallmark(CLI::App& cli, base::Result<int>& result) {
  auto o = std::make_shared<HallmarkOptions>();
  auto* c = cli.add_subcommand("hallmark", "Vet a product without kept evidence, and sign the verdict");
  c->add_option("PRODUCT", o->products, "What to vet, as for vet")->type_name("");
  c->add_option("--report", o->report, "Instead: a report in the store; its product is vetted again and must come out the same")->type_name("REPORT");
  c->add_option("--key", o->key, "The key that signs: a PEM file, or a PKCS#11 URI")->required()->type_name("KEY");
  c->add_option("--office", o->office_uri, "URI of the office; one made of the key when left out")->type_name("URI");
  c->add_option("--examiner", o->examiner, "Who answers for the verdict, and so never decides an appeal against it")->type_name("NAME");
  c->add_option("--expires", o->expires, "How long it holds: 90d, 1y, or the last day as 2027-01-31")->type_name("WHEN")->capture_default_str();
  add_log(*c, o->log);
  c->add_option("--supersedes", o->supersedes, "An earlier hallmark of this product by this office; may be repeated")->type_name("FILE")->allow_extra_args(false);
  c->add_option("-o,--output", o->output, "File of the hallmark; the product's name with .hallmark when left out; - is standard output")->type_name("FILE");
  c->add_option("--report-out", o->report_out, "File for the report as JSON, whose SHA-256 the hallmark names")->type_name("FILE");
  c->add_option("--test-result", o->test_result, "File for an in-toto test result (PASSED, WARNED, FAILED)")->type_name("FILE");
  c->add_option("--baseline", o->baseline, "The version before, vetted afresh as well: the hallmark says what is new since; a product, or a report in the store")->type_name("VERSION");
  c->add_option("--baseline-hallmark", o->baseline_hallmark, "The hallmark of that version, which is then named; struck by this key or by one of --baseline-key")->type_name("FILE");
  c->add_option("--baseline-key", o->baseline_keys, "Public key of an office that may have struck the hallmark of the version before; may be repeated")->type_name("PEM")->allow_extra_args(false);
  c->add_option("--declaration", o->declaration, "What the maker says the product does (docs/declaration.md)")->type_name("FILE");
  c->add_option("--waiver", o->waivers, "A waiver (docs/verdicts.md); may be repeated")->type_name("FILE")->allow_extra_args(false);
  c->add_option("--waiver-key", o->waiver_keys, "Public key that may sign waivers, beside those of the policy; may be repeated")->type_name("PEM")->allow_extra_args(false);
  c->add_option("--at", o->at, "Vetting date; today when left out")->type_name("YYYY-MM-DD");
  c->add_option("--store", o->office.store, "Folder of frozen products, evidence and reports")->type_name("DIR");
  c->add_option("--policy", o->office.policy, "default, strict, firmware, or a file")->type_name("POLICY")->capture_default_str();
  c->add_option("--rules", o->office.rules, "YARA or capa rules of your own: a folder or a file; may be repeated")->type_name("DIR")->allow_extra_args(false);
  c->add_option("--threads", o->office.threads, "How many workers at once; 0 = one for each core")->type_name("N");
  c->add_flag("--allow-weaker-confinement", o->office.allow_weaker, "Go on when the kernel lacks a layer; the verdict names it");
  c->add_option("--now", o->now, "The time to sign for, as 2027-01-31T12:00:00Z; the clock's when left out")->type_name("TIME");
  c->add_flag("-q,--quiet", o->quiet, "No progress bar");
  c->footer("Exit codes: 0 pass, 1 fail, 2 usage or environment (nothing was signed), 3 conditional, 4 inconclusive.");
  c->callback([o, &result] { result = command_hallmark(*o); });
}

void add_verify(CLI::App& cli, base::Result<int>& result) {
  auto o = std::make_shared<VerifyOptions>();
  auto* c = cli.add_subcommand("verify", "Check a hallmark against what was delivered; no network is used");
  c->add_option("PRODUCT HALLMARK", o->names, "What was delivered: the product or a file of it; then its hallmarks, which end in .hallmark (else the last name is the one)")->required()->type_name("");
  c->add_option("--hallmark", o->hallmarks, "A hallmark of any name; then all names are the product's; may be repeated")->type_name("FILE")->allow_extra_args(false);
  auto* trust = c->add_option("--trust", o->trust, "Whose word counts: offices, logs, witnesses, policies, quorum (docs/hallmark.md)")->type_name("FILE");
  c->add_option("--key", o->keys, "Instead: the public key of one office; the log is not checked; may be repeated")->type_name("PEM")->allow_extra_args(false)->excludes(trust);
  c->add_option("--revocation", o->revocations, "A signed revocation that counts; may be repeated")->type_name("FILE")->allow_extra_args(false);
  c->add_flag("--offline", o->offline, "No network is ever used; this says so for scripts");
  c->add_option("--now", o->now, "The time to check for, as 2027-01-31T12:00:00Z; the clock's when left out")->type_name("TIME");
  c->add_option("--format", o->format, "text or json")->check(CLI::IsMember({"text", "json"}))->type_name("FORMAT");
  c->footer("Exit codes: 0 a pass holds, 1 refused or a fail verdict, 2 usage or environment, 3 conditional, 4 inconclusive.");
  c->callback([o, &result] { result = command_verify(*o); });
}

}  // namespace

void add_hallmark_commands(CLI::App& cli, base::Result<int>& result) {
  add_keygen(cli, result);
  add_hallmark(cli, result);
  add_verify(cli, result);
}

}  // namespace app
