// Simple indexes as strangers write them; what pip makes of ours is tried in tests/gate_pypi.
#include "gate/pypi/simple_index.h"

#include <gtest/gtest.h>

#include "gate/pypi/html_links.h"

namespace gate {
namespace {

const std::string hex(64, 'a');
const std::string page = "<!DOCTYPE html><html><body><!-- <a href=\"hidden.whl\">x</a> -->\n<A HREF='../../files/x-1.0-py3-none-any.whl#sha256=" + hex +
                         "' data-requires-python=\"&gt;=3.6\" data-dist-info-metadata=\"sha256=q\">x-1.0</a><br>\n<a href=\"x-2.0.tar.gz#md5=abc\" data-yanked=\"broken &amp; old\">x</a><abbr href=\"no\">";

TEST(SimpleIndex, ReadsHtml) {
  const auto i = read_index_html(page, "x", "https://up/simple/x/");
  ASSERT_TRUE(i) << i.error().what;
  ASSERT_EQ(i->files.size(), 2u);
  EXPECT_EQ(i->files[0].address, "https://up:443/files/x-1.0-py3-none-any.whl");
  EXPECT_EQ(i->files[0].name, "x-1.0-py3-none-any.whl");
  EXPECT_EQ(i->files[0].sha256, hex);
  EXPECT_EQ(i->files[0].requires_python, ">=3.6");
  EXPECT_FALSE(i->files[0].yanked);
  EXPECT_EQ(i->files[1].sha256, "");
  EXPECT_EQ(i->files[1].yanked, "broken & old");
}

TEST(SimpleIndex, ReadsJson) {
  const auto i = read_index_json(R"({"meta":{"api-version":"1.1"},"name":"x","files":[{"filename":"other","url":"../f/x-1.whl","hashes":{"sha256":")" + hex +
                                     R"("},"yanked":true,"core-metadata":true},{"url":7},{"url":"javascript:x"}]})", "x", "https://up/simple/x/");
  ASSERT_TRUE(i) << i.error().what;
  ASSERT_EQ(i->files.size(), 1u);
  EXPECT_EQ(i->files[0].name, "x-1.whl");   // pip goes by the address, so that is what is listed
  EXPECT_EQ(i->files[0].yanked, "");
  EXPECT_FALSE(read_index_json(R"({"meta":{"api-version":"2.0"},"files":[]})", "x", "https://up/"));
  EXPECT_FALSE(read_index_json("[]", "x", "https://up/"));
}

// A sidecar of metadata would tell pip about dependencies without anyone having vetted it.
TEST(SimpleIndex, WritesNoSidecars) {
  auto i = *read_index_html(page, "x", "https://up/simple/x/");
  EXPECT_EQ(write_index_html(i).find("metadata"), std::string::npos);
  EXPECT_EQ(write_index_json(i).find("metadata"), std::string::npos);
}

TEST(SimpleIndex, ReadsWhatItWrites) {
  const auto i = *read_index_html(page, "x", "https://up/simple/x/");
  for (const auto& again : {read_index_html(write_index_html(i), "x", "http://gate/simple/x/"), read_index_json(write_index_json(i), "x", "http://gate/simple/x/")}) {
    ASSERT_TRUE(again);
    ASSERT_EQ(again->files.size(), i.files.size());
    for (std::size_t n = 0; n < i.files.size(); ++n) {
      EXPECT_EQ(again->files[n].address, i.files[n].address);
      EXPECT_EQ(again->files[n].yanked, i.files[n].yanked);
      EXPECT_EQ(again->files[n].requires_python, i.files[n].requires_python);
    }
  }
}

TEST(SimpleIndex, YanksRefusedFilesWhileAnotherCanBePicked) {
  auto i = *read_index_html("<a href=a-1.whl></a><a href=a-2.whl></a><a href=http://elsewhere/a-3.whl></a>", "a", "http://up/");
  const auto here = [](const std::string& address) { return address.starts_with("http://up") ? std::optional("/f" + address.substr(12)) : std::nullopt; };
  auto all = i;
  filter_index(i, [](const IndexFile& f) { return f.name == "a-2.whl" ? std::optional<std::string>("it spies") : std::nullopt; }, here);
  ASSERT_EQ(i.files.size(), 2u);
  EXPECT_FALSE(i.files[0].yanked);
  EXPECT_EQ(i.files[1].yanked, "it spies");
  filter_index(all, [](const IndexFile&) { return std::optional<std::string>("no"); }, here);
  EXPECT_FALSE(all.files[0].yanked) << "pip would say that there is no such project, and not why";
}

TEST(HtmlLinks, SurviveEveryCut) {
  for (std::size_t n = 0; n <= page.size(); ++n) (void)read_links(page.substr(0, n), 10);
  EXPECT_EQ(read_links("<a href=&#x41;&#66;&bogus;>", 10).links[0].attributes.at("href"), "AB&bogus;");
  EXPECT_EQ(read_links("<a href=1 href=2>", 10).links[0].attributes.at("href"), "1");
  EXPECT_EQ(read_links("<a href='x", 10).links.size(), 1u);
}

}  // namespace
}  // namespace gate
