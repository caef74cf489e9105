#include <gtest/gtest.h>

#include "identify/identify.h"

namespace {

std::string kind(std::string bytes, std::string_view name = "x") { return identify::identify({base::bytes_of(bytes), name}).kind; }

TEST(Text, Forms) {
  EXPECT_EQ(kind("{\"a\": 1}\n"), "json");
  EXPECT_EQ(kind("[section]\na=1\n"), "text");
  EXPECT_EQ(kind("<!DOCTYPE html><p>"), "html");
  EXPECT_EQ(kind("<?xml version='1.0'?><a/>"), "xml");
  EXPECT_EQ(kind("a: 1\n", "x.yml"), "yaml");
  EXPECT_EQ(kind(".\\\" c\n.TH LS 1\n"), "man");
  EXPECT_EQ(kind("body{}", "a.css"), "css");
  EXPECT_EQ(kind("plain words\n"), "text");
  EXPECT_EQ(kind(""), "empty");
  EXPECT_EQ(kind(std::string("a\0b", 3)), "unknown");
}
TEST(Text, Utf16WithItsMark) { EXPECT_EQ(kind(std::string("\xFF\xFE" "a\0b\0c\0", 8)), "text"); }

}  // namespace
