// Is this text a host name that someone could really reach? Decided by the public suffix list
// (https://publicsuffix.org) built into libpsl, by RFC 2606/6761 for reserved names, and by the
// form of the labels (RFC 1123). It does not resolve names and reads only ASCII (punycode is ASCII).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace examine {

struct HostName {
  std::string name;    ///< lower case, without a trailing dot
  std::string label;   ///< "" or reserved, loopback, private
  std::string domain;  ///< registrable domain, "" where there is none
  bool onion = false;  ///< .onion; v3 with a correct checksum unless `broken`
  bool broken = false; ///< an onion name of no valid form
};

/// A name under a public suffix or a reserved name. Nothing for file names, namespaces, bare suffixes.
std::optional<HostName> read_host_name(std::string_view text);

/// True where a literal of this form is a host rather than a file name, a property or a package:
/// the classic top-level domains and the reserved ones.
bool is_plain_host_literal(std::string_view lower_name);

/// v3 onion name (without ".onion"): version byte and checksum of rend-spec-v3 section 6 hold.
bool is_onion_v3(std::string_view label);

}  // namespace examine
