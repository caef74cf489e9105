#include "base/sums.h"

#include <array>

#include <openssl/evp.h>

namespace base {
namespace {

constexpr auto reflected = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    auto c = i;
    for (int bit = 0; bit < 8; ++bit) c = c & 1 ? 0xEDB88320u ^ c >> 1 : c >> 1;
    table[i] = c;
  }
  return table;
}();

constexpr auto forward = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    auto c = i << 24;
    for (int bit = 0; bit < 8; ++bit) c = c & 0x80000000u ? 0x04C11DB7u ^ c << 1 : c << 1;
    table[i] = c;
  }
  return table;
}();

}  // namespace

std::uint32_t crc32(Bytes bytes, std::uint32_t before) {
  auto c = ~before;
  for (const auto b : bytes) c = reflected[(c ^ b) & 0xff] ^ c >> 8;
  return ~c;
}

std::uint32_t crc32_forward(Bytes bytes, std::uint32_t before) {
  auto c = before;
  for (const auto b : bytes) c = forward[(c >> 24 ^ b) & 0xff] ^ c << 8;
  return c;
}

std::uint16_t crc16_xmodem(Bytes bytes, std::uint16_t before) {
  std::uint32_t c = before;
  for (const auto b : bytes) {
    c ^= static_cast<std::uint32_t>(b) << 8;
    for (int bit = 0; bit < 8; ++bit) c = c & 0x8000 ? c << 1 ^ 0x1021 : c << 1;
  }
  return static_cast<std::uint16_t>(c);
}

std::optional<Buffer> digest_by_name(std::string_view name, Bytes bytes) {
  const EVP_MD* method = name == "md5" ? EVP_md5() : name == "sha1" ? EVP_sha1() : name == "sha256" ? EVP_sha256() : name == "sha384" ? EVP_sha384() : name == "sha512" ? EVP_sha512() : nullptr;
  if (!method) return std::nullopt;
  Buffer out(static_cast<std::size_t>(EVP_MD_size(method)));
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, method, nullptr) != 1) return std::nullopt;
  return out;
}

}  // namespace base
