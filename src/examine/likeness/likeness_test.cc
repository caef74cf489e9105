#include <gtest/gtest.h>
#include <tlsh.h>

#include "base/digest.h"
#include "evidence/recorder.h"
#include "examine/likeness/tlsh_digest.h"
#include "parse/mutants.h"

namespace examine {
const evidence::Reader& likeness();
}

using namespace evidence;

namespace {

/// Text of no particular meaning, the same for the same seed.
std::string prose(std::size_t bytes, int seed = 0) {
  std::string out;
  for (int i = seed; out.size() < bytes; ++i) out += base::sha256(base::bytes_of(std::to_string(i))).hex().substr(0, 3 + static_cast<std::size_t>(i % 9)) + (i % 11 ? " " : ".\n");
  return out.substr(0, bytes);
}

std::string digest_of(std::string_view text) {
  const auto r = read_alone(examine::likeness(), base::bytes_of(text), "text");
  EXPECT_TRUE(r.result);
  const auto items = r.sink.all(Facet::property, "tlsh");
  return items.empty() ? "" : items.at(0).value;
}

int distance(const std::string& a, const std::string& b) {
  Tlsh left, right;
  EXPECT_EQ(left.fromTlshStr(a.c_str()), 0);
  EXPECT_EQ(right.fromTlshStr(b.c_str()), 0);
  return left.totalDiff(&right);
}

}  // namespace

// What the digest is for: a changed file is near, another one far.
TEST(Likeness, ChangedIsNearAndOtherIsFar) {
  const auto old = prose(20'000);
  auto changed = old;
  changed.insert(7000, "and one sentence more that was not there before");
  const auto digest = digest_of(old);
  EXPECT_EQ(digest.size(), 70u);
  EXPECT_EQ(digest_of(old), digest);
  EXPECT_LT(distance(digest, digest_of(changed)), 20);
  std::string other;
  for (int i = 0; other.size() < 20'000; ++i) other += "<td class=\"" + std::to_string(i * i % 977) + "\">" + std::to_string(i) + "</td>\n";
  EXPECT_GT(distance(digest, digest_of(other)), 150);
}

// The reference implementation gives the same digits, for each length's scale and each kind of content.
TEST(Likeness, EqualsTheReferenceImplementation) {
  const auto whole = prose(60'000);
  std::size_t compared = 0;
  const auto compare = [&](std::string_view text) {
    Tlsh reference;
    reference.update(base::bytes_of(text).data(), static_cast<unsigned>(text.size()));
    reference.final();
    ASSERT_EQ(examine::likeness_parts::tlsh_digest(base::bytes_of(text)), reference.getHash()) << text.size();
    ++compared;
  };
  for (std::size_t size = 0; size < 4000; size += 7) compare(std::string_view(whole).substr(size, size));
  for (std::size_t size = 4000; size < whole.size(); size += 997) compare(std::string_view(whole).substr(0, size));
  parse::each_mutant(base::bytes_of(whole), 100, 3, [&](base::Bytes bytes) { compare(base::text_of(bytes)); });
  compare(std::string(5000, '\0') + whole.substr(0, 300));
  EXPECT_GT(compared, 700u);
}

TEST(Likeness, NothingForShortOrUniformContent) {
  EXPECT_EQ(digest_of(""), "");
  EXPECT_EQ(digest_of(prose(511)), "");
  EXPECT_NE(digest_of(prose(512)), "");
  EXPECT_EQ(digest_of(std::string(100'000, '\0')), "");
}

// The children of a container have digests of their own.
TEST(Likeness, NothingForWhatWasHandedOn) {
  const auto text = prose(4000);
  View view;
  view.bytes = base::bytes_of(text);
  view.kind = "zip";
  view.remaining = remaining({{{100, 3000}, Label::handed_on, ""}}, text.size());
  Recorder sink(view.bytes);
  EXPECT_TRUE(examine::likeness().read(view, sink));
  EXPECT_TRUE(sink.items.empty());
}

// Bounded: what stands behind the first 16 MiB does not count, and the item says so.
TEST(Likeness, OfLargeFilesTheBeginning) {
  auto large = prose(1 << 20);
  while (large.size() < (16u << 20)) large += large;
  large.resize(16u << 20);
  const auto whole = digest_of(large);
  const auto longer = large + prose(5000, 99);
  EXPECT_EQ(digest_of(longer), whole);
  const auto r = read_alone(examine::likeness(), base::bytes_of(longer), "unknown");
  EXPECT_EQ(r.sink.items.at(0).attributes.at("of"), "the first 16 MiB");
}

TEST(Likeness, ItsWorkIsCounted) {
  const auto text = prose(10'000);
  View view;
  view.bytes = base::bytes_of(text);
  view.remaining = remaining({}, text.size());
  Recorder sink(view.bytes, 10'000);
  const auto result = examine::likeness().read(view, sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().trouble, base::Trouble::limit);
  EXPECT_TRUE(sink.items.empty());
}
