#include <gtest/gtest.h>

#include "identify/identify.h"

namespace {

std::string kind(std::string bytes, std::string_view name = "x") { return identify::identify({base::bytes_of(bytes), name}).kind; }

TEST(Script, ByItsFirstLine) {
  EXPECT_EQ(kind("#!/bin/sh\necho\n"), "script/shell");
  EXPECT_EQ(kind("#! /usr/bin/env -S LANG=C python3.11 -u\n"), "script/python");
  EXPECT_EQ(kind("#!/usr/bin/perl -w\n", "a.sh"), "script/perl");
  EXPECT_EQ(kind("#!/usr/bin/env node\n"), "script/javascript");
  EXPECT_EQ(kind("#!/usr/bin/env pwsh\n"), "script/powershell");
  EXPECT_EQ(kind("#!/usr/bin/strange\n"), "script/other");
  EXPECT_EQ(kind("#![no_std]\nuse core;\n"), "text");
}
TEST(Script, ShellThatBecomesPerl) { EXPECT_EQ(kind("#!/bin/sh\neval 'exec perl -S $0 ${1+\"$@\"}'\n if 0;\nuse strict;\n"), "script/perl"); }
TEST(Script, ByNameOnlyWhenText) {
  EXPECT_EQ(kind("import os\n", "setup.py"), "script/python");
  EXPECT_EQ(kind(std::string("\0\1\2\3", 4), "setup.py"), "unknown");
  EXPECT_EQ(kind("let a = 1", "a.js"), "script/javascript");
  EXPECT_EQ(kind("zdanie po polsku\n", "list.pl"), "text");
  EXPECT_EQ(kind("<?php echo 1;"), "script/php");
}

}  // namespace
