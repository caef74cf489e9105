#include <gtest/gtest.h>

#include <random>

#include "parse/run_tool.h"
#include "unpack/decode/lzma_raw.h"
#include "unpack/decode/lzo.h"
#include "unpack/encode.h"

namespace unpack::stream {
namespace {

using namespace std::string_literals;

std::string lzo(const std::string& packed, std::uint64_t most = 1 << 20) {
  const auto out = lzo1x(base::bytes_of(packed), most);
  return out ? std::string(base::text_of(*out)) : "error: " + out.error().what;
}
const std::string end_mark = "\x11\x00\x00"s;

TEST(Lzo, TheEmptyBlock) { EXPECT_EQ(lzo(end_mark), ""); }
TEST(Lzo, LiteralsOfTheFirstByte) {
  EXPECT_EQ(lzo("\x13" "ab" + end_mark), "ab");
  EXPECT_EQ(lzo("\x16" "abcde" + end_mark), "abcde");
}
// Each instruction of the documentation once, with the literals that it brings along.
TEST(Lzo, EachInstruction) {
  EXPECT_EQ(lzo("\x16" "abcde\x80\x00"s + end_mark), "abcdeeeeee") << "1LLDDDSS: 5 from distance 1";
  EXPECT_EQ(lzo("\x16" "abcde\x50\x00"s + end_mark), "abcdeabc") << "01LDDDSS: 3 from distance 5";
  EXPECT_EQ(lzo("\x16" "abcde\x23\x12\x00xy"s + end_mark), "abcdeabcdexy") << "001LLLLL: 5 from distance 5, two literals";
  EXPECT_EQ(lzo("\x13" "ab\x05\x00z"s + end_mark), "ababz") << "0000DDSS after few literals: 2 from distance 2";
  EXPECT_EQ(lzo("\0\x01"s + std::string(19, 'a') + end_mark), std::string(19, 'a')) << "a long literal string";
  EXPECT_EQ(lzo("\x12" "a\x20\x01\0\0"s + end_mark), std::string(35, 'a')) << "a length that goes on";
}
TEST(Lzo, FarCopies) {
  const auto text = some_text(50'000);
  // 50,000 = 3 + 15 + 195 * 255 + 257 is not codeable; build the run of literals from its rule.
  std::string packed(1, '\0');
  auto left = text.size() - 18;
  for (; left > 255; left -= 255) packed += '\0';
  packed += static_cast<char>(left);
  packed += text;
  // After many literals: 3 bytes from 2,049; then 2 + 3 bytes from 16384 + 16384 + 100.
  EXPECT_EQ(lzo(packed + "\0\0"s + end_mark), text + text.substr(50'000 - 2049, 3));
  EXPECT_EQ(lzo(packed + "\x1b\x90\x01"s + end_mark), text + text.substr(50'000 - 32868, 5));
}
TEST(Lzo, RunsOfZerosInVersionOne) { EXPECT_EQ(lzo("\x11\x01\x12" "a\x19\xfc\xff\x02"s + end_mark), "a" + std::string(21, '\0')); }
TEST(Lzo, RefusesWhatLeadsOutside) {
  EXPECT_TRUE(lzo("\x13" "ab\x80\xff"s + end_mark).starts_with("error")) << "a distance before the start";
  EXPECT_TRUE(lzo("\xff" "ab").starts_with("error")) << "literals behind the end";
  EXPECT_TRUE(lzo("\x16" "abcde\x80\x00"s + end_mark, 8).starts_with("error")) << "more than it may hold";
  EXPECT_TRUE(lzo("\x16" "abcde"s).starts_with("error")) << "no end mark";
}
TEST(Lzo, MutantsStayInside) {
  std::string sound = "\x16" "abcde\x23\x12\x00xy\x50\x00\x80\x00"s;
  sound.append(300, '\x50').append(end_mark);
  std::mt19937 random(5);
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = sound;
    for (int i = 0; i < 8; ++i) bytes[random() % 20] = static_cast<char>(random());
    const auto out = lzo1x(base::bytes_of(bytes), 5000);
    ASSERT_LE(out ? out->size() : 0, 5000u);
  }
}

TEST(LzmaRaw, AStreamWithoutItsHeader) {
  const auto text = some_text(300'000);
  const auto whole = lzma_encoded(text);
  const auto properties = LzmaProperties::from_byte(static_cast<std::uint8_t>(whole[0]), 1 << 23);
  ASSERT_TRUE(properties);
  EXPECT_EQ(properties->byte(), 0x5d);
  std::string out;
  const auto take = [&](base::Bytes b) -> base::Result<> {
    out += base::text_of(b);
    return {};
  };
  const auto raw = base::bytes_of(std::string_view(whole).substr(13));
  auto decoded = lzma_raw(raw, *properties, text.size(), take);
  EXPECT_TRUE(decoded.end);
  EXPECT_EQ(out, text);
  out.clear();
  decoded = lzma_raw(raw, *properties, std::nullopt, take);
  EXPECT_TRUE(decoded.end) << "an end mark serves as well";
  EXPECT_EQ(out, text);
  out.clear();
  decoded = lzma_raw(raw.first(raw.size() - 100), *properties, std::nullopt, take);
  EXPECT_FALSE(decoded.end);
  EXPECT_GT(out.size(), 200'000u);
}
TEST(LzmaRaw, TooManyContextBitsAreUnsupported) {
  const auto decoded = lzma_raw(base::bytes_of("\0\0\0\0\0\0\0"s), {.lc = 4, .lp = 4, .pb = 0, .dictionary = 4096}, 10, [](base::Bytes) -> base::Result<> { return {}; });
  ASSERT_FALSE(decoded.end);
  EXPECT_EQ(decoded.end.error().trouble, base::Trouble::unsupported);
  EXPECT_FALSE(LzmaProperties::from_byte(225, 4096));
}

// A raw stream of one block without an end mark, as liblzma's older encoders write it.
std::string raw_block(const std::string& text, const LzmaProperties& p) {
  lzma_options_lzma options{};
  lzma_lzma_preset(&options, 6);
  options.lc = p.lc, options.lp = p.lp, options.pb = p.pb;
  options.ext_flags = 0;
  options.ext_size_low = static_cast<std::uint32_t>(text.size());
  options.ext_size_high = 0;
  const lzma_filter filters[2] = {{LZMA_FILTER_LZMA1EXT, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
  std::string out(text.size() * 2 + 1000, '\0');
  std::size_t size = 0;
  if (lzma_raw_buffer_encode(filters, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size()) != LZMA_OK) return {};
  out.resize(size);
  return out;
}
TEST(LzmaBlock, EndsAtItsSizeOrWithItsInput) {
  auto text = some_text(9'000);
  text += std::string(700, 'x') + text.substr(100, 4000) + some_text(300);
  for (const LzmaProperties p : {LzmaProperties{}, LzmaProperties{0, 2, 0, 4096}, LzmaProperties{4, 0, 4, 4096}, LzmaProperties{1, 3, 1, 4096}})
    for (const std::size_t n : {std::size_t{1}, std::size_t{17}, std::size_t{8192}, text.size()}) {
      const auto packed = raw_block(text.substr(0, n), p);
      const auto block = lzma_block(base::bytes_of(packed), p, n);
      ASSERT_TRUE(block) << block.error().what;
      EXPECT_TRUE(block->sound);
      EXPECT_EQ(block->left, 0u);
      EXPECT_TRUE(base::text_of(block->bytes) == text.substr(0, n)) << n;
      const auto unknown = lzma_block(base::bytes_of(packed), p, 1 << 20);
      ASSERT_TRUE(unknown) << unknown.error().what;
      EXPECT_TRUE(unknown->sound);
      EXPECT_TRUE(base::text_of(unknown->bytes).starts_with(text.substr(0, n))) << n;
      EXPECT_LT(unknown->bytes.size(), n + 100);
    }
}
TEST(LzmaBlock, WrongPropertiesAreNotSound) {
  const auto packed = raw_block(some_text(5'000), {});
  unsigned sound = 0;
  for (unsigned byte = 0; byte < 225; ++byte) {
    const auto block = lzma_block(base::bytes_of(packed), *LzmaProperties::from_byte(static_cast<std::uint8_t>(byte), 4096), 1 << 20);
    sound += block && block->sound;
  }
  EXPECT_EQ(sound, 1u);
}
TEST(LzmaBlock, ATruncatedBlockGivesWhatItHolds) {
  const auto text = some_text(5'000);
  const auto packed = raw_block(text, {});
  const auto block = lzma_block(base::bytes_of(std::string_view(packed).substr(0, packed.size() / 2)), {}, 1 << 20);
  ASSERT_TRUE(block);
  EXPECT_FALSE(block->sound);
  EXPECT_GT(block->bytes.size(), 1000u);
  const auto most = std::min<std::size_t>(block->bytes.size(), 1000);
  EXPECT_TRUE(base::text_of(block->bytes).substr(0, most) == text.substr(0, most));
}
TEST(LzmaBlock, MutantsStayInside) {
  const auto sound = raw_block(some_text(3'000), {});
  std::mt19937 random(5);
  for (int round = 0; round < 5'000; ++round) {
    auto bytes = sound;
    for (int i = 0; i < 4; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto block = lzma_block(base::bytes_of(bytes), *LzmaProperties::from_byte(static_cast<std::uint8_t>(random() % 225), 4096), 5000);
    ASSERT_LE(block ? block->bytes.size() : 0, 5000u);
  }
}

}  // namespace
}  // namespace unpack::stream
