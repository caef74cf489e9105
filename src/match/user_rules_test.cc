#include "match/user_rules.h"

#include <gtest/gtest.h>

#include <set>

#include "parse/run_tool.h"

namespace match {
namespace {

namespace fs = std::filesystem;

class UserRulesFiles : public testing::Test {
 protected:
  std::string write(const std::string& name, std::string_view text) {
    const auto path = folder / name;
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path) << text;
    return path;
  }
  std::vector<RuleMatch> scan(const UserRules& rules, std::string_view text, const Target& target = {}) {
    const auto found = rules.scan(base::bytes_of(text), target);
    EXPECT_TRUE(found);
    return found ? *found : std::vector<RuleMatch>{};
  }
  parse::ScratchFolder folder;
};

TEST_F(UserRulesFiles, MatchCarriesWhatTheRuleSays) {
  write("r/a.yar", "rule one : spy net { meta: author = \"A. Author\" reference = \"https://r.invalid\" description = \"d\" strings: $x = \"beacon\" condition: $x }");
  const auto loaded = load_user_rules({folder / "r"});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->rules->size(), 1u);
  const auto found = scan(*loaded->rules, "..beacon..beacon");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].rule, "one");
  EXPECT_EQ(found[0].name_space, "a.yar");
  EXPECT_EQ(found[0].tags, (std::vector<std::string>{"spy", "net"}));
  EXPECT_EQ(found[0].author, "A. Author");
  ASSERT_EQ(found[0].strings.size(), 2u);
  EXPECT_EQ(found[0].strings[1].range, (base::Range{10, 6}));
  EXPECT_TRUE(scan(*loaded->rules, "nothing").empty());
  EXPECT_TRUE(scan(*loaded->rules, "").empty());
}

TEST_F(UserRulesFiles, ErrorNamesFileAndLineAndLeavesOutTheFileOnly) {
  write("r/a.yar", "rule good { condition: true }");
  write("r/b.yar", "rule fine { condition: true }\n\nrule bad { condition: $missing }");
  const auto loaded = load_user_rules({folder / "r"});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->rules->size(), 1u);
  ASSERT_EQ(loaded->problems.size(), 1u);
  EXPECT_EQ(loaded->problems[0].trouble, base::Trouble::usage);
  EXPECT_NE(loaded->problems[0].what.find("b.yar:3"), std::string::npos) << loaded->problems[0].what;
  EXPECT_FALSE(load_user_rules({folder / "r/b.yar"}));
  EXPECT_FALSE(load_user_rules({folder / "none"}));
}

TEST_F(UserRulesFiles, IncludesAndEqualNamesInTwoFiles) {
  write("r/a.yar", "include \"sub/part.inc\"\nrule same { condition: part }");
  write("r/sub/part.inc", "rule part { strings: $a = \"xyz\" condition: $a }");
  write("r/b.yar", "rule same { condition: filesize == 3 }");
  const auto loaded = load_user_rules({folder / "r"});
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->problems.empty());
  EXPECT_EQ(scan(*loaded->rules, "xyz").size(), 3u);
  const auto before = loaded->rules->digest();
  write("r/sub/part.inc", "rule part { strings: $a = \"xyy\" condition: $a }");
  EXPECT_NE(load_user_rules({folder / "r"})->rules->digest(), before);
}

TEST_F(UserRulesFiles, ExternalVariables) {
  write("a.yar", "rule e { condition: filename == \"x.sh\" and extension == \".sh\" and filepath contains \"usr/bin\" and filetype == \"SHELL\" and owner == \"root\" }");
  const auto loaded = load_user_rules({folder / "a.yar"});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(scan(*loaded->rules, "x", {"x.sh", "usr/bin/x.sh", ".sh", "script/shell", "root"}).size(), 1u);
  EXPECT_TRUE(scan(*loaded->rules, "x", {"y.sh", "usr/bin/x.sh", ".sh", "script/shell", "root"}).empty());
}

TEST_F(UserRulesFiles, GivingUpIsAnError) {
  write("a.yar", "rule m { strings: $a = { 61 } condition: #a > 5 }");
  const auto loaded = load_user_rules({folder / "a.yar"});
  ASSERT_TRUE(loaded);
  const auto result = loaded->rules->scan(base::bytes_of(std::string(3'000'000, 'a')), {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().trouble, base::Trouble::limit);
}

// The command line program of the same library is the oracle, over rules as users bring them.
TEST_F(UserRulesFiles, AgreesWithTheYaraProgram) {
  const char* shared = std::getenv("ASSAY_SHARED");
  const auto rules = std::string(shared ? shared : "") + "/data/rules/InQuest-VT";
  if (!shared || !fs::is_directory(rules)) GTEST_SKIP() << "no shared data";
  if (!parse::run_tool("yara --version")) GTEST_SKIP() << "no yara program";
  const auto loaded = load_user_rules({rules});
  ASSERT_TRUE(loaded);
  write("files/a.rtf", "{\\rt {\\object\\objupdate http://x.invalid powershell -enc aHR0cDovL3guaW52YWxpZC9hLmV4ZQ== DownloadString WScript.Shell");
  write("files/b.pdf", "%PDF-1.4 /JavaScript (app.alert) /Launch /F (cmd.exe) /SubmitForm");
  std::string command;
  for (int n = 0; const auto& entry : fs::directory_iterator(rules))
    if (entry.path().extension() == ".yar" || entry.path().extension() == ".rule") command += fmt::format(" 'n{}:{}'", n++, entry.path().string());
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder / "files")) files.push_back(entry.path());
  for (const auto& entry : fs::directory_iterator(rules))
    if (files.size() < 20) files.push_back(entry.path());
  std::size_t matches = 0;
  for (const auto& file : files) {
    const auto bytes = parse::file_bytes(file);
    const auto ours = loaded->rules->scan(bytes, {fs::path(file).filename(), file, "", "", ""});
    ASSERT_TRUE(ours) << file;
    std::multiset<std::string> mine, theirs;
    for (const auto& m : *ours) mine.insert(m.rule);
    const auto said = parse::run_tool("yara -w -d filename= -d filepath= -d extension= -d filetype= -d owner= " + command + " '" + file + "'");
    ASSERT_TRUE(said);
    for (std::string_view rest = *said; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) theirs.insert(std::string(rest.substr(0, rest.find(' '))));
    EXPECT_EQ(mine, theirs) << file;
    matches += mine.size();
  }
  EXPECT_GT(matches, 0u);
}

}  // namespace
}  // namespace match
