// A URL around "://" in text (RFC 3986, as written in practice: `:\/\/` of JSON, no IRIs).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "examine/endpoints/host_name.h"

namespace examine {

struct Url {
  std::string text;     ///< normalised: scheme and host in lower case, "\/" undone
  std::string scheme;
  std::string host;     ///< as normalised; "" where it is a template
  std::string host_word;  ///< host, ipv4, ipv6, onion; "" where it is a template or unregistrable
  std::string label;    ///< loopback, private, documentation, reserved, namespace-uri, template, unregistrable, ""
  bool credentials = false;  ///< user:password@
  std::size_t begin = 0, end = 0;
};

/// The URL whose ':' of "://" stands at `colon`.
std::optional<Url> read_url(std::string_view text, std::size_t colon);

}  // namespace examine
