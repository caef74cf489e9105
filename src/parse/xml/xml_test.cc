#include "parse/xml/xml.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace parse::xml {
namespace {

TEST(Xml, ElementsTextAndAttributes) {
  const auto r = read("<?xml version=\"1.0\"?><!DOCTYPE plist><!-- no --><a b=\"1\" c='x>y'>one &lt;&#65;&#x42;<d/>two<![CDATA[<raw>]]><e f=\"g\">three</e></a>");
  ASSERT_TRUE(r) << r.error().what;
  EXPECT_EQ(r->name, "a");
  EXPECT_EQ(r->text, "one <ABtwo<raw>");
  EXPECT_EQ(r->attribute("b"), "1");
  EXPECT_EQ(r->attribute("c"), "x>y");
  EXPECT_EQ(r->text_of("e"), "three");
  EXPECT_TRUE(r->child("d"));
}
TEST(Xml, DamageIsAnError) {
  for (const auto* text : {"", "no element", "<a", "<a>", "<a></b>", "<a><b></a></b>", "<>"}) EXPECT_FALSE(read(text)) << text;
}
TEST(Xml, DepthIsLimited) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  const auto r = read(deep);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().trouble, base::Trouble::limit);
}
TEST(Xml, Base64AndNumbers) {
  EXPECT_EQ(base::text_of(base64_of(" aGVs\n bG8= ")), "hello");
  EXPECT_EQ(decimal_of(" 42\n"), 42u);
  EXPECT_FALSE(decimal_of("4x"));
  EXPECT_FALSE(decimal_of(""));
}

}  // namespace
}  // namespace parse::xml
