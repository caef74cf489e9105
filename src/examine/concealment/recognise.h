// What do decoded bytes turn out to be? A short table of magics and marks of code, for bytes that
// had no name and no kind: not a full identification, which the child gets afterwards.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "evidence/vocabulary.h"

namespace examine::concealment_parts {

struct Recognised {
  std::string what;  ///< "ELF", "PE", "zip", "shell commands", "URL", …
  bool runs = false; ///< a program or script: something to execute
  bool archive = false;
};

/// Nothing for images, fonts, certificates, plain data and plain prose: they are what they claim.
std::optional<Recognised> recognise(base::Bytes bytes);

/// Most bytes are printable ASCII or UTF-8 text.
bool is_text(base::Bytes bytes);

}  // namespace examine::concealment_parts
