#include <gtest/gtest.h>

#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& tnef();
namespace {

std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string attribute(unsigned level, unsigned id, const std::string& value) {
  unsigned sum = 0;
  for (const unsigned char c : value) sum += c;
  return le(level, 1) + le(id, 2) + le(6, 2) + le(value.size(), 4) + value + le(sum, 2);
}
const std::string sound = le(0x223E9F78, 4) + le(1, 2) + attribute(1, 0x8004, "subject") + attribute(1, 0x9003, std::string(40, 'p')) + attribute(2, 0x9002, std::string(14, '\0')) +
                          attribute(2, 0x8010, std::string("a.exe\0", 6)) + attribute(2, 0x800F, "MZ program");

TEST(Tnef, AttachmentsAndProperties) {
  const auto r = evidence::read_alone(tnef(), base::bytes_of(sound), "tnef");
  ASSERT_TRUE(r.result);
  ASSERT_TRUE(r.sink.child_named("a.exe"));
  EXPECT_EQ(base::text_of(r.sink.child_named("a.exe")->bytes), "MZ program");
  EXPECT_EQ(r.sink.children.size(), 2u);
  EXPECT_TRUE(r.sink.items.empty());
  EXPECT_EQ(evidence::tally(*evidence::tile(r.sink.claims, sound.size(), {{}, evidence::Label::scanned, ""})).of(evidence::Label::scanned), 0u);
}
TEST(Tnef, AWrongChecksumIsATrouble) {
  auto bytes = sound;
  bytes.back() ^= 1;
  EXPECT_TRUE(evidence::read_alone(tnef(), base::bytes_of(bytes), "tnef").sink.has(evidence::Facet::trouble, "malformed"));
}
TEST(Tnef, Survives) { expect_survives(tnef(), sound, "tnef", 3000); }

}  // namespace
}  // namespace unpack
