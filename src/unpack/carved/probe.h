// How many bytes of a blob belong to the form that begins at its front? Found by reading it.
#pragma once

#include <optional>

#include "evidence/reader.h"
#include "identify/recogniser.h"

namespace unpack::carved_parts {

/// Reads `bytes` as `what` and throws the content away. Nothing when it doesn't hold up: no reader
/// of the kind, an error before a first member, or no byte accounted for. Work is counted at `sink`,
/// whose error (limit) is returned.
base::Result<std::optional<std::uint64_t>> extent_of(const identify::Identity& what, base::Bytes bytes, evidence::Sink& sink);

}  // namespace unpack::carved_parts
