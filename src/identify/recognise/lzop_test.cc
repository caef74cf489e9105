#include <gtest/gtest.h>

#include "identify/identify.h"

namespace {

using namespace std::string_literals;
std::string kind(const std::string& bytes) { return identify::identify({base::bytes_of(bytes), "x"}).kind; }

TEST(LzopRecogniser, MagicAndVersion) {
  const auto head = "\x89LZO\0\r\n\x1a\n"s;
  const std::string zeros(40, '\0');
  EXPECT_EQ(kind(head + "\x10\x40\x20\xa0\x09\x40\x01"s + zeros), "lzop");
  EXPECT_EQ(kind(head + zeros), "unknown") << "no version 0";
}

}  // namespace
