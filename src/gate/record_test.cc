// The decision log: whole lines, nothing about who asked, and a file that is moved away under it.
#include "gate/record.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace gate {
namespace {

std::vector<nlohmann::json> lines_of(const std::string& path) {
  std::vector<nlohmann::json> out;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) out.push_back(nlohmann::json::parse(line));
  return out;
}

struct RecordFile : testing::Test {
  std::string path = (std::filesystem::temp_directory_path() / fmt::format("assay-record-{}", ::getpid())).string();
  void SetUp() override { TearDown(); }
  void TearDown() override {
    std::filesystem::remove(path);
    std::filesystem::remove(path + ".1");
  }
};

TEST_F(RecordFile, ManyThreadsWriteWholeLines) {
  {
    auto record = Record::open(path, "a \"gate\"\n").value();
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 2000; ++i) record->add({Answer::deny, Why::failed, "a sentence", "https://link.example", base::sha256("h")}, base::sha256("p"), "clamd", i % 2 == 0, 1'800'000'000, true);
      });
  }
  const auto lines = lines_of(path);
  ASSERT_EQ(lines.size(), 16'000u);
  for (const auto& line : lines) {
    EXPECT_EQ(line["gate"], "a \"gate\"\n");
    EXPECT_EQ(line["why"], "failed");
    EXPECT_FALSE(line.contains("sentence"));
    EXPECT_FALSE(line.contains("link"));
  }
}

TEST_F(RecordFile, GoesOnInANewFileWhenTheOldOneIsMoved) {
  auto record = Record::open(path, "g").value();
  const auto add = [&] {
    record->add({}, base::sha256("p"), "m", false, 1, true);
    ASSERT_TRUE(record->settle());
  };
  add();
  std::filesystem::rename(path, path + ".1");
  add();
  add();
  EXPECT_EQ(lines_of(path + ".1").size(), 1u);
  EXPECT_EQ(lines_of(path).size(), 2u);
}

TEST_F(RecordFile, AFolderThatIsNotThereIsAnErrorAtOnce) {
  EXPECT_FALSE(Record::open("/nonexistent/decisions", "g"));
  EXPECT_TRUE(Record::open("", "g").value()->settle());
}

TEST_F(RecordFile, AFullDiskIsCounted) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP();
  auto record = Record::open("/dev/full", "g").value();
  record->add({}, base::sha256("p"), "m", false, 1, true);
  EXPECT_FALSE(record->settle());
  EXPECT_GE(record->failed(), 1u);
}

}  // namespace
}  // namespace gate
