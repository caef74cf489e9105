// Puts a statement of this gate into a transparency log.
#pragma once

#include "hallmark/bundle.h"

namespace gate {

/// `log`: a log's folder (then `log_key` signs its checkpoint), or the http(s) address of a log that takes
/// entries (Rekor v2: POST /api/v2/log/entries) and is one of `trusted`: what it answers is checked.
/// Returns when the log has acknowledged it. Error: usage, io, malformed.
base::Result<> publish(const hallmark::Envelope& envelope, const sign::PublicKey& key, const std::string& log, const std::string& log_key, const std::vector<tlog::LogTrust>& trusted);

}  // namespace gate
