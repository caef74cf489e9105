// The writer against a reader that trusts nothing but the log's key. Deaths, torn files and full disks
// are in tests/log.
#include "tlog/writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "base/base64.h"
#include "tlog/reading.h"
#include "tlog/record.h"
#include "tlog/testing.h"

using namespace tlog;
using namespace tlog::testing;
namespace fs = std::filesystem;

namespace {

NewEntry entry(int i) {
  const auto text = "entry " + std::to_string(i);
  return {base::Buffer(text.begin(), text.end()), "", {}};
}

struct Log {
  Folder place;
  std::string folder = place.path + "/log";
  std::shared_ptr<const sign::Signer> signer = new_signer();
  NoteKey key = key_of(*signer, "log.example/test");
  LogTrust trust{"log.example/test", key, {}, 0};
  Log() { EXPECT_TRUE(Writer::init(folder, trust.origin, signer->public_key())); }
  std::unique_ptr<Writer> open(WriterOptions options = {}) const {
    options.batch_milliseconds = 0;
    auto out = Writer::open(folder, signer, options);
    EXPECT_TRUE(out) << out.error().to_string();
    return out ? std::move(*out) : nullptr;
  }
  std::string why_not() const {
    const auto out = Writer::open(folder, signer);
    return out ? "" : out.error().what;
  }
  Reading reading() const { return Reading(files_at("file://" + folder), trust); }
  /// Every entry is there, in order, and provable.
  void holds(std::uint64_t size) const {
    auto read = reading();
    const auto seen = read.checkpoint();
    ASSERT_TRUE(seen) << seen.error().to_string();
    ASSERT_EQ(seen->checkpoint.size, size);
    const auto all = read.entries(0, size, seen->checkpoint);
    ASSERT_TRUE(all) << all.error().to_string();
    for (std::uint64_t i = 0; i < size; ++i) ASSERT_EQ((*all)[i], entry(static_cast<int>(i)).leaf);
  }
};

std::vector<NewEntry> entries(int from, int to) {
  std::vector<NewEntry> out;
  for (int i = from; i < to; ++i) out.push_back(entry(i));
  return out;
}

}  // namespace

TEST(Writer, ALogOfOneBatchAfterTheOtherReadsBack) {
  const Log log;
  {
    const auto writer = log.open();
    log.holds(0);
    int size = 0;
    for (const int step : {1, 1, 3, 250, 1, 1, 300, 1}) {
      const auto added = writer->append_all(entries(size, size + step));
      ASSERT_TRUE(added) << added.error().to_string();
      size += step;
      EXPECT_EQ(added->back().index, static_cast<std::uint64_t>(size - 1));
      const Proof proof{added->back().index, added->back().inclusion, added->back().checkpoint, {}};
      EXPECT_TRUE(check_proof(proof, entry(size - 1).leaf, log.trust));
      log.holds(static_cast<std::uint64_t>(size));
    }
    EXPECT_FALSE(fs::exists(log.folder + "/tile/0/000.p")) << "replaced by the full tile";
    EXPECT_FALSE(fs::exists(log.folder + "/tile/entries/000.p"));
  }
  const auto again = log.open();
  ASSERT_TRUE(again->append(entry(558)));
  log.holds(559);
}

TEST(Writer, TheSameEntryKeepsItsIndex) {
  const Log log;
  auto writer = log.open();
  auto twice = entries(0, 3);
  twice.push_back(entry(1));
  const auto added = writer->append_all(twice).value();
  EXPECT_EQ(added[3].index, 1u);
  EXPECT_TRUE(added[3].was_there);
  EXPECT_FALSE(added[1].was_there);
  writer.reset();
  writer = log.open();
  const auto later = writer->append(entry(2)).value();
  EXPECT_EQ(later.index, 2u);
  EXPECT_TRUE(later.was_there);
  EXPECT_TRUE(check_proof({later.index, later.inclusion, later.checkpoint, {}}, entry(2).leaf, log.trust));
  log.holds(3);
}

