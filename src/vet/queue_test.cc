// The queue with real workers: same result whatever the lanes, crashes named, limits kept, cache sound.
#include "vet/queue.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <map>

#include "vet/batches.h"
#include "vet/worker.h"

using namespace vet;

namespace {

// A container made for the test: "BOX\n" then lines "name size\n" each followed by its bytes.
class BoxUnpacker final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card c{.name = "box", .finds = "members", .kinds = {"*"}, .states = {}, .blind_spots = {}};
    return c;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    if (!base::starts_with(view.bytes, "BOX\n")) return {};
    auto rest = base::text_of(view.bytes).substr(4);
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      const auto head = std::string(rest.substr(0, end));
      const auto size = std::stoul(head.substr(head.find(' ') + 1));
      artifact::Entry entry;
      entry.name = head.substr(0, head.find(' '));
      CHECK_OK(sink.child(entry, base::bytes_of(rest.substr(end + 1, size))));
      rest.remove_prefix(end + 1 + size);
    }
    return {};
  }
};

// Crashes on "CRASH", hangs forever in steps on "LOOP", else states the content.
class Fragile final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card c{.name = "fragile", .finds = "strings", .kinds = {"*"}, .states = {evidence::Facet::string}, .blind_spots = {}};
    return c;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    if (base::starts_with(view.bytes, "CRASH")) abort();
    if (base::starts_with(view.bytes, "LOOP"))
      for (;;) CHECK_OK(sink.spend(1'000'000));
    evidence::Item item;
    item.facet = evidence::Facet::string;
    item.value = std::string(base::text_of(base::slice(view.bytes, 0, 20)));
    sink.state(item);
    return {};
  }
};

class Sound final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card c{.name = "sound", .finds = "nothing", .kinds = {"*"}, .states = {evidence::Facet::property}, .blind_spots = {}};
    return c;
  }
  base::Result<> read(const evidence::View&, evidence::Sink& sink) const override {
    evidence::Item item;
    item.facet = evidence::Facet::property;
    item.word = "format";
    item.value = "seen";
    sink.state(item);
    return {};
  }
};

class MapCache final : public Cache {
 public:
  std::optional<base::Buffer> find(const base::Digest& key) override {
    const auto found = kept_.find(key);
    if (found == kept_.end()) return std::nullopt;
    return found->second;
  }
  void keep(const base::Digest& key, base::Bytes result) override { kept_[key] = {result.begin(), result.end()}; }
  void flush() override {}
  std::map<base::Digest, base::Buffer> kept_;
};

std::string box(std::initializer_list<std::pair<std::string, std::string>> members) {
  std::string out = "BOX\n";
  for (const auto& [name, bytes] : members) out += name + " " + std::to_string(bytes.size()) + "\n" + bytes;
  return out;
}

struct Queueing {
  Limits limits;
  unsigned lanes = 2;
  Cache* cache = nullptr;

  Vetted operator()(const std::string& content) const {
    static const BoxUnpacker unpacker;
    static const Fragile fragile;
    static const Sound sound;
    const Readers readers{limits, {&unpacker}, {&fragile, &sound}};
    auto zygote = confine::Zygote::start([&](base::Bytes job, base::Bytes in, int out) { return work(readers, job, in, out); }, {});
    const int memory = memfd_create("product", MFD_CLOEXEC);
    EXPECT_EQ(write(memory, content.data(), content.size()), static_cast<ssize_t>(content.size()));
    Settings settings;
    settings.limits = limits;
    settings.lanes = lanes;
    settings.depot_folder = "/tmp";
    settings.cache = cache;
    Progress progress;
    Source source;
    source.entry.name = "product.box";
    source.digest = base::sha256(content);
    source.blob = {memory, 0, content.size()};
    auto out = run(std::vector{source}, **zygote, readers, settings, progress);
    close(memory);
    EXPECT_TRUE(out) << out.error().to_string();
    return std::move(*out);
  }
};

// Everything that a report depends on, as text.
std::string digest_of(const Vetted& v) {
  std::string out;
  for (std::size_t i = 0; i < v.tree.nodes.size(); ++i) {
    out += v.tree.place_text(static_cast<artifact::NodeId>(i)) + " " + v.tree.nodes[i].digest.hex() + " " + v.tree.nodes[i].kind + "\n";
    for (const auto& item : v.dossiers[i].items) out += "  " + std::string(name_of(item.facet)) + ":" + item.word + ":" + item.value + " x" + std::to_string(item.count) + "\n";
    for (const auto& t : v.dossiers[i].tiles) out += "  " + std::string(name_of(t.label)) + std::to_string(t.range.size) + "\n";
  }
  return out;
}

