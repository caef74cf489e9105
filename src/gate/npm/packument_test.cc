// What npm makes of the filtered metadata is tried with npm itself (tests/gate_npm); here the pure parts.
#include "gate/npm/packument.h"

#include <gtest/gtest.h>

#include "gate/npm/routes.h"
#include "gate/npm/semver.h"
#include "gate/proxy/bounded_json.h"

namespace gate {
namespace {

using nlohmann::json;

json packument() {
  json out = {{"name", "x"}, {"dist-tags", {{"latest", "2.0.0"}, {"next", "3.0.0-beta.1"}}}, {"versions", json::object()}};
  for (const char* v : {"1.0.0", "1.9.0", "1.10.0", "2.0.0", "3.0.0-beta.1"})
    out["versions"][v] = {{"name", "x"}, {"version", v}, {"dist", {{"tarball", std::string("http://up/x/-/x-") + v + ".tgz"}, {"integrity", std::string("sha1-q sha512-") + v + "==?opt"}}}};
  return out;
}
std::optional<std::string> path_of(const std::string& address) { return address.starts_with("http://up/") ? std::optional(address.substr(9)) : std::nullopt; }

TEST(Semver, OrdersAsTheStandardSays) {
  const char* sorted[] = {"0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.2.0", "1.10.0", "99999999999999999999.0.0"};
  for (std::size_t i = 0; i < std::size(sorted); ++i)
    for (std::size_t k = 0; k < std::size(sorted); ++k) EXPECT_EQ(*Semver::parse(sorted[i]) <=> *Semver::parse(sorted[k]), i <=> k) << sorted[i] << " " << sorted[k];
  EXPECT_EQ(*Semver::parse("1.0.0+a") <=> *Semver::parse("1.0.0+b"), std::strong_ordering::equal);
  for (const char* bad : {"", "1", "1.2", "1.2.3.4", "a.b.c", "1.2.3-", "1.2.3-a..b", "1..3"}) EXPECT_FALSE(Semver::parse(bad)) << bad;
}

TEST(Packument, NamesFilesMostWantedFirst) {
  const auto files = files_of(packument());
  ASSERT_TRUE(files);
  std::vector<std::string> order;
  for (const auto& f : *files) order.push_back(f.version);
  EXPECT_EQ(order, (std::vector<std::string>{"2.0.0", "3.0.0-beta.1", "1.10.0", "1.9.0", "1.0.0"}));
  EXPECT_EQ((*files)[0].integrity, "sha512-2.0.0==");
  EXPECT_FALSE(files_of(json::array()));
  EXPECT_FALSE(files_of({{"versions", 1}}));
}

TEST(Packument, MovesRefusedVersionsAndRepairsLatest) {
  auto p = packument();
  const auto done = filter_packument(p, {{"2.0.0", "it spies"}}, path_of, "http://gate");
  EXPECT_EQ(done.refused, 1u);
  EXPECT_EQ(p["dist-tags"]["latest"], "1.10.0");
  EXPECT_FALSE(p["versions"].contains("2.0.0"));
  EXPECT_TRUE(p["policyRestrictions"]["versions"].contains("2.0.0"));
  EXPECT_EQ(p["policyRestrictions"]["message"], "Assay refuses these versions:\n2.0.0: it spies");
  EXPECT_EQ(p["versions"]["1.0.0"]["dist"]["tarball"], "http://gate/x/-/x-1.0.0.tgz");
  EXPECT_NE(done.notice.find("latest is 1.10.0 here"), std::string::npos);
}

// Without a version that may enter, latest stays: npm then shows the reason instead of "no such tag".
TEST(Packument, KeepsLatestWhenNothingMayEnter) {
  auto p = packument();
  Refusals all;
  for (const auto& [v, m] : p["versions"].items()) all[v] = "no";
  filter_packument(p, all, path_of, "http://gate");
  EXPECT_TRUE(p["versions"].empty());
  EXPECT_EQ(p["dist-tags"]["latest"], "2.0.0");
}

TEST(Packument, RefusesFilesThatAreKeptElsewhere) {
  auto p = packument();
  p["versions"]["1.9.0"]["dist"]["tarball"] = "http://169.254.169.254/x.tgz";
  p["versions"]["1.0.0"].erase("dist");
  EXPECT_EQ(filter_packument(p, {}, path_of, "http://gate").refused, 2u);
  EXPECT_EQ(p["versions"].size(), 3u);
}

TEST(Packument, LeavesACleanOneAsItIs) {
  auto p = packument();
  EXPECT_EQ(filter_packument(p, {}, path_of, "http://up").refused, 0u);
  EXPECT_EQ(p, packument());
}

TEST(NpmRoutes, TellWhatIsAsked) {
  using Kind = NpmRoute::Kind;
  const auto is = [](std::string_view target, Kind kind, std::string_view package = "", std::string_view version = "") {
    const auto r = route_of("GET", target);
    EXPECT_EQ(r.kind, kind) << target;
    EXPECT_EQ(r.package, package) << target;
    EXPECT_EQ(r.version, version) << target;
  };
  is("/left-pad", Kind::packument, "left-pad");
  is("/@a%2fb", Kind::packument, "@a%2fb");
  is("/@a/b", Kind::packument, "@a%2fb");
  is("/@a%2Fb/1.0.0", Kind::version, "@a%2fb", "1.0.0");
  is("/x/latest", Kind::version, "x", "latest");
  is("/x/-/x-1.0.0.tgz", Kind::file);
  is("/@a/b/-/b-1.0.0.tgz", Kind::file);
  is("/-/from/0/x.tgz", Kind::file);
  is("/-/ping", Kind::ping);
  is("/-/npm/v1/keys", Kind::passed);
  is("/-/whoami", Kind::unknown);
  is("/x/../../y", Kind::unknown);
  is("/x%00", Kind::unknown);
  EXPECT_EQ(route_of("POST", "/-/npm/v1/security/advisories/bulk").kind, Kind::passed);
  EXPECT_EQ(route_of("PUT", "/x").kind, Kind::refused);
  EXPECT_EQ(route_of("DELETE", "/x").kind, Kind::refused);
}

}  // namespace
}  // namespace gate
