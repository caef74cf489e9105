#include <gtest/gtest.h>

#include "identify/recogniser.h"

namespace identify {
const Recogniser& apple();

namespace {

std::string kind(const std::string& bytes) {
  const auto found = apple().recognise({base::bytes_of(bytes), ""});
  return found ? found->kind : "";
}

TEST(RecogniseApple, ADiskImageByItsTrailer) {
  const auto trailer = std::string("koly\0\0\0\4\0\0\2\0", 12) + std::string(500, '\0');
  EXPECT_EQ(kind("content" + trailer), "dmg");
  EXPECT_EQ(kind(trailer + "content"), "dmg");
  EXPECT_EQ(kind("koly" + std::string(508, '\0')), "");
}
TEST(RecogniseApple, APayload) {
  EXPECT_EQ(kind(std::string("pbzx\0\0\0\0\1\0\0\0\0\0\0\0", 16) + std::string(20, '\0')), "pbzx");
  EXPECT_EQ(kind("pbzx are four letters, no more than that"), "");
}

}  // namespace
}  // namespace identify
