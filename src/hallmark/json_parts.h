// Parts of larger JSON values. Inside this room.
#pragma once

#include "hallmark/bundle.h"
#include "hallmark/fields.h"

namespace hallmark {

base::Result<Envelope> read_envelope(const Json& json);
Json envelope_json(const Envelope& envelope);

/// TransparencyLogEntry (sigstore_rekor.proto), of a Rekor v2 log. Its proof is only read, not checked.
base::Result<LogEntry> read_log_entry(const Json& json);
Json log_entry_json(const LogEntry& entry);

/// Verifier (rekor/v2/verifier.proto) with a public key.
Json verifier_json(const sign::PublicKey& key);
/// Its PublicKeyDetails (sigstore_common.proto).
std::string_view details_of(const sign::PublicKey& key);

}  // namespace hallmark
