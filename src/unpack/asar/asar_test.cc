#include <gtest/gtest.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& asar();
namespace {

using evidence::Facet;

std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string asar_of(std::string json, const std::string& data) {
  const auto size = json.size();
  while (json.size() % 4) json += '\0';
  return le(4, 4) + le(json.size() + 8, 4) + le(json.size() + 4, 4) + le(size, 4) + json + data;
}
const std::string tree = R"({"files":{"a.js":{"size":3,"offset":"0","executable":true},"d":{"files":{"b":{"size":2,"offset":"19"},"l":{"link":"../../x"}}},"out.node":{"size":9,"unpacked":true},"late":{"size":50,"offset":"20"}}})";
std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* c = r.sink.child_named(name);
  return c ? std::string(base::text_of(c->bytes)) : "(no such member)";
}

TEST(Asar, FilesFoldersLinksAndWhatNoFileOwns) {
  const auto bytes = asar_of(tree, "123+hidden content+45");
  const auto r = evidence::read_alone(asar(), base::bytes_of(bytes), "asar");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "a.js"), "123");
  EXPECT_EQ(r.sink.child_named("a.js")->entry.mode, 0755u);
  EXPECT_EQ(content(r, "d/b"), "45");
  EXPECT_EQ(r.sink.child_named("d/l")->entry.link, "../../x");
  EXPECT_TRUE(r.sink.has(Facet::trouble, "truncated", "late lies outside the archive"));
  bool hidden = false;
  for (const auto& c : r.sink.children) hidden = hidden || (c.entry.origin == artifact::Origin::hidden && base::text_of(c.bytes) == "+hidden content+");
  EXPECT_TRUE(hidden);
}
TEST(Asar, Survives) { expect_survives(asar(), asar_of(tree, "123+hidden content+45"), "asar", 4000); }

}  // namespace
}  // namespace unpack
