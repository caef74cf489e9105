// Reads assay.declaration.yaml (docs/declaration.md).
#pragma once

#include <string_view>

#include "base/result.h"
#include "report/declaration.h"

namespace report {

/// An error (usage) names the line. Lines that have no effect are kept, void, with a note.
base::Result<Declaration> parse_declaration(std::string_view text, std::string_view source_name);

/// The sections, in the order in which they are written.
const std::vector<std::string>& declaration_sections();

}  // namespace report
