#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "judge/judge.h"
#include "judge/rule_set.h"

namespace {

using namespace judge;

TEST(ShippedRules, AreWithoutFaultAndTheirExamplesHold) {
  for (const auto& lint : check_rules(std::string(ASSAY_SOURCE_DIR) + "/rules")) ADD_FAILURE() << lint.file << ":" << lint.line << ": " << lint.text;
  const auto rules = load_rules(std::string(ASSAY_SOURCE_DIR) + "/rules");
  ASSERT_TRUE(rules) << rules.error().to_string();
}

TEST(ShippedPolicies, AreWithoutFault) {
  const auto rules = load_rules(std::string(ASSAY_SOURCE_DIR) + "/rules");
  ASSERT_TRUE(rules) << rules.error().to_string();
  for (const auto name : {"default", "strict", "firmware"}) {
    const auto file = std::string(ASSAY_SOURCE_DIR) + "/policies/" + name + ".yaml";
    for (const auto& lint : check_policy(file, rules->get())) ADD_FAILURE() << lint.file << ":" << lint.line << ": " << lint.text;
    const auto policy = load_policy(file);
    ASSERT_TRUE(policy) << policy.error().to_string();
    EXPECT_EQ(name_of(**policy), name);
  }
}

}  // namespace
