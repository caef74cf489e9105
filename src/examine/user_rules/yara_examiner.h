// The examiner of the rules that a user brought. Not in the registry: it exists only where there
// are rules, and is handed to the readers by who loaded them.
#pragma once

#include <memory>

#include "evidence/reader.h"
#include "match/user_rules.h"

namespace examine {

/// Lives no longer than needed: it keeps the rules alive. Safe to share read-only through fork.
std::unique_ptr<const evidence::Reader> yara_examiner(std::shared_ptr<const match::UserRules> rules);

}  // namespace examine
