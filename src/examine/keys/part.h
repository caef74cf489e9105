// The parts of the keys examiner. Each looks at the whole artifact for one family of key material.
#pragma once

#include "evidence/reader.h"

namespace examine::key_parts {

/// Where the artifact stands, as far as its path tells: "" or test, example, doc. Only an attribute.
std::string context_of(const evidence::View& view);
/// The place is one that a service or user reads as it is: below etc/ or .ssh/.
bool is_live_place(const evidence::View& view);

base::Result<> find_key_material(const evidence::View& view, evidence::Sink& sink);
base::Result<> find_tokens(const evidence::View& view, evidence::Sink& sink);
base::Result<> find_password_hashes(const evidence::View& view, evidence::Sink& sink);
base::Result<> find_recipients(const evidence::View& view, evidence::Sink& sink);

}  // namespace examine::key_parts
