#include <gtest/gtest.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& brotli();
namespace {

// An uncompressed meta-block and the empty last one (RFC 7932, section 9.2).
std::string encoded(const std::string& text) {
  std::uint32_t bits = 0;
  unsigned n = 0;
  const auto put = [&](std::uint32_t v, unsigned w) { bits |= v << n, n += w; };
  put(0, 1);                                              // window of 16 bits
  put(0, 1);                                              // not the last
  put(0, 2);                                              // length in four nibbles
  put(static_cast<std::uint32_t>(text.size() - 1), 16);
  put(1, 1);                                              // uncompressed
  std::string out;
  for (unsigned i = 0; i < n; i += 8) out += static_cast<char>(bits >> i);
  return out + text + "\x03";
}

TEST(Brotli, GivesTheContent) {
  const auto text = some_text(30'000);
  const auto r = evidence::read_alone(brotli(), base::bytes_of(encoded(text)), "brotli", "a.js.br");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(base::text_of(r.sink.children.at(0).bytes), text);
  EXPECT_EQ(r.sink.children[0].entry.name, "a.js");
}
TEST(Brotli, Truncated) { EXPECT_FALSE(evidence::read_alone(brotli(), base::bytes_of(encoded("text").substr(0, 5)), "brotli").result); }
TEST(Brotli, Survives) { expect_survives(brotli(), encoded(some_text(500)), "brotli"); }

}  // namespace
}  // namespace unpack
