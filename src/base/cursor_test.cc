#include "base/cursor.h"

#include <gtest/gtest.h>

#include "base/checked.h"
#include "base/digest.h"

using namespace base;

TEST(Cursor, ReadsBothEnds) {
  const Buffer b = {1, 2, 3, 4, 5, 6, 7, 8};
  Cursor little(b), big(b, std::endian::big);
  EXPECT_EQ(little.u16(), 0x0201);
  EXPECT_EQ(big.u32(), 0x01020304u);
  EXPECT_EQ(big.word(false), 0x05060708u);
  EXPECT_TRUE(big.at_end());
}

TEST(Cursor, ReadingPastTheEndFailsForGoodAndTouchesNothing) {
  const Buffer b = {1, 2, 3};
  Cursor c(b);
  EXPECT_EQ(c.u32(), 0u);
  EXPECT_FALSE(c.ok());
  EXPECT_EQ(c.u8(), 1);  // what is there can still be read, the failure stays
  EXPECT_FALSE(c.status("x"));
  EXPECT_EQ(c.status("x").error().trouble, Trouble::truncated);
}

TEST(Cursor, HostileSizesDoNotWrap) {
  const Buffer b = {1, 2, 3};
  Cursor c(b);
  c.skip(1);
  EXPECT_TRUE(c.take(UINT64_MAX).empty());
  EXPECT_FALSE(c.ok());
  Cursor d(b);
  d.seek(UINT64_MAX);
  EXPECT_FALSE(d.ok());
  EXPECT_EQ(d.position(), 0u);
}

TEST(Cursor, TextEndsAtItsNul) {
  Cursor c(bytes_of(std::string_view("ab\0cd", 5)));
  EXPECT_EQ(c.c_string(), "ab");
  EXPECT_EQ(c.c_string(), "");
  EXPECT_FALSE(c.ok());
}

TEST(Checked, SumsAndProductsOfHostileNumbers) {
  EXPECT_FALSE(checked_add(UINT64_MAX, 1));
  EXPECT_FALSE(checked_mul(1ull << 33, 1ull << 33));
  EXPECT_EQ(checked_add(2, 3), 5u);
  EXPECT_TRUE(fits(2, 3, 5));
  EXPECT_FALSE(fits(3, 3, 5));
  EXPECT_FALSE(fits(UINT64_MAX, 2, 5));
}

TEST(Digest, KnownAnswerAndHex) {
  const auto d = sha256("abc");
  EXPECT_EQ(d.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Digest::from_hex(d.hex()), d);
  EXPECT_FALSE(Digest::from_hex("ab"));
  EXPECT_FALSE(Digest::from_hex(std::string(64, 'g')));
}
