// A log and its keys, as a command line names them.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sign/key.h"
#include "tlog/note.h"

namespace app {

/// FOLDER or an address: http://, https:// and file:// stay, a folder becomes file://.
std::string log_address(const std::string& folder_or_url);
/// A verifier key as text, or the name of a file that holds one.
base::Result<tlog::NoteKey> note_key(const std::string& text_or_file);
base::Result<std::vector<sign::PublicKey>> public_keys(const std::vector<std::string>& files);

}  // namespace app
