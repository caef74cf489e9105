// Names that clients of clamd show, parse and compare.
#include "gate/clamd/scan.h"

#include <gtest/gtest.h>

#include <set>

namespace gate::clamd {
namespace {

TEST(ClamdNames, EveryReasonHasItsOwnLegalName) {
  std::set<std::string> seen;
  for (int i = 0; i <= static_cast<int>(Why::changed_bytes); ++i) {
    Decision d;
    d.why = static_cast<Why>(i);
    const auto name = virus_name(d);
    EXPECT_TRUE(name.starts_with("Hallmark."));
    EXPECT_EQ(name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz."), name.npos) << name << ": clients end a name at a space or a colon";
    EXPECT_TRUE(seen.insert(name).second) << name;
  }
  Decision wait;
  wait.answer = Answer::wait;
  EXPECT_EQ(virus_name(wait), "Hallmark.Pending");
  wait.answer = Answer::deny;
  wait.why = Why::too_few_offices;
  EXPECT_EQ(virus_name(wait), "Hallmark.TooFewOffices");
}

}  // namespace
}  // namespace gate::clamd
