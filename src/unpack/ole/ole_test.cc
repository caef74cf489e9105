#include <gtest/gtest.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& ole();
namespace {

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(v >> (8 * i));
  return out;
}
std::string entry(const std::string& name, unsigned type, std::uint32_t right, std::uint32_t child, std::uint32_t start, std::uint32_t size) {
  std::string wide;
  for (const char c : name) wide += c, wide += '\0';
  wide.resize(64);
  return wide + n(name.size() * 2 + 2, 2) + n(type, 1) + n(1, 1) + n(0xFFFFFFFF, 4) + n(right, 4) + n(child, 4) + std::string(36, '\0') + n(start, 4) + n(size, 8);
}
// Sectors: 0 FAT, 1 directory, 2 mini FAT, 3 mini stream, 4.. the large stream.
std::string ole_file(const std::string& large, const std::string& small) {
  const auto count = static_cast<std::uint32_t>((large.size() + 511) / 512);
  std::string fat = n(0xFFFFFFFD, 4) + n(0xFFFFFFFE, 4) + n(0xFFFFFFFE, 4) + n(0xFFFFFFFE, 4);
  for (std::uint32_t i = 0; i < count; ++i) fat += n(i + 1 < count ? 5 + i : 0xFFFFFFFE, 4);
  fat.resize(512, '\xff');
  auto directory = entry("Root Entry", 5, 0xFFFFFFFF, 1, 3, 512) + entry("Big", 2, 2, 0xFFFFFFFF, 4, static_cast<std::uint32_t>(large.size())) +
                   entry("Folder", 1, 0xFFFFFFFF, 3, 0, 0) + entry("Small", 2, 0xFFFFFFFF, 0xFFFFFFFF, 0, static_cast<std::uint32_t>(small.size()));
  std::string mini_fat = n(0xFFFFFFFE, 4), mini = small;
  mini_fat.resize(512, '\xff');
  mini.resize(512);
  auto body = large;
  body.resize(count * 512);
  std::string header = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + std::string(16, '\0') + n(0x3e, 2) + n(3, 2) + n(0xfffe, 2) + n(9, 2) + n(6, 2) + std::string(10, '\0') + n(1, 4) + n(1, 4) + n(0, 4) +
                       n(4096, 4) + n(2, 4) + n(1, 4) + n(0xFFFFFFFE, 4) + n(0, 4) + n(0, 4);
  header.resize(512, '\xff');
  return header + fat + directory + mini_fat + mini + body;
}

TEST(Ole, StreamsLargeAndSmall) {
  const auto text = some_text(5000);
  const auto r = evidence::read_alone(ole(), base::bytes_of(ole_file(text, "tiny")), "ole");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("Big"));
  EXPECT_EQ(base::text_of(r.sink.child_named("Big")->bytes), text);
  ASSERT_TRUE(r.sink.child_named("Folder/Small"));
  EXPECT_EQ(base::text_of(r.sink.child_named("Folder/Small")->bytes), "tiny");
}
TEST(Ole, AChainThatLoopsIsMalformed) {
  auto bytes = ole_file(some_text(5000), "tiny");
  bytes.replace(512 + 4 * 6, 4, n(4, 4));
  const auto r = evidence::read_alone(ole(), base::bytes_of(bytes), "ole");
  ASSERT_FALSE(r.result);
  EXPECT_EQ(r.result.error().trouble, base::Trouble::malformed);
}
TEST(Ole, Survives) { expect_survives(ole(), ole_file(some_text(5000), "tiny"), "ole", 8000, "file", 800); }

}  // namespace
}  // namespace unpack
