#include <gtest/gtest.h>

#include "identify/identify.h"

namespace {

using namespace std::string_literals;
std::string kind(std::string bytes, std::string_view name = "x") { return identify::identify({base::bytes_of(bytes), name}).kind; }

TEST(Document, Magics) {
  EXPECT_EQ(kind("%PDF-1.4\n%"), "pdf");
  EXPECT_EQ(kind("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"s + std::string(512, '\0')), "ole");
  EXPECT_EQ(kind("SQLite format 3\0"s + std::string(80, '\0')), "sqlite");
  EXPECT_EQ(kind("wOFF\0\1\0\0...."s), "font");
  EXPECT_EQ(kind("\xde\x12\x04\x95\0\0\0\0\0\0\0\0\x1c\0\0\0\x1c\0\0\0\0\0\0\0\x1c\0\0\0"s), "mo");
}
TEST(Document, ACatalogueWhoseTablesLieOutsideIsNone) {
  EXPECT_EQ(kind("\xde\x12\x04\x95\0\0\0\0\xff\xff\0\0\x1c\0\0\0\x1c\0\0\0\0\0\0\0\x1c\0\0\0"s), "unknown");
}

}  // namespace
