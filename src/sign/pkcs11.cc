#include "sign/pkcs11.h"

namespace sign {

base::Result<std::unique_ptr<Signer>> open_token(const std::string& uri, const AskSecret&) {
  return base::fail(base::Trouble::usage, "{}: keys in tokens are not built in", base::printable(uri));
}

}  // namespace sign
