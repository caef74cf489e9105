// The statement that a log's entry stands for. A log serves statements by the digest of their payload, so
// that whoever logs the same words first decides whose signature the file carries; the one that counts is
// the entry's own.
#pragma once

#include "hallmark/bundle.h"

namespace hallmark {

/// `text`: what the log served for the entry's payload. The envelope has one signature, the entry's, and it
/// holds. Error: malformed: the text is another statement, or the entry's signature is not one of it.
base::Result<Envelope> logged_statement(const LeafFacts& leaf, std::string_view text);

}  // namespace hallmark
