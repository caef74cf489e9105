// Escaping for sentences, as against names: see base::printable for names and excerpts.
#pragma once

#include <string>
#include <string_view>

namespace report {

/// Like base::printable, but keeps backslashes, so that applying it twice changes nothing. For text
/// that Assay or a rule wrote and that may carry pieces of a product. Never for names that must be
/// told apart: two different inputs may give the same sentence.
std::string sentence(std::string_view text);

}  // namespace report
