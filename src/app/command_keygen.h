// `assay keygen`: a key for an office, a log or a witness, in a file or in a token.
#pragma once

#include <string>

#include "base/result.h"

namespace app {

struct KeygenOptions {
  std::string algorithm = "ed25519";
  std::string output;            ///< of the private key; with a token or --from, of the public one
  std::string token;             ///< PKCS#11 URI: the key is made there
  std::string from;              ///< no new key: the public half of this one
  std::string note_name;         ///< prints the verifier keys of a log and of a witness of this name
  bool no_passphrase = false, force = false;
};

base::Result<int> command_keygen(const KeygenOptions& options);

}  // namespace app
