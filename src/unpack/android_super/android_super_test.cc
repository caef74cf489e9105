#include <gtest/gtest.h>

#include "base/digest.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& android_super();
namespace {

using evidence::Facet;

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string sum(const std::string& bytes) {
  const auto digest = base::sha256(bytes);
  return {digest.bytes.begin(), digest.bytes.end()};
}
std::string padded(std::string text, std::size_t size) { return text.resize(size, '\0'), text; }

// "a" in two extents with zeros between them, "b" without any.
std::string image() {
  const auto zeros = std::string(32, '\0');
  const auto geometry = [&](const std::string& digest) { return n(0x616C4467, 4) + n(52, 4) + digest + n(1024, 4) + n(1, 4) + n(4096, 4); };
  const auto partitions = padded("a", 36) + n(1, 4) + n(0, 4) + n(3, 4) + n(0, 4) + padded("b", 36) + n(1, 4) + n(3, 4) + n(0, 4) + n(0, 4);
  const auto extent = [](std::uint64_t sectors, std::uint64_t type, std::uint64_t at) { return n(sectors, 8) + n(type, 4) + n(at, 8) + n(0, 4); };
  const auto tables = partitions + extent(1, 0, 30) + extent(2, 1, 0) + extent(1, 0, 29);
  const auto header = [&](const std::string& digest) {
    return n(0x414C5030, 4) + n(10, 2) + n(0, 2) + n(128, 4) + digest + n(tables.size(), 4) + sum(tables) + n(0, 4) + n(2, 4) + n(52, 4) + n(104, 4) + n(3, 4) + n(24, 4) + std::string(24, '\0');
  };
  const auto slot = padded(header(sum(header(zeros))) + tables, 1024);
  const auto shape = padded(geometry(sum(geometry(zeros))), 4096);
  return std::string(4096, '\0') + shape + shape + slot + slot + some_text(512) + std::string(512, 'B') + std::string(512, 'A');
}
evidence::Reading read(const std::string& bytes) { return evidence::read_alone(android_super(), base::bytes_of(bytes), "android-super"); }

TEST(AndroidSuper, PartitionsInPieces) {
  const auto r = read(image());
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("a"));
  EXPECT_EQ(base::text_of(r.sink.child_named("a")->bytes), std::string(512, 'A') + std::string(1024, '\0') + std::string(512, 'B'));
  EXPECT_TRUE(r.sink.child_named("unused@0x3800")) << "what no partition uses is handed on";
  EXPECT_EQ(r.sink.children.size(), 2u);
  EXPECT_TRUE(r.sink.all(Facet::trouble).empty());
}
TEST(AndroidSuper, TheBackupsServe) {
  auto bytes = image();
  bytes[4096 + 20] ^= 1;
  bytes[12288 + 20] ^= 1;
  EXPECT_TRUE(read(bytes).sink.child_named("a"));
  bytes[13312 + 20] ^= 1;
  EXPECT_FALSE(read(bytes).result);
}
TEST(AndroidSuper, Survives) { expect_survives(android_super(), image(), "android-super", 1000, "file", 300); }

}  // namespace
}  // namespace unpack
