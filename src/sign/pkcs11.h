// Keys in a PKCS#11 token (OASIS PKCS #11 v2.40 and v3.0), named by a URI (RFC 7512). The module is called
// directly; the private key never leaves the token. Inside this room; see key.h.
#pragma once

#include "sign/key.h"

namespace sign {

base::Result<std::unique_ptr<Signer>> open_token(const std::string& uri, const AskSecret& ask);

}  // namespace sign
