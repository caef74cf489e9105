#include "parse/toml/toml.h"

#include <gtest/gtest.h>

#include <map>

#include "parse/mutants.h"

namespace parse::toml {
namespace {

std::string joined(const std::vector<std::string>& path) {
  std::string out;
  for (const auto& key : path) out += (out.empty() ? "" : "/") + key;
  return out;
}

/// Path to text; a table as "{}".
std::multimap<std::string, std::string> values(std::string_view text) {
  std::multimap<std::string, std::string> out;
  const auto r = read(text, [&](const Value& v) { out.emplace(joined(v.path), v.kind == Kind::table ? "{}" : v.text); });
  EXPECT_TRUE(r) << r.error().to_string();
  return out;
}

const std::string_view sample =
    "\xef\xbb\xbf# a comment\ntitle = \"T\" # one more\n[ a . \"b c\" ]\r\nx.y = 'raw\\'\nlist = [ 1, \"two\", # three\n  [ \"in\" ], ]\n"
    "point = { x = 1.5, y = { z = true }, }\n[[bin]]\ntext = \"\"\"\n[not-a-table]\n\"quoted\"\"\"\"\nwhen = 1979-05-27T07:32:00Z\nn = +1_000\nu = \"\\u0041\\\"\"\nl = '''a\n'b'''\n";

// Each kind of key, value and string of the specification, and what looks like a table inside a string.
TEST(Toml, KeysAndValues) {
  const std::multimap<std::string, std::string> want = {
      {"title", "T"},       {"a/b c", "{}"},         {"a/b c/x/y", "raw\\"},      {"a/b c/list", "1"},
      {"a/b c/list", "two"}, {"a/b c/list", "in"},    {"a/b c/point", "{}"},       {"a/b c/point/x", "1.5"},
      {"a/b c/point/y", "{}"}, {"a/b c/point/y/z", "true"}, {"bin", "{}"},         {"bin/text", "[not-a-table]\n\"quoted\""},
      {"bin/when", "1979-05-27T07:32:00Z"}, {"bin/n", "+1_000"}, {"bin/u", "A\""}, {"bin/l", "a\n'b"}};
  EXPECT_EQ(values(sample), want);
}

TEST(Toml, RangesAreOfTheValue) {
  const std::string_view text = "[t]\na = \"b\"\n";
  std::vector<std::string> seen;
  ASSERT_TRUE(read(text, [&](const Value& v) { seen.emplace_back(text.substr(v.range.offset, v.range.size)); }));
  EXPECT_EQ(seen, (std::vector<std::string>{"[t]", "\"b\""}));
}

TEST(Toml, WhatIsNoTomlIsAnError) {
  for (const auto* text : {"a", "a =", "= 1", "[a", "a = \"b", "a = 'b\n'", "a = [1", "a = {b = 1", "a = 1 2", "a = \"\\q\"", "a = \"\\u00g0\"", "a = \"\"\"b\"\"", "[[a]\n", "a. = 1"})
    EXPECT_FALSE(read(text, [](const Value&) {})) << text;
}

TEST(Toml, DepthIsLimited) {
  for (const std::string open : {"[", "{a=", "a."}) {
    std::string deep = "a = ";
    if (open == "a.") deep.clear();
    for (int i = 0; i < 100'000; ++i) deep += open;
    const auto r = read(deep, [](const Value&) {});
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().trouble, base::Trouble::limit) << open;
  }
}

TEST(Toml, DamagedInputNeverCrashes) {
  const auto look = [](base::Bytes bytes) { (void)read(base::text_of(bytes), [](const Value&) {}); };
  each_truncation(base::bytes_of(sample), look);
  each_mutant(base::bytes_of(sample), 2000, 5, look);
}

}  // namespace
}  // namespace parse::toml
