#include "render/columns.h"

#include <gtest/gtest.h>

#include <random>

using namespace render;

TEST(Columns, CountsWideAndCombiningCharacters) {
  EXPECT_EQ(columns("abc"), 3u);
  EXPECT_EQ(columns("häß"), 3u);
  EXPECT_EQ(columns("説明書"), 6u);
  EXPECT_EQ(columns("e\xcc\x81"), 1u);
  EXPECT_EQ(columns("\xff\xe8"), 2u);
}

TEST(Columns, WrapsAtBlanksAndInsideLongWords) {
  EXPECT_EQ(wrap("one two three", 8), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("usr/share/documentation", 12), (std::vector<std::string>{"usr/share/", "documentatio", "n"}));
  EXPECT_EQ(wrap("説明書説明書", 8), (std::vector<std::string>{"説明書説", "明書"}));
  EXPECT_TRUE(wrap("   ", 10).empty());
}

// Nothing is lost and nothing is too wide, whatever the bytes.
TEST(Columns, WrapKeepsEveryByteAndTheWidth) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string text, kept, wanted;
    for (unsigned i = 0; i < random() % 120; ++i) text += "ab/ .\xe8\xaa\xac\xff\xcc\x81 "[random() % 12];
    for (const auto& line : wrap(text, 8 + random() % 20)) {
      EXPECT_LE(columns(line), 27u);
      kept += line;
    }
    std::erase(kept, ' ');
    wanted = text;
    std::erase(wanted, ' ');
    EXPECT_EQ(kept, wanted);
  }
}

TEST(Columns, ShortensInTheMiddle) {
  EXPECT_EQ(shorten("abcdefghij", 10), "abcdefghij");
  EXPECT_EQ(shorten("abcdefghijk", 7), "abc…ijk");
  EXPECT_LE(columns(shorten("説明書説明書説明書", 7)), 7u);
}

TEST(Columns, NumbersForPeople) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1402112), "1,402,112");
  EXPECT_EQ(size_text(1023), "1023 B");
  EXPECT_EQ(size_text(1024), "1.0 KiB");
  EXPECT_EQ(size_text(UINT64_MAX), "16.0 EiB");
  EXPECT_EQ(share(0, 10), "0 %");
  EXPECT_EQ(share(1, 100000), "< 0.1 %");
  EXPECT_EQ(share(99999, 100000), "> 99.9 %");
  EXPECT_EQ(share(5, 5), "100 %");
  EXPECT_EQ(counted(1, "byte"), "1 byte");
  EXPECT_EQ(counted(1200, "entry", "entries"), "1,200 entries");
}
