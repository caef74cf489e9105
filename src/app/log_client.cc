#include "app/log_client.h"

#include <CLI/CLI.hpp>

#include "app/logging.h"

namespace app {

using base::Trouble;

void add_log(CLI::App& command, LogOptions& options) {
  command.add_option("--log", options.log, "Log that the statement goes into: a folder, or an http(s) address")->type_name("LOG");
  command.add_option("--log-key", options.key, "The key of a log in a folder: a PEM file, or a PKCS#11 URI")->type_name("KEY");
  command.add_option("--log-vkey", options.vkey, "The verifier key of a log at an address, or a file that holds it")->type_name("VKEY");
}

base::Result<hallmark::LogEntry> log_statement(const LogOptions& options, const hallmark::Envelope& envelope, const sign::PublicKey& by) {
  if (options.log.find("://") != std::string::npos) {
    if (options.vkey.empty()) return base::fail(Trouble::usage, "what the log {} answers is believed under its key only; give --log-vkey", base::printable(options.log));
    auto key = TRY(note_key(options.vkey));
    const tlog::LogTrust trust{key.name, key, {}, 0};
    return submit(options.log, envelope, by, trust);
  }
  if (options.key.empty()) return base::fail(Trouble::usage, "a log in a folder is written with its key; give --log-key");
  const sign::PublicKey accepted[] = {by};
  const auto entry = TRY(entry_of(envelope, accepted));
  std::shared_ptr<const sign::Signer> signer = TRY(sign::open_signer(options.key));
  const auto writer = TRY(tlog::Writer::open(options.log, std::move(signer)));
  const auto added = TRY(writer->append(entry));
  return logged(entry, added, writer->key().full_id);
}

}  // namespace app
