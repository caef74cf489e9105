#include "app/log_client.h"

#include <CLI/CLI.hpp>

#include "app/log_access.h"

namespace app {

using base::Trouble;

namespace {

bool is_address(const std::string& log) { return log.find("://") != std::string::npos; }

}  // namespace

void add_log(CLI::App& command, LogOptions& options) {
  command.add_option("--log", options.log, "Log that the statement goes into: a folder, or an http(s) address")->type_name("LOG");
  command.add_option("--log-key", options.key, "The private key of a log in a folder: a PEM file, or a PKCS#11 URI")->type_name("KEY");
  command.add_option("--log-vkey", options.vkey, "The verifier key of a log at an address, or a file that holds it")->type_name("VKEY");
  command.add_option("--log-witness", options.witnesses, "Witness: of a folder asked to cosign (URL=VKEY), of an address trusted (VKEY); may be repeated")->type_name("WITNESS")->allow_extra_args(false);
  command.add_option("--log-quorum", options.quorum, "How many of the witnesses must have cosigned")->type_name("N");
}

base::Result<> check_log(const LogOptions& o) {
  if (o.log.empty() && !(o.key.empty() && o.vkey.empty() && o.witnesses.empty())) return base::fail(Trouble::usage, "--log is missing: the other options say how to reach a log, not which");
  if (o.log.empty()) return {};
  if (is_address(o.log) && o.vkey.empty()) return base::fail(Trouble::usage, "what the log at {} answers is checked against its key; give --log-vkey", base::printable(o.log));
  if (!is_address(o.log) && o.key.empty()) return base::fail(Trouble::usage, "a log in a folder is written with its key; give --log-key");
  return {};
}

base::Result<std::vector<hallmark::LogEntry>> log_statements(const LogOptions& o, std::span<const hallmark::Envelope> envelopes, const sign::PublicKey& by) {
  CHECK_OK(check_log(o));
  std::vector<hallmark::LogEntry> out;
  if (is_address(o.log)) {
    const auto trust = TRY(trust_of({o.vkey, o.witnesses, o.quorum}));
    for (const auto& envelope : envelopes) out.push_back(TRY(hallmark::submit(o.log, envelope, by, std::span(&trust, 1))));
    return out;
  }
  const auto writer = TRY(writer_of({o.log, o.key, {}, o.witnesses, o.quorum, {}}));
  std::vector<tlog::NewEntry> entries;
  for (const auto& envelope : envelopes) entries.push_back(TRY(hallmark::new_entry(envelope, std::span(&by, 1))));
  const auto added = TRY(writer->append_all(entries));
  for (std::size_t i = 0; i < entries.size(); ++i) out.push_back(TRY(hallmark::logged_entry(entries[i], added[i], writer->key().full_id)));
  return out;
}

base::Result<hallmark::LogEntry> log_statement(const LogOptions& options, const hallmark::Envelope& envelope, const sign::PublicKey& by) {
  return TRY(log_statements(options, std::span(&envelope, 1), by)).front();
}

}  // namespace app
