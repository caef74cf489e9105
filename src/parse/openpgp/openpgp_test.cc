#include "parse/openpgp/openpgp.h"

#include <gtest/gtest.h>

#include "base/base64.h"

using parse::openpgp::read_keys;

namespace {

// Made by gpg 2.2.40; the fingerprints are those that gpg shows.
constexpr std::string_view ed25519 =
    "mDMEawLYGBYJKwYBBAHaRw8BAQdACqYMGWoe60SOf5/sRsFp4caMTb9JTP9D0iSJbxGphxi0FnJlbGVhc2VAdmVuZG9yLmV4YW1wbGWIkAQTFggAOBYhBBAkSKznH38+dVc8l8h39d23NokwBQJrAtgYAhsDBQsJCAcCBhUKCQgLAgQWAgMBAh4BAheA"
    "AAoJEMh39d23Nokwj1YA/1W0wKGh+T45OLD3W6orKS/+Sn12QKp9r8w/UiPqkKjAAP9xTLAZuC1rhzHbqjCu57fs5Ly4ow0cmdG8AX9QP33pBQ==";
constexpr std::string_view ed25519_secret =
    "lFgEawLYGBYJKwYBBAHaRw8BAQdACqYMGWoe60SOf5/sRsFp4caMTb9JTP9D0iSJbxGphxgAAQC/p4Kcd2CKaeYXcIB8TXn5Kn3uSDVrrHmdp6tnVGDZcRBttBZyZWxlYXNlQHZlbmRvci5leGFtcGxl";
constexpr std::string_view rsa =
    "mI0EawLYGAEEAJ0gkNVZ9pinKUjr4lveB7n+O217nDxGLTLcaSYOBEePatk0IoVUyyhXtZd6ujDLNx3DReHMdUhTG2yuATELecXiu6Dv7uZsGqS0ntr7KID2w4R4QthQq4WEApz8eMf0zTaBUyM6OPBj41cBbQbubVtl7rUyYcwRsBYgLxcXWZ0TABEBAAG0"
    "EGJAdmVuZG9yLmV4YW1wbGU=";

base::Buffer bytes(std::string_view text) {
  auto out = base::from_base64(text);
  EXPECT_TRUE(out);
  return out ? base::Buffer(out->begin(), out->end()) : base::Buffer();
}

}  // namespace

TEST(OpenPgp, TellsFingerprintsAsGpgDoes) {
  const auto one = read_keys(bytes(ed25519));
  ASSERT_TRUE(one);
  ASSERT_EQ(one->size(), 1u);
  EXPECT_EQ(one->at(0).fingerprint, "102448ace71f7f3e75573c97c877f5ddb7368930");
  EXPECT_EQ(one->at(0).algorithm, "EdDSA");
  EXPECT_FALSE(one->at(0).secret);
  auto ring = bytes(ed25519);
  const auto more = bytes(rsa);
  ring.insert(ring.end(), more.begin(), more.end());
  const auto both = read_keys(ring);
  ASSERT_TRUE(both);
  ASSERT_EQ(both->size(), 2u);
  EXPECT_EQ(both->at(1).fingerprint, "c38f6462172f8b301d336b5d6a76065c70cef368");
  EXPECT_EQ(both->at(1).algorithm, "RSA");
}

// The fingerprint is over the public half, wherever the private one follows.
TEST(OpenPgp, TellsASecretKeyByItsPublicHalf) {
  const auto keys = read_keys(bytes(ed25519_secret));
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->size(), 1u);
  EXPECT_TRUE(keys->at(0).secret);
  EXPECT_FALSE(keys->at(0).encrypted);
  EXPECT_EQ(keys->at(0).fingerprint, "102448ace71f7f3e75573c97c877f5ddb7368930");
}

// Other bytes are none of its business: no error, no key.
TEST(OpenPgp, LeavesOtherBytesAlone) {
  EXPECT_TRUE(read_keys({})->empty());
  for (const std::string_view text : {"hello", "\x89PNG\r\n", "\x98", "\xff\xff\xff\xff"}) EXPECT_TRUE(read_keys(base::bytes_of(text))->empty()) << text;
}

TEST(OpenPgp, SurvivesBeingCutAndChanged) {
  const auto whole = bytes(ed25519);
  for (std::size_t n = 0; n < whole.size(); ++n) (void)read_keys(base::Bytes(whole).first(n));
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = whole;
      changed[i] ^= static_cast<std::uint8_t>(1 << bit);
      if (const auto keys = read_keys(changed))
        for (const auto& key : *keys) EXPECT_LE(key.range.offset + key.range.size, changed.size());
    }
}
