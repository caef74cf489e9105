// The bytes that are decided on are the bytes that leave.
#include "gate/proxy/spool.h"

#include <gtest/gtest.h>

#include "gate/proxy/bounded_json.h"

namespace gate {
namespace {

TEST(Spool, KeepsAndHashesWhatCame) {
  auto spool = Spool::make(100);
  ASSERT_TRUE(spool) << spool.error().what;
  ASSERT_TRUE(spool->add("abc"));
  ASSERT_TRUE(spool->add("def"));
  EXPECT_EQ(spool->digest(), base::sha256("abcdef"));
  EXPECT_EQ(spool->text(100).value_or(""), "abcdef");
  EXPECT_EQ(spool->piece(2, 3).value_or(""), "cde");
  EXPECT_FALSE(spool->piece(4, 3));
  EXPECT_FALSE(spool->add("late"));
  EXPECT_EQ(base::to_hex(*spool->digest_by("sha1")), "1f8ac10f23c5b5bc1167bda84b833e5c057a77d2");
}

TEST(Spool, StopsAtItsBound) {
  auto spool = Spool::make(4);
  ASSERT_TRUE(spool);
  EXPECT_TRUE(spool->add("abcd"));
  const auto more = spool->add("e");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().trouble, base::Trouble::limit);
}

// nlohmann's parser goes as deep as it is led, and its destructor follows.
TEST(BoundedJson, StopsBeforeTheParserWould) {
  EXPECT_FALSE(read_json(std::string(1'000'000, '['), 2'000'000));
  EXPECT_FALSE(read_json("[1]", 2));
  EXPECT_FALSE(read_json("{\"a\":", 100));
  EXPECT_TRUE(read_json(R"({"a":"[[[[\"[["})", 100));
  const auto bad = read_json("\"\xff\"", 100);
  EXPECT_TRUE(!bad || !write_json(*bad).empty());
}

}  // namespace
}  // namespace gate