TEST(Writer, ManyThreadsShareBatches) {
  const Log log;
  const auto writer = log.open();
  std::vector<std::thread> threads;
  std::array<std::vector<Added>, 8> got;
  for (std::size_t t = 0; t < got.size(); ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 40; ++i) got[t].push_back(writer->append(entry(static_cast<int>(t) * 1000 + i)).value());
    });
  for (auto& t : threads) t.join();
  std::set<std::uint64_t> indices;
  for (std::size_t t = 0; t < got.size(); ++t)
    for (int i = 0; i < 40; ++i) {
      const auto& added = got[t][static_cast<std::size_t>(i)];
      indices.insert(added.index);
      EXPECT_TRUE(check_proof({added.index, added.inclusion, added.checkpoint, {}}, entry(static_cast<int>(t) * 1000 + i).leaf, log.trust));
    }
  EXPECT_EQ(indices.size(), 320u);
  EXPECT_EQ(writer->checkpoint().checkpoint.size, 320u);
}

TEST(Writer, OneWriterAtATime) {
  const Log log;
  const auto writer = log.open();
  EXPECT_NE(log.why_not().find("another process writes"), std::string::npos);
}

TEST(Writer, WhatDoesNotFitIsRefusedAlone) {
  const Log log;
  const auto writer = log.open();
  EXPECT_EQ(writer->append({base::Buffer(65536, 1), "", {}}).error().trouble, base::Trouble::limit);
  EXPECT_TRUE(writer->append({base::Buffer(65535, 1), "", {}}));
  const std::string statement = R"({"payload":")" + base::to_base64("payload") + R"(","payloadType":"t","signatures":[]})";
  EXPECT_FALSE(writer->append({{1}, statement, base::sha256("another")}));
  EXPECT_FALSE(writer->append({{1}, std::string(100000, '['), base::sha256("payload")})) << "nested without end";
  EXPECT_TRUE(writer->append({{1}, statement, base::sha256("payload")}));
  auto read = log.reading();
  EXPECT_EQ(read.statement(base::sha256("payload")).value(), statement);
  EXPECT_FALSE(read.statement(base::sha256("another")));
  std::ofstream(log.folder + "/statement/" + base::sha256("another").hex()) << statement;
  EXPECT_EQ(read.statement(base::sha256("another")).error().trouble, base::Trouble::malformed);
}

// Each refusal has its own reason: none of these may lead to a second checkpoint of a size already signed.
TEST(Writer, AFolderOrRecordThatWentBackIsRefused) {
  const Log log;
  { ASSERT_TRUE(log.open()->append_all(entries(0, 10))); }
  fs::copy(log.folder, log.place.path + "/folder10", fs::copy_options::recursive);
  fs::copy(Record::file_of(log.folder), log.place.path + "/record10");
  { ASSERT_TRUE(log.open()->append_all(entries(10, 300))); }

  fs::rename(log.folder, log.place.path + "/folder300");
  EXPECT_NE(log.why_not().find("can't be opened"), std::string::npos);
  fs::copy(log.place.path + "/folder10", log.folder, fs::copy_options::recursive);
  EXPECT_NE(log.why_not().find("rolled back"), std::string::npos) << log.why_not();
  fs::remove_all(log.folder);
  fs::rename(log.place.path + "/folder300", log.folder);

  fs::rename(Record::file_of(log.folder), log.place.path + "/record300");
  EXPECT_NE(log.why_not().find("is missing"), std::string::npos);
  fs::copy(log.place.path + "/record10", Record::file_of(log.folder));
  EXPECT_NE(log.why_not().find("the record was rolled back"), std::string::npos) << log.why_not();
  fs::remove(Record::file_of(log.folder));
  fs::rename(log.place.path + "/record300", Record::file_of(log.folder));

  EXPECT_FALSE(Writer::open(log.folder, new_signer())) << "another key";
  EXPECT_FALSE(Writer::init(log.folder, "log.example/test", log.signer->public_key())) << "begun anew";
  ASSERT_TRUE(log.open()->append(entry(300)));
  log.holds(301);
}

TEST(Writer, AnOlderCheckpointFileAloneIsPublishedAgain) {
  const Log log;
  { ASSERT_TRUE(log.open()->append_all(entries(0, 10))); }
  fs::copy(log.folder + "/checkpoint", log.place.path + "/old");
  { ASSERT_TRUE(log.open()->append_all(entries(10, 20))); }
  fs::copy(log.place.path + "/old", log.folder + "/checkpoint", fs::copy_options::overwrite_existing);
  log.holds(10);
  { log.open(); }
  log.holds(20);
  std::ofstream(log.folder + "/checkpoint") << "garbage";
  EXPECT_FALSE(log.why_not().empty());
}

