#include <gtest/gtest.h>

#include "base/digest.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& android_payload();
namespace {

using evidence::Facet;

std::string varint(std::uint64_t v) {
  std::string out;
  for (; v >= 0x80; v >>= 7) out += static_cast<char>(v | 0x80);
  return out + static_cast<char>(v);
}
std::string number(unsigned field, std::uint64_t v) { return varint(field << 3) + varint(v); }
std::string bytes(unsigned field, const std::string& b) { return varint(field << 3 | 2) + varint(b.size()) + b; }
std::string big(std::uint64_t v, int size) {
  std::string out;
  while (size--) out += static_cast<char>(v >> (8 * size));
  return out;
}

class Maker {
 public:
  Maker& step(unsigned type, const std::string& data, std::uint64_t first, std::uint64_t count) {
    steps_ += bytes(8, number(1, type) + (data.empty() ? "" : number(2, blobs_.size()) + number(3, data.size())) + bytes(6, number(1, first) + number(2, count)));
    blobs_ += data;
    return *this;
  }
  std::string make(const std::string& content) const {
    const auto digest = base::sha256(content);
    const auto about = number(1, content.size()) + bytes(2, {digest.bytes.begin(), digest.bytes.end()});
    const auto manifest = number(3, 512) + bytes(13, bytes(1, "system") + bytes(7, about) + steps_);
    return "CrAU" + big(2, 8) + big(manifest.size(), 8) + big(3, 4) + manifest + "sig" + blobs_;
  }

 private:
  std::string steps_, blobs_;
};
std::string text() { return some_text(2048); }
std::string content() { return text().substr(0, 1024) + std::string(512, '\0') + text().substr(1024); }
std::string full() {
  Maker m;
  return m.step(8, xzipped(text().substr(1024, 512)), 3, 1).step(0, text().substr(0, 512), 0, 1).step(6, "", 2, 1).step(1, bzipped(text().substr(512, 512)), 1, 1).step(14, zstd_encoded(text().substr(1536)), 4, 1).make(content());
}
evidence::Reading read(const std::string& b) { return evidence::read_alone(android_payload(), base::bytes_of(b), "android-payload"); }

TEST(AndroidPayload, FullOperations) {
  const auto r = read(full());
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("system.img"));
  EXPECT_TRUE(base::text_of(r.sink.child_named("system.img")->bytes) == content());
  EXPECT_TRUE(r.sink.all(Facet::concealment).empty()) << "the digest is right";
  EXPECT_TRUE(r.sink.all(Facet::trouble).empty());
  const auto tally = evidence::tally(*evidence::tile(r.sink.claims, full().size(), {{}, evidence::Label::scanned, ""}));
  EXPECT_EQ(tally.of(evidence::Label::scanned), 0u);
}
TEST(AndroidPayload, DifferencesAreUnsupported) {
  const auto r = read(Maker().step(0, text().substr(0, 512), 0, 1).step(5, "difference of sixteen", 1, 1).make(content()));
  ASSERT_TRUE(r.result);
  EXPECT_TRUE(r.sink.has(Facet::trouble, "unsupported"));
  const auto* child = r.sink.child_named("system.img");
  ASSERT_TRUE(child);
  EXPECT_EQ(base::text_of(child->bytes).substr(0, 512), text().substr(0, 512));
}
TEST(AndroidPayload, AWrongDigestIsStated) {
  const auto r = read(Maker().step(0, text().substr(0, 512), 0, 1).make(content()));
  EXPECT_TRUE(r.sink.has(Facet::concealment, "mismatch"));
}
TEST(AndroidPayload, Survives) { expect_survives(android_payload(), full(), "android-payload"); }

}  // namespace
}  // namespace unpack
