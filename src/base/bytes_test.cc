#include "base/bytes.h"

#include <gtest/gtest.h>

using namespace base;

TEST(Bytes, SlicesNeverLeaveTheBytes) {
  const auto b = bytes_of("abcdef");
  EXPECT_EQ(text_of(slice(b, 2, 3)), "cde");
  EXPECT_EQ(text_of(slice(b, 4, 100)), "ef");
  EXPECT_EQ(text_of(slice(b, 4, UINT64_MAX)), "ef");
  EXPECT_TRUE(slice(b, 6, 1).empty());
  EXPECT_TRUE(slice(b, UINT64_MAX, UINT64_MAX).empty());
}

TEST(Bytes, WhatATerminalActsOnIsEscaped) {
  EXPECT_EQ(printable("plain é 漢"), "plain é 漢");
  EXPECT_EQ(printable("a\nb\x1b[31m"), "a\\nb\\x1b[31m");
  EXPECT_EQ(printable("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\u{202e}");      // right-to-left override
  EXPECT_EQ(printable("\xe2\x80\x8b"), "\\u{200b}");      // zero width space
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate is not UTF-8
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");          // overlong
  EXPECT_EQ(printable("\xc2\x9b"), "\\x9b");               // C1 control sequence introducer
  EXPECT_EQ(printable("\\n"), "\\\\n");                    // so that an escape can't be faked
}

TEST(Bytes, EntropyOfKnownDistributions) {
  EXPECT_EQ(entropy({}), 0);
  EXPECT_EQ(entropy(bytes_of("aaaa")), 0);
  EXPECT_DOUBLE_EQ(entropy(bytes_of("abab")), 1);
  Buffer all(256);
  for (int i = 0; i < 256; ++i) all[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i);
  EXPECT_DOUBLE_EQ(entropy(all), 8);
}
