// Armoured blocks in any bytes: PEM (RFC 7468, RFC 1421), OpenSSH keys, OpenPGP and age armour.
// https://www.rfc-editor.org/rfc/rfc7468
// Also finds blocks that stand in program text: with \n as two characters, and as string pieces
// joined by the usual signs. It does not decrypt and does not judge the content.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace parse::pem {

struct Block {
  std::string type;                            ///< "RSA PRIVATE KEY", "CERTIFICATE", "PGP MESSAGE", ...
  base::Range range;                           ///< from the first to the last dash
  std::map<std::string, std::string> headers;  ///< "Proc-Type", "DEK-Info", "Version", ...
  base::Buffer content;                        ///< decoded as far as it goes
  bool closed = false;                         ///< the END line of the same type is there
  bool clean = false;                          ///< the whole body is base64
};

inline constexpr std::size_t most_body = 1 << 20;  ///< bytes between BEGIN and END

/// Blocks in order of their offset; at most `most`.
std::vector<Block> find(base::Bytes bytes, std::size_t most = 4096);

/// Strict base64 (RFC 4648), both alphabets, padding optional; nothing for anything else.
std::optional<base::Buffer> decode_base64(std::string_view text);

}  // namespace parse::pem
