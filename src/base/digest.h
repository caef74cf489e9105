// SHA-256 (FIPS 180-4), by OpenSSL.
#pragma once

#include <array>
#include <compare>
#include <memory>
#include <optional>

#include "base/bytes.h"

namespace base {

struct Digest {
  std::array<std::uint8_t, 32> bytes{};
  std::string hex() const { return to_hex(bytes); }
  /// The first 8 hex digits: for people, never for identity.
  std::string brief() const { return hex().substr(0, 8); }
  static std::optional<Digest> from_hex(std::string_view hex);
  bool operator==(const Digest&) const = default;
  auto operator<=>(const Digest&) const = default;
};

/// Incremental; one thread at a time; finish() may be called once.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256& add(Bytes bytes);
  Sha256& add(std::string_view text) { return add(bytes_of(text)); }
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest sha256(Bytes bytes);
inline Digest sha256(std::string_view text) { return sha256(bytes_of(text)); }

}  // namespace base

template <>
struct std::hash<base::Digest> {
  std::size_t operator()(const base::Digest& d) const {
    std::size_t out;
    __builtin_memcpy(&out, d.bytes.data(), sizeof out);
    return out;
  }
};
