#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "identify/identify.h"

namespace {

using namespace std::string_literals;

std::string kind(std::string bytes, std::string_view name = "x") { return identify::identify({base::bytes_of(bytes), name}).kind; }

TEST(OldArchive, Magics) {
  EXPECT_EQ(kind("SZDD\x88\xF0\x27\x33"s + "AE\1\0\0\0abc"s), "szdd");
  EXPECT_EQ(kind("KWAJ\x88\xF0\x27\xD1\1\0\x0e\0\0\0abc"s), "kwaj");
  EXPECT_EQ(kind("{\\rtf1\\ansi some text}"), "rtf");
  EXPECT_EQ(kind("\x78\x9f\x3e\x22\0\0\1\6\x90\x08\0\4\0\0\0\0\0"s), "tnef");
}
TEST(OldArchive, MailNeedsItsFields) {
  EXPECT_EQ(kind("From: a\nTo: b\nSubject: c\n\ntext\n"), "mail");
  EXPECT_EQ(kind("From a@b Thu Jul 31 13:49:50 2008\nFrom: a\nMIME-Version: 1.0\nContent-Type: x\n\ntext\n"), "mail");
  // A package's control file, a list of settings, and prose are none.
  EXPECT_NE(kind("Package: a\nVersion: 1\nDate: today\nMaintainer: x\n\n"), "mail");
  EXPECT_NE(kind("From: the start\nA letter to you\nTo: b\nSubject: c\n"), "mail");
  EXPECT_NE(kind("from: 1\nto: 2\nother: 3\n"), "mail");
}
TEST(OldArchive, UuencodedTextNeedsALineThatFits) {
  EXPECT_EQ(kind("begin 644 cat.txt\n#0V%T\n`\nend\n"), "uuencode");
  EXPECT_NE(kind("begin 644 the story here\nand a line that is no code at all\n"), "uuencode");
}
TEST(OldArchive, AnArjHeaderWithAWrongSumIsNone) {
  auto arj = "\x60\xea\x1e\0"s + std::string(30, '\1') + "\0\0\0\0\0\0"s;
  EXPECT_NE(kind(arj), "arj");
}

}  // namespace
