#include <gtest/gtest.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& sis();
namespace {

std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
// Header of 100 bytes, a language, one file record, the name, the content.
std::string sis_of(const std::string& text) {
  const auto packed = deflated(text, 15);
  std::string head = le(0x10001234, 4) + le(0x10003A12, 4) + le(0x10000419, 4) + le(0, 4) + le(0, 2) + le(1, 2) + le(1, 2) + le(0, 14) + le(0, 2);
  head.resize(48);
  head += le(100, 4) + le(102, 4);
  head.resize(100);
  const std::uint64_t name_at = 102 + 48, data_at = name_at + 6;
  return head + le(1, 2) + le(0, 4) + le(0, 4) + le(0, 4) + le(0, 4) + le(0, 4) + le(6, 4) + le(name_at, 4) + le(packed.size(), 4) + le(data_at, 4) + le(text.size(), 4) + le(0, 8) + "!:\\a.x" + packed;
}

TEST(Sis, AFileComesOutAndEveryByteHasALabel) {
  const auto bytes = sis_of(some_text(3000));
  const auto r = evidence::read_alone(sis(), base::bytes_of(bytes), "sis");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("!:/a.x"));
  EXPECT_EQ(base::text_of(r.sink.child_named("!:/a.x")->bytes), some_text(3000));
  const auto t = evidence::tally(*evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""}));
  EXPECT_EQ(t.of(evidence::Label::scanned) + t.of(evidence::Label::opaque), 0u);
}
TEST(Sis, Survives) { expect_survives(sis(), sis_of(some_text(300)), "sis", 2000); }

}  // namespace
}  // namespace unpack
