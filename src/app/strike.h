// A verdict becomes a hallmark: signed, and put into a log where asked for.
#pragma once

#include "app/log_client.h"
#include "hallmark/bundle.h"

namespace app {

/// The verdict's bundle, and after it, for a pass, its summary's. Error: usage: a pass that can't be
/// replayed; what was signed does not hold (a token that lies); the log said no.
base::Result<hallmark::HallmarkFile> strike(const hallmark::Statement& verdict, const sign::Signer& signer, const LogOptions& log);

/// The payload digests of earlier hallmarks. Error: usage: one is of another product or of another office.
base::Result<std::vector<std::string>> superseded(const std::vector<std::string>& files, const base::Digest& product, const std::string& office);

/// "90d", or a day, whose last second it is. Error: usage: no such thing, not after `issued`.
base::Result<hallmark::Time> expiry(const std::string& text, hallmark::Time issued);

}  // namespace app
