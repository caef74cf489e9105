// Finds endpoints in one run of ASCII text: URLs, hosts, addresses, mails, onion names, phone
// numbers, wallets. Hand-written around anchors (`://`, `@`, `.`, `:`, `+`, leading digits), one pass.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/vocabulary.h"

namespace examine {

struct Sighting {
  std::string_view word;  ///< url, host, ipv4, ipv6, mail, onion, phone, wallet
  std::string value;      ///< normalised
  std::map<std::string, std::string> attributes;
  std::size_t offset = 0, size = 0;  ///< in the text
  evidence::Confidence confidence = evidence::Confidence::high;
  bool secret = false;
};

/// `code`: the text is a program, a script or configuration, so a quoted name or number stands for
/// itself; false for prose.
std::vector<Sighting> scan_endpoints(std::string_view text, bool code);

}  // namespace examine
