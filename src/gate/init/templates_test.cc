// What init writes must be taken by the gate as it stands.
#include "gate/init/templates.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "gate/policy.h"
#include "hallmark/trial.h"

namespace gate::init {
namespace {

TEST(Init, EveryPolicyIsReadAndClosed) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("assay-init-{}", ::getpid());
  std::filesystem::create_directories(folder);
  const auto key = hallmark::trial::fresh();
  std::ofstream(folder / "office.pub.pem") << key->public_key().pem();
  const auto log = tlog::NoteKey::make("log.example/north", tlog::NoteType::ed25519, key->public_key()).value();
  ASSERT_GE(markets().size(), 9u);
  for (const auto market : markets())
    for (const bool logged : {false, true}) {
      Filling filling;
      if (logged) filling.log_key = log.vkey(), filling.log_address = "https://log.example/north";
      const auto files = files_for(market, filling);
      ASSERT_GE(files.size(), 2u);
      const auto policy = parse_policy(files[0].text, "gate.yaml", folder.string());
      ASSERT_TRUE(policy) << market << ": " << policy.error().what;
      EXPECT_EQ(policy->name, market);
      EXPECT_EQ(policy->trust.need_log, logged);
      EXPECT_EQ(policy->logs.size(), logged ? 1u : 0u);
      EXPECT_FALSE(policy->wait_for_unknown);
      EXPECT_TRUE(policy->break_glass_keys.empty());
    }
  EXPECT_TRUE(files_for("nonsense", {}).empty());
  std::filesystem::remove_all(folder);
}

/// The lines that are commented out are taken too, once the comment sign is gone.
TEST(Init, TheCommentedKeysAreKnown) {
  const auto text = files_for("clamd", {})[0].text;
  for (const auto* line : {"  # conditions-met: [", "  # waivers-by: [", "  # quorum: {", "  # break-glass: {", "  # links: ", "  # vet:"}) EXPECT_NE(text.find(line), std::string::npos) << line;
}

}  // namespace
}  // namespace gate::init
