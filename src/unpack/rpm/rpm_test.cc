#include <gtest/gtest.h>

#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& rpm();
namespace {

using evidence::Facet;

std::string big(std::uint32_t v) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(v >> shift);
  return out;
}
struct Tag {
  std::uint32_t tag, type;
  std::vector<std::string> texts;
};
std::string header(const std::vector<Tag>& tags) {
  std::string index, store;
  for (const auto& t : tags) {
    index += big(t.tag) + big(t.type) + big(static_cast<std::uint32_t>(store.size())) + big(static_cast<std::uint32_t>(t.texts.size()));
    for (const auto& text : t.texts) store += text + '\0';
  }
  return "\x8e\xad\xe8\x01" + std::string(4, '\0') + big(static_cast<std::uint32_t>(tags.size())) + big(static_cast<std::uint32_t>(store.size())) + index + store;
}
std::string package() {
  auto signature = header({});
  signature.resize((signature.size() + 7) / 8 * 8);
  return "\xED\xAB\xEE\xDB" + std::string(92, '\0') + signature +
         header({{1000, 6, {"tool"}}, {1001, 6, {"1.2"}}, {1002, 6, {"3"}}, {1011, 6, {"Example"}}, {1024, 6, {"echo hi\n"}}, {1086, 6, {"/bin/sh"}},
                 {1151, 6, {"print('x')"}}, {1153, 6, {"<lua>"}}, {1088, 6, {"/sbin/ldconfig"}}, {1065, 8, {"one", "two"}}, {1092, 8, {"/bin/sh", "/usr/bin/python3"}},
                 {1125, 6, {"gzip"}}}) +
         "PAYLOAD";
}
evidence::Reading read() { return evidence::read_alone(rpm(), base::bytes_of(package()), "rpm"); }

TEST(Rpm, SaysWhoItIs) {
  const auto r = read();
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_TRUE(r.sink.has(Facet::identity, "package", "tool"));
  EXPECT_TRUE(r.sink.has(Facet::identity, "version", "1.2-3"));
  EXPECT_TRUE(r.sink.has(Facet::identity, "maker", "Example"));
}
TEST(Rpm, ScriptsAreSteps) {
  const auto r = read();
  ASSERT_TRUE(r.sink.child_named("%postin"));
  EXPECT_EQ(base::text_of(r.sink.child_named("%postin")->bytes), "echo hi\n");
  EXPECT_EQ(r.sink.child_named("%postin")->entry.origin, artifact::Origin::step);
  EXPECT_EQ(r.sink.child_named("%postin")->entry.kind, "script/shell");
  EXPECT_EQ(r.sink.child_named("%pretrans")->entry.kind, "script/lua");
  EXPECT_EQ(base::text_of(r.sink.child_named("%postun")->bytes), "/sbin/ldconfig");
  EXPECT_EQ(r.sink.child_named("%trigger-1")->entry.kind, "script/python");
}
TEST(Rpm, ThePayloadIsALayer) {
  const auto r = read();
  ASSERT_TRUE(r.sink.child_named("payload.cpio.gz"));
  EXPECT_EQ(base::text_of(r.sink.child_named("payload.cpio.gz")->bytes), "PAYLOAD");
}
TEST(Rpm, Survives) { expect_survives(rpm(), package(), "rpm", 6000); }

}  // namespace
}  // namespace unpack
