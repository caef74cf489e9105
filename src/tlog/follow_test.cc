// What a monitor tells apart: growth, a log that went back, forked or hides, and one that is merely away.
#include "tlog/follow.h"

#include <gtest/gtest.h>

#include "tlog/testing.h"
#include "tlog/writer.h"

using namespace tlog;
using namespace tlog::testing;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t now = 1'800'000'000;

struct Watched {
  Folder place;
  std::string folder = place.path + "/log", state = place.path + "/state";
  std::shared_ptr<const sign::Signer> signer = new_signer();
  LogTrust trust{"log.example", key_of(*signer, "log.example"), {}, 0};
  bool away = false;
  Watched() {
    fs::create_directory(state);
    EXPECT_TRUE(Writer::init(folder, "log.example", signer->public_key()));
    grow(folder, "a", 10);
  }
  void grow(const std::string& where, const std::string& what, int count) const {
    auto writer = Writer::open(where, signer).value();
    std::vector<NewEntry> entries;
    for (int i = 0; i < count; ++i) {
      const auto text = what + std::to_string(i);
      entries.push_back({base::Buffer(text.begin(), text.end()), "", {}});
    }
    EXPECT_TRUE(writer->append_all(std::move(entries)));
  }
  std::string copy(const std::string& name) const {
    const auto to = place.path + "/" + name;
    fs::copy(folder, to, fs::copy_options::recursive);
    fs::copy(folder + ".record", to + ".record");
    return to;
  }
  base::Result<Look> look(const std::string& where) {
    auto files = files_at("file://" + where);
    auto follow = Follow::open(state, [this, files](const std::string& path) -> base::Result<std::string> {
      if (away) return base::fail(base::Trouble::io, "nobody answers");
      return files(path);
    }, trust);
    if (!follow) return std::unexpected(follow.error());
    auto out = follow->look(now);
    if (out && out->breach == Breach::none) {
      EXPECT_TRUE(follow->keep(out->seen));
    }
    return out;
  }
};

}  // namespace

TEST(Follow, GrowthIsFineAndRemembered) {
  Watched w;
  EXPECT_EQ(w.look(w.folder)->since, 0u);
  EXPECT_EQ(w.look(w.folder)->since, 10u);
  w.grow(w.folder, "b", 300);
  const auto look = w.look(w.folder);
  ASSERT_TRUE(look);
  EXPECT_EQ(look->breach, Breach::none);
  EXPECT_EQ(look->since, 10u);
  EXPECT_EQ(look->seen.checkpoint.size, 310u);
}

TEST(Follow, AForkIsToldInEveryShape) {
  Watched w;
  ASSERT_TRUE(w.look(w.folder));
  const auto left = w.copy("left"), right = w.copy("right");
  w.grow(left, "l", 5);
  w.grow(right, "r", 5);
  ASSERT_EQ(w.look(left)->breach, Breach::none);
  EXPECT_EQ(w.look(right)->breach, Breach::forked) << "of one size";
  w.grow(right, "s", 300);
  EXPECT_EQ(w.look(right)->breach, Breach::forked) << "larger";
  EXPECT_EQ(w.look(w.folder)->breach, Breach::rolled_back);
  EXPECT_TRUE(fs::exists(w.state + "/evidence/1800000000-older"));
  EXPECT_TRUE(fs::exists(w.state + "/evidence/1800000000-newer"));
  EXPECT_EQ(w.look(left)->breach, Breach::none) << "what held still holds";
}

TEST(Follow, BeingAwayIsNoBreach) {
  Watched w;
  ASSERT_TRUE(w.look(w.folder));
  w.grow(w.folder, "b", 300);
  w.away = true;
  EXPECT_FALSE(w.look(w.folder));
  w.away = false;
  const auto half = w.copy("half");
  fs::remove_all(half + "/tile/0");
  EXPECT_EQ(w.look(half)->breach, Breach::withheld);
  EXPECT_FALSE(fs::exists(w.state + "/checkpoint.new"));
  EXPECT_EQ(w.look(w.folder)->breach, Breach::none);
}

TEST(Follow, AQuorumBindsAndStrangersStateIsRefused) {
  Watched w;
  ASSERT_TRUE(w.look(w.folder));
  const auto witness = new_signer();
  w.trust.witnesses = {key_of(*witness, "w", NoteType::cosignature)};
  w.trust.quorum = 1;
  EXPECT_EQ(w.look(w.folder)->breach, Breach::not_cosigned);
  w.trust = {"log.example", key_of(*witness, "log.example"), {}, 0};
  EXPECT_FALSE(w.look(w.folder)) << "another log's key over the same state";
}
