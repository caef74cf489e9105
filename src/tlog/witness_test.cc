// Both sides of tlog-witness, and a log that asks witnesses which lie, forget or are slow.
#include "tlog/witness.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <thread>

#include "tlog/reading.h"
#include "tlog/testing.h"
#include "tlog/writer.h"

using namespace tlog;
using namespace tlog::testing;

namespace {

constexpr std::int64_t now = 1'800'000'000;

/// A tree of numbered leaves and its checkpoints, signed at will: also for trees that fork.
struct SomeLog {
  std::shared_ptr<const sign::Signer> signer = new_signer();
  NoteKey key = key_of(*signer, "log.example");
  std::vector<Hash> leaves;
  explicit SomeLog(int size) {
    for (int i = 0; i < size; ++i) leaves.push_back(leaf_hash(base::bytes_of(std::to_string(i))));
  }
  GetNode node() const {
    return [this](unsigned level, std::uint64_t index) -> base::Result<Hash> {
      if (level == 0) return leaves.at(index);
      return node_hash(node()(level - 1, index * 2).value(), node()(level - 1, index * 2 + 1).value());
    };
  }
  std::string checkpoint(std::uint64_t size) const {
    Note note{Checkpoint{key.name, size, tree_root(size, node()).value(), {}}.print(), {}};
    note.signatures.push_back(sign_note(note.text, key, *signer, 0).value());
    return note.print();
  }
  std::string request(std::uint64_t from, std::uint64_t to) const { return AddCheckpoint{from, consistency_proof(from, to, node()).value(), checkpoint(to)}.print(); }
};

struct Watching {
  Folder place;
  std::shared_ptr<const sign::Signer> signer = new_signer();
  NoteKey key = key_of(*signer, "witness.example", NoteType::cosignature);
  std::unique_ptr<Witness> witness;
  explicit Watching(const SomeLog& log) { open({log.key}); }
  explicit Watching(std::vector<NoteKey> logs) { open(std::move(logs)); }
  void open(std::vector<NoteKey> logs) {
    witness.reset();
    auto opened = Witness::open(place.path + "/witness", key, signer, std::move(logs));
    EXPECT_TRUE(opened) << opened.error().to_string();
    witness = std::move(*opened);
  }
};

struct Serving {
  httplib::Server server;
  int port = 0;
  std::thread thread;
  explicit Serving(std::function<Witness::Answer(const std::string&)> answer) {
    server.Post("/add-checkpoint", [answer](const httplib::Request& q, httplib::Response& r) {
      const auto a = answer(q.body);
      r.status = a.status;
      r.set_content(a.body, a.content_type);
    });
    port = server.bind_to_any_port("127.0.0.1");
    thread = std::thread([this] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ~Serving() {
    server.stop();
    thread.join();
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", port); }
};

}  // namespace

TEST(AddCheckpoint, GoesRoundAndIsRefusedWhenNotOne) {
  const SomeLog log(9);
  const auto body = log.request(5, 9);
  EXPECT_EQ(AddCheckpoint::parse(body)->print(), body);
  for (const std::string bad : {"", "old 1", "old 1\n", "old 01\n\n", "old -1\n\n", "new 1\n\n", "old 1\nAAAA\n\nx"}) EXPECT_FALSE(AddCheckpoint::parse(bad)) << bad;
  const auto hash = body.substr(body.find('\n') + 1, 45);
  std::string many = "old 5\n";
  for (int i = 0; i < 63; ++i) many += hash;
  EXPECT_TRUE(AddCheckpoint::parse(many + "\nx"));
  EXPECT_FALSE(AddCheckpoint::parse(many + hash + "\nx"));
  EXPECT_EQ(AddCheckpoint::parse(std::string(1 << 20, 'a')).error().trouble, base::Trouble::limit);
}

TEST(Witness, CosignsALogThatGrows) {
  const SomeLog log(20);
  Watching w(log);
  std::uint64_t before = 0;
  for (const std::uint64_t size : {1, 2, 8, 8, 13, 20}) {
    const auto answer = w.witness->answer(log.request(before, size), now);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto note = Note::parse(log.checkpoint(size) + answer.body);
    ASSERT_TRUE(note);
    EXPECT_EQ(check_note(*note, w.key), now);
    before = size;
  }
}

// The status codes of the specification, one by one.
TEST(Witness, SaysNoAsTheSpecificationSays) {
  const SomeLog log(20), stranger(20);
  Watching w(log);
  ASSERT_EQ(w.witness->answer(log.request(0, 10), now).status, 200);
  EXPECT_EQ(w.witness->answer("nonsense", now).status, 400);
  auto larger = AddCheckpoint::parse(log.request(10, 12)).value();
  larger.old_size = 13;
  EXPECT_EQ(w.witness->answer(larger.print(), now).status, 400);
  EXPECT_EQ(w.witness->answer(stranger.request(0, 10), now).status, 403);
  SomeLog unknown(3);
  unknown.key = key_of(*unknown.signer, "unknown.example");
  EXPECT_EQ(w.witness->answer(unknown.request(0, 3), now).status, 404);
  const auto conflict = w.witness->answer(log.request(0, 12), now);
  EXPECT_EQ(conflict.status, 409);
  EXPECT_EQ(conflict.body, "10\n");
  EXPECT_EQ(conflict.content_type, "text/x.tlog.size");
  auto broken = AddCheckpoint::parse(log.request(10, 15)).value();
  broken.proof[0].bytes[0] ^= 1;
  EXPECT_EQ(w.witness->answer(broken.print(), now).status, 422);
  EXPECT_EQ(w.witness->answer(log.request(10, 15), now).status, 200) << "none of these changed what it knows";
}

TEST(Witness, NeverSignsAForkEvenAfterARestart) {
  const SomeLog log(20);
  Watching w(log);
  ASSERT_EQ(w.witness->answer(log.request(0, 10), now).status, 200);
  w.open({log.key});
  SomeLog fork = log;
  fork.leaves[4] = leaf_hash({});
  EXPECT_EQ(w.witness->answer(fork.request(10, 10), now).status, 409);
  EXPECT_EQ(w.witness->answer(fork.request(10, 15), now).status, 422);
  EXPECT_EQ(w.witness->answer(fork.request(0, 15), now).status, 409);
  EXPECT_EQ(w.witness->answer(log.request(5, 8), now).status, 409) << "an older checkpoint";
  EXPECT_EQ(w.witness->answer(log.request(10, 20), now).status, 200);
}

TEST(Witness, AClockThatWentBackStopsIt) {
  const SomeLog log(20);
  Watching w(log);
  ASSERT_EQ(w.witness->answer(log.request(0, 10), now).status, 200);
  EXPECT_EQ(w.witness->answer(log.request(10, 12), now - 1).status, 503);
  EXPECT_EQ(w.witness->answer(log.request(10, 12), now).status, 200);
}

// The race that the specification warns of: of two requests with the same old size one must lose.
TEST(Witness, TwoAtOnceDontRollItBack) {
  const SomeLog log(40);
  Watching w(log);
  std::vector<std::thread> threads;
  std::atomic<int> signed_count = 0;
  for (std::uint64_t size = 1; size <= 40; ++size)
    threads.emplace_back([&, size] { signed_count += w.witness->answer(log.request(0, size), now).status == 200; });
  for (auto& t : threads) t.join();
  EXPECT_EQ(signed_count, 1);
}

TEST(Witness, KeysOfAnotherKindAreRefused) {
  Folder place;
  const auto s = new_signer();
  EXPECT_FALSE(Witness::open(place.path + "/w", key_of(*s, "w"), s, {}));
  EXPECT_FALSE(Witness::open(place.path + "/w", key_of(*s, "w", NoteType::cosignature), s, {key_of(*s, "l", NoteType::cosignature)}));
}

TEST(AskWitnesses, AQuorumIsGatheredFromThoseThatAnswer) {
  const SomeLog log(20);
  Watching good(log), late(log), lying(log), replaying(log);
  ASSERT_EQ(late.witness->answer(log.request(0, 7), now).status, 200);  // knows more than the log believes
  const auto old = replaying.witness->answer(log.request(0, 3), now);
  const auto impostor = new_signer();
  const Serving s1([&](const std::string& body) { return good.witness->answer(body, now); });
  const Serving s2([&](const std::string& body) { return late.witness->answer(body, now); });
  const Serving s3([&](const std::string& body) -> Witness::Answer {
    const auto note = Note::parse(AddCheckpoint::parse(body)->checkpoint).value();
    auto line = sign_note(note.text, key_of(*impostor, "witness.example", NoteType::cosignature), *impostor, now).value();
    line.id = lying.key.id;  // another's key under the witness's name and id
    return {200, line.print()};
  });
  const Serving s4([&](const std::string&) { return old; });
  const Serving s5([](const std::string&) -> Witness::Answer { return {409, "99\n", "text/x.tlog.size"}; });
  std::vector<WitnessPeer> peers{{s1.url(), good.key, ""}, {s2.url(), late.key, ""}, {s3.url(), lying.key, ""}, {s4.url(), replaying.key, ""}, {s5.url(), good.key, ""}, {"http://127.0.0.1:1", good.key, ""}};
  std::map<std::string, std::uint64_t> sizes;
  const auto note = log.checkpoint(20);
  const auto answers = ask_witnesses(peers, sizes, Checkpoint::parse(Note::parse(note)->text).value(), note, log.node());
  EXPECT_EQ(answers.signatures.size(), 2u);
  ASSERT_EQ(answers.refusals.size(), 4u);
  EXPECT_EQ(sizes[s2.url()], 20u);
  const auto all = fmt::format("{}", fmt::join(answers.refusals, "\n"));
  EXPECT_NE(all.find("already cosigned a checkpoint of 99 entries"), std::string::npos) << all;
  EXPECT_NE(all.find("no cosignature of this checkpoint"), std::string::npos) << all;
}

TEST(AskWitnesses, AWriterAcknowledgesNothingBelowItsQuorum) {
  Folder place;
  const auto signer = new_signer();
  const auto key = key_of(*signer, "log.example");
  ASSERT_TRUE(Writer::init(place.path + "/log", "log.example", signer->public_key()));
  Watching w(std::vector<NoteKey>{key});
  std::atomic<bool> awake = true;
  const Serving s([&](const std::string& body) { return awake ? w.witness->answer(body, now) : Witness::Answer{503, "asleep\n"}; });
  WriterOptions options;
  options.witnesses = {{s.url(), w.key, ""}};
  options.quorum = 1;
  options.batch_milliseconds = 0;
  auto writer = Writer::open(place.path + "/log", signer, options).value();
  const LogTrust trust{"log.example", key, {w.key}, 1};
  const auto first = writer->append({{1}, "", {}});
  ASSERT_TRUE(first) << first.error().to_string();
  EXPECT_TRUE(check_checkpoint(first->checkpoint, trust));
  awake = false;
  const auto second = writer->append({{2}, "", {}});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("asleep"), std::string::npos) << second.error().what;
  EXPECT_EQ(writer->checkpoint().checkpoint.size, 1u) << "what is not witnessed is not published";
  awake = true;
  const auto again = writer->append({{2}, "", {}});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->index, 1u);
  EXPECT_TRUE(check_checkpoint(again->checkpoint, trust));
  writer.reset();
  writer = Writer::open(place.path + "/log", signer, options).value();  // forgot what the witness knows: learns by 409
  EXPECT_TRUE(writer->append({{3}, "", {}}));
  Reading read(files_at("file://" + place.path + "/log"), trust);
  EXPECT_EQ(read.checkpoint()->checkpoint.size, 3u);
}
