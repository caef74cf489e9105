#include "app/statements.h"

#include <sys/stat.h>

#include <ctime>

#include "app/command_store.h"
#include "app/file_text.h"
#include "app/office.h"
#include "app/outputs.h"
#include "report/json.h"
#include "report/wording.h"

namespace app {

using base::Trouble;
using hallmark::Time;

base::Result<Time> time_or_now(const std::string& given) {
  if (given.empty()) return std::time(nullptr);
  auto time = hallmark::parse_time(given);
  if (!time) return base::fail(Trouble::usage, "{}", time.error().what);
  return time;
}

base::Result<Time> end_of_day(const std::string& day, std::string_view option) {
  const auto time = hallmark::parse_time(day);
  if (!time || day.size() != 10) return base::fail(Trouble::usage, "{} takes a day such as 2027-01-31, not '{}'", option, base::printable(day));
  return *time + 86'400 - 1;
}

base::Result<> issue(const hallmark::Statement& statement, std::string_view what, const IssueOptions& options) {
  const auto payload = statement.to_json();
  // What can't be read back would be signed in vain.
  if (auto back = hallmark::Statement::from_json(payload); !back) return base::fail(Trouble::usage, "{} can't be made: {}", what, back.error().what);
  const auto signer = TRY(sign::open_signer(options.key));
  hallmark::HallmarkFile file;
  file.bundles.push_back({TRY(hallmark::Envelope::seal(payload, *signer)), std::nullopt});
  auto& bundle = file.bundles.front();
  if (!options.log.log.empty()) bundle.entry = TRY(log_statement(options.log, bundle.envelope, signer->public_key()));
  const auto id = bundle.envelope.payload_digest().hex();
  const auto logged = bundle.entry ? fmt::format(", entry {} of the log", bundle.entry->proof.index) : std::string();
  if (auto written = write_output(options.output, file.print()); !written) {
    if (!bundle.entry) return written;
    return base::fail(Trouble::io, "{} (the statement {} is {} all the same)", written.error().what, id, logged.substr(2));
  }
  fmt::print(stderr, "assay: {} {} signed by the key {}{}\n", what, id, signer->public_key().id().brief(), logged);
  return {};
}

base::Result<Loaded> load_statement(const std::string& file, std::string_view what) {
  const auto text = TRY(file_text(file, what, most_statement_file));
  const auto wrong = [&](const base::Error& e) { return base::fail(Trouble::usage, "{} is not {}: {}", base::printable(file), what, e.what); };
  auto parsed = hallmark::HallmarkFile::parse(text);
  if (!parsed) return wrong(parsed.error());
  Loaded out;
  out.file = file;
  out.bundle = std::move(parsed->bundles.front());
  if (out.bundle.envelope.payload_type != hallmark::in_toto_type) return base::fail(Trouble::usage, "{} is not {}: its payload is no in-toto statement", base::printable(file), what);
  auto statement = hallmark::Statement::from_json(out.bundle.envelope.payload);
  if (!statement) return wrong(statement.error());
  out.statement = std::move(*statement);
  out.id = out.bundle.envelope.payload_digest();
  return out;
}

base::Result<std::vector<sign::PublicKey>> load_keys(const std::vector<std::string>& files) {
  std::vector<sign::PublicKey> out;
  for (const auto& file : files) out.push_back(TRY(sign::PublicKey::load(file)));
  return out;
}

base::Result<sign::PublicKey> signer_of(const Loaded& loaded, std::span<const sign::PublicKey> keys, std::string_view what) {
  for (const auto& key : keys)
    if (loaded.bundle.envelope.check(key)) return key;
  return base::fail(Trouble::usage, "{}: the signature of {} holds under none of the keys given; it was changed, or another key made it", base::printable(loaded.file), what);
}

base::Result<LoadedReport> load_report(const std::string& wanted, const std::string& store_folder) {
  LoadedReport out;
  struct stat status{};
  if (wanted == "-" || stat(wanted.c_str(), &status) == 0) {
    out.text = TRY(file_text(wanted, "the report", 1u << 30));
  } else {
    auto store = TRY(open_store(store_folder));
    out.stored = TRY(find_report(store, wanted));
    out.text = TRY(store.report(out.stored));
  }
  auto read = report::from_json(out.text);
  if (!read) return base::fail(Trouble::usage, "{} is no report of this form: {}", base::printable(wanted), read.error().to_string());
  out.report = std::move(*read);
  return out;
}

base::Result<std::string> name_given(const std::string& name, std::string_view option) {
  if (name.find_first_not_of(' ') == std::string::npos) return base::fail(Trouble::usage, "{} is empty", option);
  if (name.size() > 4000) return base::fail(Trouble::usage, "{} has more than 4000 bytes", option);
  if (report::sentence(name) != name) return base::fail(Trouble::usage, "{} holds characters that can't be printed: {}", option, base::printable(name));
  return name;
}

bool same_name(std::string_view a, std::string_view b) {
  const auto folded = [](std::string_view name) {
    std::string out;
    for (const char c : name)
      if (c != ' ' && c != '\t') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
  };
  return folded(a) == folded(b);
}

}  // namespace app
