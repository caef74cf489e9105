// IPv4 and IPv6 addresses in text form (RFC 4291, RFC 5952) and what their ranges are set aside for
// (IANA special-purpose registries). Strict: no octal or hexadecimal IPv4 forms, no zone names.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace examine {

std::optional<std::array<std::uint8_t, 4>> read_ipv4(std::string_view text);
std::optional<std::array<std::uint8_t, 16>> read_ipv6(std::string_view text);

/// "", loopback, private, documentation, multicast, reserved or netmask.
std::string label_of_ipv4(const std::array<std::uint8_t, 4>& address);
std::string label_of_ipv6(const std::array<std::uint8_t, 16>& address);

/// RFC 5952 form, so that equal addresses are equal text.
std::string write_ipv6(const std::array<std::uint8_t, 16>& address);

}  // namespace examine
