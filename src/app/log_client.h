// Putting a signed statement into a transparency log: a folder on this machine whose key is at hand, or
// a log's address.
#pragma once

#include <string>

#include "hallmark/bundle.h"

namespace CLI {
class App;
}

namespace app {

struct LogOptions {
  std::string log;       ///< folder, or http(s):// address; "" = not logged
  std::string key;       ///< of a folder's log: a PEM file or a PKCS#11 URI
  std::string vkey;      ///< of a log at an address: its verifier key, or a file that holds it
};

/// --log, --log-key and --log-vkey.
void add_log(CLI::App& command, LogOptions& options);

/// Acknowledged means durable: when this returns, the entry is in the log and a checkpoint covers it.
/// Error: usage or io, one sentence; whether the log has the entry is then unknown, and doing it again is safe.
base::Result<hallmark::LogEntry> log_statement(const LogOptions& options, const hallmark::Envelope& envelope, const sign::PublicKey& by);

}  // namespace app
