#include <gtest/gtest.h>

#include "unpack/mutants.h"
#include "unpack/tar/make.h"

namespace unpack {
const evidence::Reader& tar();
namespace {

using evidence::Facet;

evidence::Reading read(const std::string& bytes) { return evidence::read_alone(tar(), base::bytes_of(bytes), "tar", "a.tar"); }
std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* c = r.sink.child_named(name);
  return c ? std::string(base::text_of(c->bytes)) : "(no such member)";
}

TEST(Tar, MembersWithTheirModesAndOwners) {
  const auto r = read(tar_of({{"./usr/", "", '5', "", 0755}, {"./usr/su", "x", '0', "", 04755}, {"./ln", "", '2', "usr/su"}}));
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_EQ(r.sink.children.size(), 3u);
  EXPECT_EQ(r.sink.children[0].entry.nature, artifact::Nature::directory);
  EXPECT_EQ(r.sink.children[1].entry.mode, 04755u);
  EXPECT_EQ(r.sink.children[1].entry.uid, 01750u);
  EXPECT_EQ(r.sink.children[2].entry.link, "usr/su");
  EXPECT_TRUE(r.sink.items.empty());
}
TEST(Tar, LongNamesOfGnuAndPax) {
  const std::string name(300, 'n');
  const auto r = read(tar_member({"././@LongLink", name + '\0', 'L'}) + tar_of({{"short", "1"}}) );
  EXPECT_EQ(content(r, name), "1");
  const auto p = read(tar_member({"x", pax_record("path", "p/" + name) + pax_record("uid", "5000000"), 'x'}) + tar_of({{"short", "2"}}));
  EXPECT_EQ(content(p, "p/" + name), "2");
  EXPECT_EQ(p.sink.children.at(0).entry.uid, 5000000u);
}
TEST(Tar, SparseFilesAreGivenWhole) {
  const auto map = std::string("2\n0\n3\n10\n2\n");
  auto body = map + std::string(512 - map.size(), '\0') + "abcde";
  const auto r = read(tar_member({"x", pax_record("GNU.sparse.major", "1") + pax_record("GNU.sparse.minor", "0") + pax_record("GNU.sparse.name", "s") +
                                           pax_record("GNU.sparse.realsize", "14"), 'x'}) +
                      tar_of({{"GNUSparseFile.0/s", body}}));
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "s"), std::string("abc\0\0\0\0\0\0\0de\0\0", 14));
}
TEST(Tar, BytesBehindTheEnd) {
  const auto r = read(tar_of({{"a", "1"}}) + "hidden text");
  ASSERT_TRUE(r.result);
  EXPECT_EQ(content(r, "after-the-end"), "hidden text");
  EXPECT_TRUE(r.sink.has(Facet::concealment, "mismatch"));
  const auto quiet = read(tar_of({{"a", "1"}}) + std::string(9000, '\0'));
  EXPECT_TRUE(quiet.sink.items.empty());
}
TEST(Tar, MembersBehindALoneZeroBlockAreReadAndStated) {
  const auto r = read(tar_member({"a", "1"}) + std::string(512, '\0') + tar_of({{"b", "2"}}));
  EXPECT_EQ(content(r, "b"), "2");
  EXPECT_TRUE(r.sink.has(Facet::concealment, "mismatch"));
}
TEST(Tar, NamesThatLeaveThePackage) {
  EXPECT_TRUE(read(tar_of({{"../../etc/cron.d/x", "1"}})).sink.has(Facet::concealment, "mismatch", "../../etc/cron.d/x"));
  EXPECT_TRUE(read(tar_of({{"d", "", '2', "/etc"}, {"d/cron", "1"}})).sink.has(Facet::concealment, "mismatch", "d/cron"));
  EXPECT_TRUE(read(tar_of({{"a/../b", "1"}, {"c/l", "", '2', "../b"}, {"e", "", '2', "/etc/x"}})).sink.items.empty());
}
TEST(Tar, ADamagedHeaderInTheMiddleIsAnErrorAfterTheMembersBefore) {
  auto bytes = tar_of({{"a", "1"}, {"b", "2"}});
  bytes[1024] = 'X';
  const auto r = read(bytes);
  ASSERT_FALSE(r.result);
  EXPECT_EQ(r.result.error().trouble, base::Trouble::malformed);
  EXPECT_EQ(content(r, "a"), "1");
}
TEST(Tar, LabelsTileWithoutRest) {
  const auto bytes = tar_of({{"a", "1"}, {"b", std::string(700, 'x')}});
  const auto r = read(bytes);
  const auto tiles = evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""});
  ASSERT_TRUE(tiles);
  EXPECT_EQ(evidence::tally(*tiles).of(evidence::Label::scanned), 0u);
  EXPECT_EQ(evidence::tally(*tiles).of(evidence::Label::handed_on), 701u);
}
TEST(Tar, Survives) {
  expect_survives(tar(), tar_member({"x", pax_record("path", "long") + pax_record("size", "3"), 'x'}) + tar_member({"L", "name", 'L'}) +
                             tar_of({{"a", "123"}, {"b", "", '1', "a"}, {"d/", "", '5'}, {"S", "123", 'S'}}), "tar", 6000);
}

}  // namespace
}  // namespace unpack
