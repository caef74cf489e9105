#include "parse/der/der.h"

#include <gtest/gtest.h>

#include "parse/mutants.h"

namespace parse::der {
namespace {

using base::Buffer;

TEST(Der, ReadsShortAndLongLengths) {
  const Buffer bytes = {0x30, 0x81, 0x05, 0x02, 0x03, 0x01, 0x00, 0x01, 0xff};
  const auto one = first(bytes);
  ASSERT_TRUE(one);
  EXPECT_TRUE(one->is(sequence));
  EXPECT_EQ(one->whole.size(), 8u);
  const auto inner = all(one->content);
  ASSERT_TRUE(inner);
  EXPECT_EQ(integer_bits((*inner)[0].content), 17u);
}

TEST(Der, RefusesLengthsThatLeaveTheData) {
  EXPECT_EQ(first(Buffer{0x30, 0x05, 0x01}).error().trouble, base::Trouble::truncated);
  EXPECT_EQ(first(Buffer{0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}).error().trouble, base::Trouble::truncated);
  EXPECT_EQ(first(Buffer{0x30, 0x80, 0x00, 0x00}).error().trouble, base::Trouble::unsupported);
  EXPECT_EQ(first(Buffer{0x30, 0x8f}).error().trouble, base::Trouble::malformed);
}

TEST(Der, WritesOidsAndDates) {
  EXPECT_EQ(oid_text(Buffer{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b}), "1.2.840.113549.1.1.11");
  EXPECT_EQ(oid_text(Buffer{0x55, 0x04, 0x03}), "2.5.4.3");
  EXPECT_EQ(oid_text(Buffer{0x55, 0x84}), "");
  const auto date = [](std::uint8_t tag, std::string_view text) { return date_text({tag, 0, base::bytes_of(text), {}}); };
  EXPECT_EQ(date(utc_time, "491231235959Z"), "2049-12-31");
  EXPECT_EQ(date(utc_time, "500101000000Z"), "1950-01-01");
  EXPECT_EQ(date(generalized_time, "20500101000000Z"), "2050-01-01");
  EXPECT_EQ(date(utc_time, "xx"), "");
}

TEST(Der, StopsAtDepthAndCount) {
  Buffer deep;
  for (int i = 0; i < 200; ++i) {
    Buffer outer = {0x30, 0x82, static_cast<std::uint8_t>(deep.size() >> 8), static_cast<std::uint8_t>(deep.size())};
    outer.insert(outer.end(), deep.begin(), deep.end());
    deep = outer;
  }
  const auto yes = [](const Element&, unsigned) { return true; };
  EXPECT_EQ(walk(deep, yes).error().trouble, base::Trouble::limit);
  const Buffer many(2000, 0);  // a thousand elements of tag 0 and length 0
  EXPECT_TRUE(walk(many, yes));
  EXPECT_EQ(walk(many, yes, 999).error().trouble, base::Trouble::limit);
  EXPECT_EQ(all(many, 10).error().trouble, base::Trouble::limit);
}

TEST(Der, SurvivesEveryMutant) {
  const Buffer good = {0x30, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 0x61};
  const auto use = [](base::Bytes bytes) {
    (void)walk(bytes, [](const Element& e, unsigned) {
      (void)oid_text(e.content);
      (void)string_text(e);
      (void)date_text(e);
      return true;
    });
  };
  each_truncation(good, use);
  each_mutant(good, 5000, 1, use);
}

}  // namespace
}  // namespace parse::der
