// Statements as a log serves them: DSSE envelopes, named by the SHA-256 of their payload.
#pragma once

#include "base/digest.h"
#include "base/result.h"

namespace tlog {

inline constexpr std::size_t most_statement_bytes = 16u << 20;

/// The payload's digest of an envelope in JSON. Error: malformed, limit. Signatures are not looked at.
base::Result<base::Digest> payload_of(std::string_view envelope);

/// Nesting of arrays and objects in JSON text, before a parser sees it that has no limit of its own.
unsigned json_depth(std::string_view text);

}  // namespace tlog
