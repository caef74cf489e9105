// The parts of the concealment examiner.
#pragma once

#include "evidence/reader.h"

namespace examine::concealment_parts {

/// A script, a program's source or configuration: text in which characters are instructions.
bool is_code(const evidence::View& view);
/// Content that is dense by its format: compressed, encrypted by design, media.
bool is_dense_kind(std::string_view kind, base::Bytes bytes);

void state(evidence::Sink& sink, std::string_view word, std::string value, base::Range range, evidence::Confidence confidence, std::map<std::string, std::string> attributes = {});

base::Result<> find_encoded_text(const evidence::View& view, evidence::Sink& sink);
base::Result<> find_xored_text(const evidence::View& view, evidence::Sink& sink);
base::Result<> find_dense_regions(const evidence::View& view, evidence::Sink& sink);
base::Result<> find_invisible_text(const evidence::View& view, evidence::Sink& sink);
base::Result<> find_strange_names(const evidence::View& view, evidence::Sink& sink);

}  // namespace examine::concealment_parts
