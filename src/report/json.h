// A report as JSON and back. The form is documented in docs/report.md and docs/report.schema.json;
// `schema` is its version. UTF-8, one array element a line, keys in documented order, the same bytes
// for the same report.
//
// Names and excerpts are raw bytes of the product: they are written escaped (base::printable), and
// where that changed them `<key>_bytes` carries the bytes in hex, so nothing is lost. Sentences are
// written with report::sentence.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "report/report.h"

namespace report {

std::string to_json(const Report& report);

/// Strict: an unknown key, a missing key, a wrong type, an unknown word, a node that does not exist,
/// or text of more than `most_bytes` is an error that names the place. to_json(*from_json(x)) == x
/// for every x that to_json wrote.
base::Result<Report> from_json(std::string_view text, std::size_t most_bytes = 1u << 30);

}  // namespace report
