// A stale digest would let a changed program run under the old one's hallmark.
#include "gate/exec/digest_cache.h"

#include <gtest/gtest.h>

namespace gate::exec {
namespace {

constexpr std::int64_t second = 1'000'000'000;
const FileKey key{1, 2, 300, 10 * second, 10 * second};
const auto digest = base::sha256("program");

TEST(DigestCache, KeepsWhatIsSettledAndSame) {
  DigestCache cache;
  cache.keep(key, key, digest, 20 * second);
  EXPECT_EQ(cache.find(key), digest);
  for (auto other : {FileKey{9, 2, 300, key.modified, key.changed}, FileKey{1, 9, 300, key.modified, key.changed}, FileKey{1, 2, 301, key.modified, key.changed}, FileKey{1, 2, 300, key.modified + 1, key.changed},
                     FileKey{1, 2, 300, key.modified, key.changed + 1}})
    EXPECT_FALSE(cache.find(other));
}

TEST(DigestCache, DoesNotKeepWhatChangedJustNow) {
  DigestCache cache;
  cache.keep(key, key, digest, key.changed + 2 * second - 1);
  EXPECT_FALSE(cache.find(key)) << "a second write may carry the same time";
  cache.keep(key, key, digest, key.changed - 5);
  EXPECT_FALSE(cache.find(key)) << "a time to come says nothing";
  cache.keep(key, key, digest, key.changed + 2 * second);
  EXPECT_TRUE(cache.find(key));
}

TEST(DigestCache, DoesNotKeepWhatChangedUnderTheReading) {
  DigestCache cache;
  auto after = key;
  ++after.changed;
  cache.keep(key, after, digest, 20 * second);
  EXPECT_FALSE(cache.find(key));
  EXPECT_FALSE(cache.find(after));
}

TEST(DigestCache, IsBounded) {
  DigestCache cache(10);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    auto k = key;
    k.inode = i;
    cache.keep(k, k, digest, 20 * second);
  }
  auto last = key;
  last.inode = 999;
  EXPECT_TRUE(cache.find(last));
  last.inode = 5;
  EXPECT_FALSE(cache.find(last));
}

}  // namespace
}  // namespace gate::exec