bool troubled(const Vetted& v, std::string_view word, std::string_view examiner = {}) {
  for (const auto& d : v.dossiers)
    for (const auto& i : d.items)
      if (i.facet == evidence::Facet::trouble && i.word == word && (examiner.empty() || i.examiner == examiner)) return true;
  return false;
}

const std::string nested = box({{"a", "alpha"}, {"b", box({{"c", "gamma"}, {"d", "delta"}})}, {"e", "epsilon"}});

}  // namespace

TEST(Queue, UnpacksDepthFirstAndTheSameWithAnyNumberOfLanes) {
  const auto one = Queueing{{}, 1}(nested);
  std::vector<std::string> places;
  for (std::size_t i = 1; i < one.tree.nodes.size(); ++i) places.push_back(one.tree.place_text(static_cast<artifact::NodeId>(i)));
  EXPECT_EQ(places, (std::vector<std::string>{"product.box", "product.box//a", "product.box//b", "product.box//b//c", "product.box//b//d", "product.box//e"}));
  EXPECT_EQ(one.tree.nodes[4].digest, base::sha256("gamma"));
  EXPECT_EQ(digest_of(one), digest_of(Queueing{{}, 4}(nested)));
}

TEST(Queue, ACrashIsBlamedOnItsReaderAndTheOthersAreHeard) {
  const auto v = Queueing{}(box({{"bad", "CRASH now"}, {"good", "fine"}}));
  EXPECT_TRUE(troubled(v, "crashed", "fragile"));
  EXPECT_TRUE(troubled(v, "not-replayable"));
  EXPECT_FALSE(troubled(v, "crashed", "sound"));
  EXPECT_FALSE(v.dossiers[2].complete);
  EXPECT_FALSE(v.dossiers[2].replayable);
  bool heard = false;
  for (const auto& i : v.dossiers[2].items) heard = heard || i.examiner == "sound";
  EXPECT_TRUE(heard);
  EXPECT_TRUE(v.dossiers[3].complete);
}

// Neighbours share a worker; what one of them does to it must not show in another's result.
TEST(Queue, ABadNeighbourChangesNothing) {
  const auto alone = Queueing{}(box({{"x", "fine"}}));
  const auto amid = Queueing{}(box({{"a", "first"}, {"b", "LOOP"}, {"c", "CRASH"}, {"d", "LOOP"}, {"x", "fine"}, {"y", "CRASH"}}));
  ASSERT_EQ(alone.tree.nodes.size(), 3u);
  ASSERT_EQ(amid.tree.nodes.size(), 8u);
  const auto said = [](const evidence::Dossier& d) {
    std::string out = d.complete ? "complete" : "incomplete";
    for (const auto& i : d.items) out += "|" + i.word + ":" + i.value + ":" + i.examiner;
    return out;
  };
  EXPECT_EQ(said(amid.dossiers[6]), said(alone.dossiers[2]));
  for (const auto id : {3, 5}) EXPECT_TRUE(amid.dossiers[id].replayable && !amid.dossiers[id].complete);
  for (const auto id : {4, 7}) EXPECT_FALSE(amid.dossiers[id].replayable);
}

