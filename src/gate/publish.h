// Puts a statement of this gate into a transparency log.
#pragma once

#include "hallmark/bundle.h"

namespace gate {

/// `log`: a log's folder (then `log_key` signs its checkpoint), or an http(s) address that takes entries.
/// Returns when the log has acknowledged it. Error: usage, io.
base::Result<> publish(const hallmark::Envelope& envelope, const sign::PublicKey& key, const std::string& log, const std::string& log_key);

}  // namespace gate
