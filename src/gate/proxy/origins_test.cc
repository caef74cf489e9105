// Which addresses a gate asks, and where it sends clients: a hostile index or path must not reach others.
#include "gate/proxy/origins.h"

#include <gtest/gtest.h>

namespace gate {
namespace {

Origins origins() { return *Origins::make("https://Up.example/simple/", {"http://files.example:8080"}); }

// RFC 3986, section 5.4.1, as far as http needs it.
TEST(Origins, ResolvesReferencesAsTheStandardSays) {
  const std::string base = "http://a/b/c/d?q";
  const std::pair<const char*, const char*> cases[] = {{"g", "/b/c/g"}, {"./g", "/b/c/g"}, {"g/", "/b/c/g/"}, {"/g", "/g"}, {"?y", "/b/c/d?y"}, {"g?y", "/b/c/g?y"},
                                                       {"g#s", "/b/c/g"}, {"", "/b/c/d?q"}, {".", "/b/c/"}, {"..", "/b/"}, {"../g", "/b/g"}, {"../..", "/"}, {"../../g", "/g"}};
  for (const auto& [reference, path] : cases) EXPECT_EQ(resolve(base, reference).value_or("error"), std::string("http://a:80") + path) << reference;
  EXPECT_EQ(resolve(base, "//g").value_or("error"), "http://g:80/");
  EXPECT_EQ(resolve(base, "https://h:8443/x").value_or("error"), "https://h:8443/x");
}

TEST(Origins, RefusesWhatIsNoAddress) {
  for (const char* text : {"../../../g", "javascript:alert(1)", "file:///etc/passwd", "ftp://x/y", "http://user:secret@x/", "/a b", "/a\nb", "/%2e%2e/x", "/a/..%2f..%2fb", "/%00", "/%zz", "\\\\host\\x"})
    EXPECT_FALSE(resolve("http://a/b/c/d", text)) << text;
  EXPECT_FALSE(resolve("http://a/", std::string(5000, 'x')));
}

TEST(Origins, MapsBothWays) {
  const auto o = origins();
  EXPECT_EQ(o.path_of("https://up.example/simple/x/y.whl"), "/x/y.whl");
  EXPECT_EQ(o.path_of("https://up.example/packages/y.whl"), "/-/from/0/packages/y.whl");
  EXPECT_EQ(o.path_of("http://files.example:8080/y.whl?a=b"), "/-/from/1/y.whl?a=b");
  EXPECT_EQ(o.path_of("http://files.example/y.whl"), std::nullopt);   // another port
  EXPECT_EQ(o.path_of("http://up.example/simple/x"), std::nullopt);   // without TLS
  for (const char* address : {"https://up.example:443/simple/x/y.whl", "https://up.example:443/packages/y.whl", "http://files.example:8080/y.whl?a=b"})
    EXPECT_EQ(o.address_of(o.path_of(address).value_or("")), address);
  EXPECT_EQ(o.address_of("/-/from/2/x"), std::nullopt);
  EXPECT_EQ(o.address_of("/-/from/99999999999999999999/x"), std::nullopt);
  EXPECT_EQ(o.address_of("/-/from//x"), std::nullopt);
  EXPECT_EQ(o.address_of("/-/from/0/../../x"), "https://up.example:443/simple/-/x");
}

// An upstream that names its own paths like ours must not be able to lead elsewhere.
TEST(Origins, KeepsItsOwnPathsApart) {
  const auto o = origins();
  const auto path = o.path_of("https://up.example/simple/-/from/1/x");
  ASSERT_TRUE(path);
  EXPECT_EQ(o.address_of(*path), "https://up.example:443/simple/-/from/1/x");
}

TEST(Origins, KnowsOnlyWhatItWasTold) {
  const auto o = origins();
  EXPECT_TRUE(o.knows("https://UP.example/any"));
  EXPECT_FALSE(o.knows("https://up.example.evil/any"));
  EXPECT_FALSE(o.knows("http://169.254.169.254/latest"));
  EXPECT_TRUE(o.is_upstream("https://up.example/"));
  EXPECT_FALSE(o.is_upstream("http://files.example:8080/"));
  EXPECT_FALSE(Origins::make("file:///etc", {}));
  EXPECT_FALSE(Origins::make("http://x/?a", {}));
}

}  // namespace
}  // namespace gate
