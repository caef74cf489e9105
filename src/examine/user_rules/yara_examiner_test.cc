#include "examine/user_rules/yara_examiner.h"

#include <gtest/gtest.h>

#include "evidence/recorder.h"
#include "parse/run_tool.h"

namespace examine {
namespace {

TEST(YaraExaminer, StatesAMatchWithItsAuthor) {
  parse::ScratchFolder folder;
  std::ofstream(folder / "a.yar") << "rule beacon : net { meta: author = \"A. Author\" strings: $a = \"b34c0n\" condition: $a and filename == \"agent\" }";
  const auto loaded = match::load_user_rules({folder / "a.yar"});
  ASSERT_TRUE(loaded);
  const auto reader = yara_examiner(loaded->rules);
  const auto r = evidence::read_alone(*reader, base::bytes_of("xx b34c0n xx"), "elf", "usr/bin/agent");
  ASSERT_TRUE(r.result);
  ASSERT_EQ(r.sink.all(evidence::Facet::yara).size(), 1u);
  const auto& item = r.sink.items[0];
  EXPECT_EQ(item.value, "beacon");
  EXPECT_EQ(item.range, (base::Range{3, 6}));
  EXPECT_EQ(item.attributes.at("author"), "A. Author");
  EXPECT_EQ(item.attributes.at("strings"), "$a@3");
  EXPECT_TRUE(evidence::read_alone(*reader, base::bytes_of("xx b34c0n xx"), "elf", "usr/bin/other").sink.items.empty());
}

TEST(YaraExaminer, RulesThatDoNotFinishAreAnError) {
  parse::ScratchFolder folder;
  std::ofstream(folder / "a.yar") << "rule m { strings: $a = { 61 } condition: #a > 5 }";
  const auto loaded = match::load_user_rules({folder / "a.yar"});
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(evidence::read_alone(*yara_examiner(loaded->rules), base::bytes_of(std::string(3'000'000, 'a')), "unknown").result);
}

}  // namespace
}  // namespace examine