TEST(Writer, DamageInWhatWasWrittenLastIsSeenBeforeAnythingIsSigned) {
  const Log log;
  { ASSERT_TRUE(log.open()->append_all(entries(0, 600))); }
  for (const auto* file : {"tile/0/002.p/88", "tile/1/000.p/2", "tile/0/001", "tile/0/000", "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88"}) {
    const auto path = log.folder + "/" + file;
    const auto copy = log.place.path + "/copy";
    fs::copy(path, copy, fs::copy_options::overwrite_existing);
    fs::resize_file(path, fs::file_size(path) - 1);
    EXPECT_FALSE(log.why_not().empty()) << file << " torn";
    fs::copy(copy, path, fs::copy_options::overwrite_existing);
    {
      std::fstream out(path, std::ios::in | std::ios::out | std::ios::binary);
      out.seekp(5);
      out.put('~');
    }
    EXPECT_FALSE(log.why_not().empty()) << file << " changed";
    fs::copy(copy, path, fs::copy_options::overwrite_existing);
  }
  EXPECT_EQ(log.why_not(), "");
}

// Files of a batch that was never signed lie beyond the checkpoint, whole or torn: written over.
TEST(Writer, LeftoversOfAnUnsignedBatchAreWrittenOver) {
  const Log log;
  { ASSERT_TRUE(log.open()->append_all(entries(0, 250))); }
  for (const auto* file : {"tile/0/000", "tile/entries/000", "tile/0/000.p/251", "tile/entries/000.p/251", "tile/0/001.p/4", "tile/1/000.p/1", ".new/7"}) {
    fs::create_directories(fs::path(log.folder + "/" + file).parent_path());
    std::ofstream(log.folder + "/" + file) << "torn";
  }
  {
    const auto writer = log.open();
    EXPECT_FALSE(fs::exists(log.folder + "/.new/7"));
    ASSERT_TRUE(writer->append(entry(250)));
    log.holds(251);
    ASSERT_TRUE(writer->append_all(entries(251, 260)));
  }
  log.holds(260);
}

TEST(Reading, AChangedTileOrEntryIsNeverHandedOut) {
  const Log log;
  { ASSERT_TRUE(log.open()->append_all(entries(0, 600))); }
  for (const auto& file : fs::recursive_directory_iterator(log.folder + "/tile")) {
    if (!file.is_regular_file()) continue;
    const auto path = file.path();
    std::string before;
    {
      std::ifstream in(path, std::ios::binary);
      before.assign(std::istreambuf_iterator<char>(in), {});
    }
    auto bad = before;
    bad[bad.size() / 2] = static_cast<char>(bad[bad.size() / 2] ^ 4);
    std::ofstream(path, std::ios::binary) << bad;
    auto read = log.reading();
    const auto seen = read.checkpoint().value();
    EXPECT_FALSE(read.entries(0, 600, seen.checkpoint)) << path;
    std::ofstream(path, std::ios::binary) << before;
  }
  log.holds(600);
}

TEST(Reading, ProofsOfEverySizeThatWasPublished) {
  const Log log;
  const auto writer = log.open();
  std::vector<Checkpoint> all{writer->checkpoint().checkpoint};
  for (int size = 0; size < 530; size += 53) {
    ASSERT_TRUE(writer->append_all(entries(size, size + 53)));
    all.push_back(writer->checkpoint().checkpoint);
  }
  auto read = log.reading();
  for (const auto& to : all)
    for (const auto& from : all) {
      if (from.size > to.size) continue;
      const auto proof = read.consistency(from.size, to);
      ASSERT_TRUE(proof) << proof.error().to_string();
      EXPECT_TRUE(check_consistency(from.size, to.size, *proof, from.root, to.root));
      EXPECT_EQ(read.root_at(from.size, to).value(), from.root);
      if (from.size < to.size) {
        const auto inclusion = read.inclusion(from.size, to);
        ASSERT_TRUE(inclusion);
        EXPECT_TRUE(check_inclusion(from.size, to.size, leaf_hash(entry(static_cast<int>(from.size)).leaf), *inclusion, to.root));
      }
    }
  EXPECT_FALSE(read.inclusion(530, all.back()));
  EXPECT_FALSE(read.entries(0, 531, all.back()));
}
