// Putting signed statements into a transparency log: a folder on this machine whose key is at hand, or
// the server at an address.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "hallmark/bundle.h"

namespace CLI {
class App;
}

namespace app {

struct LogOptions {
  std::string log;       ///< folder, or http(s):// address; "" = not logged
  std::string key;       ///< of a folder's log: a PEM file or a PKCS#11 URI
  std::string vkey;      ///< of a server's log: its verifier key, or the file that holds it
  std::vector<std::string> witnesses;   ///< of a folder: URL=VKEY, asked to cosign; of a server: VKEY, trusted
  unsigned quorum = 0;                  ///< how many of them must have cosigned
};

/// --log --log-key --log-vkey --log-witness --log-quorum.
void add_log(CLI::App& command, LogOptions& options);

/// That the options name a log in one of the two ways. Error: usage.
base::Result<> check_log(const LogOptions& options);

/// Acknowledged means durable: when this returns, the entries are in the log and checkpoints cover them.
/// Error: usage or io, one sentence; whether the log has the entries is then unknown, and doing it again is safe.
base::Result<std::vector<hallmark::LogEntry>> log_statements(const LogOptions& options, std::span<const hallmark::Envelope> envelopes, const sign::PublicKey& by);
base::Result<hallmark::LogEntry> log_statement(const LogOptions& options, const hallmark::Envelope& envelope, const sign::PublicKey& by);

}  // namespace app
