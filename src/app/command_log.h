// `assay log`: begin, fill, serve, verify and watch a transparency log.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace CLI {
class App;
}

namespace app {

/// Registers `log` and `witness`; each puts its exit code, or one sentence, into `result`.
void add_log_commands(CLI::App& cli, base::Result<int>& result);

/// Whom a reader of a log trusts.
struct LogTrustOptions {
  std::string vkey;                    ///< the log's key: text or file
  std::vector<std::string> witnesses;  ///< witnesses' keys: text or file
  unsigned quorum = 0;
};

/// Who writes a log.
struct LogWriteOptions {
  std::string folder, key;
  std::vector<std::string> accept;     ///< PEM files
  std::vector<std::string> witnesses;  ///< URL=VKEY
  unsigned quorum = 0;
  std::string ca_file;
};

struct LogInitOptions {
  std::string folder, origin, key;
};
struct LogAppendOptions {
  LogWriteOptions write;               ///< folder may be an address: the server there writes
  LogTrustOptions trust;               ///< of an address
  std::vector<std::string> envelopes, proofs;
  std::string hallmark;                ///< the one hallmark file again, with its log entries
};
struct LogServeOptions {
  LogWriteOptions write;
  std::string listen = "127.0.0.1:8390";
};
struct LogVerifyOptions {
  std::string log;
  LogTrustOptions trust;
  bool statements = false;
};
struct LogProofOptions {
  std::string log, output;
  LogTrustOptions trust;
  std::uint64_t index = 0;
};
struct LogMonitorOptions {
  std::string log, state;
  LogTrustOptions trust;
  std::vector<std::string> makers;
  bool once = false;
  unsigned every = 60;                 ///< seconds
};
struct WitnessOptions {
  std::string key, name, listen = "127.0.0.1:8391", state;
  std::vector<std::string> logs;
  bool print_key = false;
  std::string now;                     ///< a clock that stands still, for tests
};

base::Result<int> command_log_init(const LogInitOptions&);
base::Result<int> command_log_append(const LogAppendOptions&);
base::Result<int> command_log_serve(const LogServeOptions&);
base::Result<int> command_log_verify(const LogVerifyOptions&);
base::Result<int> command_log_proof(const LogProofOptions&);
base::Result<int> command_log_monitor(const LogMonitorOptions&);
base::Result<int> command_witness(const WitnessOptions&);

}  // namespace app