TEST(Queue, SmallNeighboursShareAWorkerAndLargeOnesDont) {
  std::string large(small_artifact + 1, 'x');
  std::vector<Blob> blobs = {{3, 0, 10}, {3, 10, large.size()}, {3, 10 + large.size(), 5}, {4, 0, 7}, {3, most_batch_span + 300'000, 9}};
  const auto got = batches({0, 1, 2, 3, 4}, 1, [&](artifact::NodeId id) { return blobs[id]; });
  EXPECT_EQ(got, (std::vector<Batch>{{0}, {1}, {2}, {4}, {3}}));
  blobs[1].size = 4;
  EXPECT_EQ(batches({2, 1, 0, 3}, 1, [&](artifact::NodeId id) { return blobs[id]; }), (std::vector<Batch>{{0, 1, 2}, {3}}));
  std::vector<artifact::NodeId> many(100);
  for (unsigned i = 0; i < many.size(); ++i) many[i] = i;
  std::size_t sum = 0;
  const auto dealt = batches(many, 2, [](artifact::NodeId id) { return Blob{3, id * 40'000ull, 40'000}; });
  EXPECT_GE(dealt.size(), 8u);  // work for both lanes
  for (const auto& b : dealt) {
    EXPECT_LE(b.size() * 40'000, most_batch_bytes);
    sum += b.size();
  }
  EXPECT_EQ(sum, many.size());
}

TEST(Queue, StepsAreCountedAndARunawayReaderIsIncomplete) {
  const auto v = Queueing{}("LOOP");
  EXPECT_TRUE(troubled(v, "limit", "fragile"));
  EXPECT_FALSE(v.dossiers[1].complete);
  EXPECT_TRUE(v.dossiers[1].replayable);
}

TEST(Queue, DepthEntriesAndBytesAreLimited) {
  Limits shallow;
  shallow.depth = 2;
  EXPECT_TRUE(troubled(Queueing{shallow}(nested), "limit"));
  Limits few;
  few.entries = 3;
  const auto v = Queueing{few}(nested);
  EXPECT_TRUE(troubled(v, "limit"));
  EXPECT_EQ(digest_of(v), digest_of(Queueing{few, 4}(nested)));
  Limits small;
  small.total_bytes = 8;
  EXPECT_TRUE(troubled(Queueing{small}(nested), "limit"));
}

TEST(Queue, ABudgetThatAGenerationExceedsIsDealtOutInTreeOrder) {
  std::string big(400, 'x');
  const auto product = box({{"a", box({{"1", big}})}, {"b", box({{"2", big}})}, {"c", box({{"3", big}})}, {"d", "small"}});
  Limits tight;
  tight.total_bytes = product.size() + 700;
  const auto one = Queueing{tight, 1}(product);
  EXPECT_TRUE(troubled(one, "limit"));
  std::vector<std::string> whole;
  for (std::size_t i = 1; i < one.tree.nodes.size(); ++i)
    if (one.tree.nodes[i].digest == base::sha256(big)) whole.push_back(one.tree.place_text(static_cast<artifact::NodeId>(i)));
  EXPECT_EQ(whole, std::vector<std::string>{"product.box//a//1"});
  for (int round = 0; round < 5; ++round) EXPECT_EQ(digest_of(one), digest_of(Queueing{tight, 4}(product)));
}

TEST(Queue, ASmallProductMayNotUnpackToTheWholeBudget) {
  Limits l;
  l.ratio = 2;
  l.ratio_free_bytes = 10;
  const auto product = box({{"a", box({{"1", box({{"2", std::string(300, 'x')}})}})}});
  EXPECT_TRUE(troubled(Queueing{l, 2}(product), "limit"));
}

TEST(Queue, EmptyFilesNeedNoWorkerUnlessTheirNameMaySaySomething) {
  const auto v = Queueing{}(box({{"a/b.txt", ""}, {"c", ""}, {"bin/.helper", ""}, {"d", "x"}}));
  EXPECT_EQ(v.workers, 2u);  // the product, and one for "bin/.helper" and "d"
  EXPECT_EQ(v.tree.nodes[2].kind, "empty");
  EXPECT_TRUE(v.dossiers[2].complete);
}

TEST(Queue, ASecondRunReadsNothingAndAnswersTheSame) {
  MapCache cache;
  const auto first = Queueing{{}, 2, &cache}(nested);
  const auto second = Queueing{{}, 2, &cache}(nested);
  EXPECT_EQ(second.workers, 0u);
  EXPECT_EQ(digest_of(first), digest_of(second));
}

TEST(Queue, OnlyWhatChangedIsReadAgain) {
  MapCache cache;
  (void)Queueing{{}, 2, &cache}(nested);
  const auto changed = Queueing{{}, 2, &cache}(box({{"a", "ALPHA"}, {"b", box({{"c", "gamma"}, {"d", "delta"}})}, {"e", "epsilon"}}));
  EXPECT_EQ(changed.workers, 2u);  // the product and "a"
  EXPECT_EQ(changed.cached, 4u);
}

TEST(Queue, AMemberLostFromTheCacheIsReadThroughItsContainers) {
  MapCache cache;
  const auto first = Queueing{{}, 2, &cache}(nested);
  std::erase_if(cache.kept_, [](const auto& kept) { return base::text_of(kept.second).find("gamma") != std::string_view::npos; });
  const auto second = Queueing{{}, 2, &cache}(nested);
  EXPECT_EQ(digest_of(first), digest_of(second));
  EXPECT_GT(second.workers, 0u);
}

TEST(Queue, IncompleteResultsAreNeverKept) {
  MapCache cache;
  (void)Queueing{{}, 2, &cache}("LOOP");
  EXPECT_TRUE(cache.kept_.empty());
}
