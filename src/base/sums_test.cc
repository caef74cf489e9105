#include "base/sums.h"

#include <gtest/gtest.h>

namespace base {
namespace {

// The check values that catalogues of checksums give for "123456789".
TEST(Sums, CheckValues) {
  const auto digits = bytes_of("123456789");
  EXPECT_EQ(crc32(digits), 0xCBF43926u);
  EXPECT_EQ(crc32(digits.subspan(4), crc32(digits.first(4))), 0xCBF43926u);
  EXPECT_EQ(crc32_forward(digits, 0xFFFFFFFF), 0x0376E6E7u);
  EXPECT_EQ(crc16_xmodem(digits), 0x31C3);
}
TEST(Sums, DigestsByName) {
  EXPECT_EQ(to_hex(*digest_by_name("md5", bytes_of("abc"))), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(to_hex(*digest_by_name("sha1", bytes_of("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(digest_by_name("sha512", {})->size(), 64u);
  EXPECT_FALSE(digest_by_name("crc32", {}));
}

}  // namespace
}  // namespace base
