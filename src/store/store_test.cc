#include "store/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

using namespace store;
namespace fs = std::filesystem;

namespace {

struct Folder {
  std::string path;
  Folder() {
    char name[] = "/tmp/assay-store-XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { fs::remove_all(path); }
};

base::Result<Frozen> freeze(Store& s, std::string_view text, std::uint64_t most = 1 << 20) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  EXPECT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(ends[1]);
  auto out = s.freeze(ends[0], most);
  close(ends[0]);
  return out;
}

}  // namespace

TEST(Store, AFrozenProductIsNamedByItsDigest) {
  Folder folder;
  auto s = Store::open(folder.path);
  ASSERT_TRUE(s);
  const auto frozen = freeze(*s, "abc");
  ASSERT_TRUE(frozen);
  EXPECT_EQ(frozen->digest.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(frozen->size, 3u);
  char back[4] = {};
  EXPECT_EQ(pread(frozen->file, back, 3, 0), 3);
  EXPECT_STREQ(back, "abc");
  close(frozen->file);
}

TEST(Store, TooLargeLeavesNothingBehind) {
  Folder folder;
  auto s = Store::open(folder.path);
  const auto frozen = freeze(*s, "abcdef", 5);
  ASSERT_FALSE(frozen);
  EXPECT_EQ(frozen.error().trouble, base::Trouble::limit);
  EXPECT_TRUE(fs::is_empty(folder.path + "/tmp"));
}

TEST(Store, ReportsAndEvidenceOutliveTheProcess) {
  Folder folder;
  const auto key = base::sha256("key");
  {
    auto s = Store::open(folder.path);
    s->keep_evidence(key, base::bytes_of("kept"));
    EXPECT_EQ(*s->add_report({0, "p", "1", "d1", "pass", "default", "2026-01-01"}, "{}", {}), 1);
  }
  auto s = Store::open(folder.path);
  const auto kept = s->evidence(key);
  ASSERT_TRUE(kept);
  EXPECT_EQ(base::text_of(*kept), "kept");
  EXPECT_EQ(*s->report(1), "{}");
  EXPECT_EQ(s->newest_of("d1"), 1);
  EXPECT_FALSE(s->newest_of("d2"));
}

// Killed between any two reports: what add_report returned is there, the store opens again.
TEST(Store, NothingRecordedIsLostWhenKilled) {
  Folder folder;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    auto s = Store::open(folder.path);
    for (std::int64_t i = 0;; ++i) {
      s->keep_evidence(base::sha256(std::to_string(i)), base::bytes_of("x"));
      const auto id = s->add_report({0, "p", "1", "d", "pass", "default", ""}, "{}", {});
      if (!id || write(ends[1], &*id, sizeof *id) < 0) _exit(1);
    }
  }
  close(ends[1]);
  std::int64_t last = 0, id = 0;
  for (int i = 0; i < 20 && read(ends[0], &id, sizeof id) == sizeof id; ++i) last = id;
  kill(child, SIGKILL);
  while (read(ends[0], &id, sizeof id) == sizeof id) last = id;
  waitpid(child, nullptr, 0);
  auto s = Store::open(folder.path);
  ASSERT_TRUE(s);
  EXPECT_GE(static_cast<std::int64_t>(s->reports()->size()), last);
}

TEST(Store, SweepDropsWhatNoReportNames) {
  Folder folder;
  auto s = Store::open(folder.path);
  const auto kept = freeze(*s, "kept"), loose = freeze(*s, "loose");
  ASSERT_TRUE(s->add_report({0, "p", "1", "d", "pass", "default", ""}, "{}", {{{}, kept->digest, 4}}));
  const auto swept = s->sweep(10);
  ASSERT_TRUE(swept);
  EXPECT_EQ(swept->blobs, 1u);
  EXPECT_TRUE(fs::exists(folder.path + "/blobs/" + kept->digest.hex().substr(0, 2) + "/" + kept->digest.hex()));
  ASSERT_EQ(s->pieces(1)->size(), 1u);
  EXPECT_EQ(s->open_frozen(kept->digest)->size, 4u);
  EXPECT_FALSE(s->open_frozen(loose->digest));
  close(kept->file);
  close(loose->file);
}

TEST(Store, AFolderThatCantBeWrittenIsOneSentence) {
  const auto s = Store::open("/proc/assay-store");
  ASSERT_FALSE(s);
  EXPECT_NE(s.error().what.find("--store"), std::string::npos) << s.error().what;
  EXPECT_EQ(s.error().what.find('\n'), std::string::npos);
}
