#include <gtest/gtest.h>
#include <zlib.h>

#include "base/base64.h"
#include "parse/run_tool.h"
#include "unpack/dmg/lzfse.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& dmg();
namespace {

using namespace dmg_format;

std::string be(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = bytes; i-- > 0;) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}

// Bits to be read from the end backwards.
class Backward {
 public:
  void put(std::uint32_t value, unsigned n) { fields_.push_back({value, n}); }
  // The fields in the order of reading stand from the top down; `spare` top bits are not used.
  std::string bytes(unsigned& spare) const {
    std::size_t total = 0;
    for (const auto& f : fields_) total += f.second;
    std::string out((total + 7) / 8, '\0');
    spare = static_cast<unsigned>(out.size() * 8 - total);
    auto at = total;
    for (const auto& [value, n] : fields_) {
      at -= n;
      for (unsigned i = 0; i < n; ++i)
        if (value >> i & 1) out[(at + i) / 8] = static_cast<char>(out[(at + i) / 8] | 1 << (at + i) % 8);
    }
    return out;
  }

 private:
  std::vector<std::pair<std::uint32_t, unsigned>> fields_;
};

// One block of literals, all bytes equally likely (4 states each), in runs of up to 315 with no match.
std::string lzfse_block(const std::string& text) {
  const auto symbol = [&](std::size_t i) { return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0u; };
  const auto state = [&](std::size_t i) { return symbol(i) * 4 + (symbol(i + 4) >> 6); };
  Backward literal, match;
  for (std::size_t i = 0; i < text.size(); ++i) literal.put(state(i + 4) & 255, 8);
  unsigned runs = 0;
  for (std::size_t at = 0; at < text.size(); ++runs) {
    const auto left = text.size() - at, n = left <= 315 ? left : std::min<std::size_t>(315, left - 60);
    match.put(static_cast<std::uint32_t>(n - 60), 8);
    at += n;
  }
  unsigned literal_spare = 0, match_spare = 0;
  const auto literal_bytes = literal.bytes(literal_spare), match_bytes = match.bytes(match_spare);
  // Frequencies: 0 takes 2 bits (00), others 14 bits (1111 and ten more) or 8 (0111 and four more), 4 takes 5 (00011).
  std::string frequencies;
  std::uint64_t held = 0;
  unsigned have = 0;
  const auto put = [&](std::uint32_t v, unsigned n) {
    held |= std::uint64_t{v} << have;
    for (have += n; have >= 8; have -= 8, held >>= 8) frequencies += static_cast<char>(held);
  };
  const auto frequency = [&](unsigned f) {
    if (f == 0) put(0, 2);
    else if (f == 4) put(3, 5);
    else put(15 | (f - 24) << 4, 14);
  };
  for (int i = 0; i < 20; ++i) frequency(i == 19 ? 64 : 0);
  for (int i = 0; i < 20; ++i) frequency(i == 0 ? 64 : 0);
  for (int i = 0; i < 64; ++i) frequency(i == 1 ? 256 : 0);
  for (int i = 0; i < 256; ++i) frequency(4);
  if (have) frequencies += static_cast<char>(held);
  const std::uint64_t a = text.size() | literal_bytes.size() << 20 | std::uint64_t{runs} << 40 | std::uint64_t{7 - literal_spare} << 60;
  const std::uint64_t b = state(0) | std::uint64_t{state(1)} << 10 | std::uint64_t{state(2)} << 20 | std::uint64_t{state(3)} << 30 | match_bytes.size() << 40 | std::uint64_t{7 - match_spare} << 60;
  return "bvx2" + le(text.size(), 4) + le(a, 8) + le(b, 8) + le(32 + frequencies.size(), 8) + frequencies + literal_bytes + match_bytes;
}
std::string lzvn_block(const std::string& text) {
  std::string packed;
  for (std::size_t at = 0; at < text.size(); at += 200) {
    const auto part = text.substr(at, 200);
    if (part.size() < 16) packed += static_cast<char>(0xE0 | part.size());
    else packed += '\xE0' + le(part.size() - 16, 1);
    packed += part;
  }
  packed += std::string("\x06\0\0\0\0\0\0\0", 8);
  return "bvxn" + le(text.size(), 4) + le(packed.size(), 4) + packed;
}

struct Chunk {
  std::uint32_t type;
  std::string stored;
  std::uint64_t sectors;
};
std::string image(const std::vector<Chunk>& chunks, bool resource_fork = false) {
  std::string data, entries;
  std::uint64_t sector = 0;
  for (const auto& c : chunks) {
    entries += be(c.type, 4) + be(0, 4) + be(sector, 8) + be(c.sectors, 8) + be(data.size(), 8) + be(c.stored.size(), 8);
    data += c.stored;
    sector += c.sectors;
  }
  entries += be(0xFFFFFFFF, 4) + be(0, 4) + be(sector, 8) + be(0, 8) + be(data.size(), 8) + be(0, 8);
  const auto mish = "mish" + be(1, 4) + be(0, 8) + be(sector, 8) + be(0, 8) + be(0x208, 4) + be(0, 4) + std::string(24, '\0') + be(2, 4) + be(32, 4) + std::string(128, '\0') + be(chunks.size() + 1, 4) + entries;
  std::string list;
  if (resource_fork) {
    const auto content = be(mish.size(), 4) + mish;
    const auto map = std::string(24, '\0') + be(28, 2) + be(50, 2) + be(0, 2) + "blkx" + be(0, 2) + be(10, 2) + be(0, 2) + be(0, 2) + be(0, 4) + be(0, 4) + "\x04" "Disk";
    list = be(16, 4) + be(16 + content.size(), 4) + be(content.size(), 4) + be(map.size(), 4) + content + map;
  } else {
    list = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"x\">\n<plist version=\"1.0\"><dict><key>resource-fork</key><dict><key>blkx</key><array><dict>"
           "<key>Attributes</key><string>0x0050</string><key>CFName</key><string>Disk</string><key>Data</key><data>\n" + base::to_base64(mish) + "\n</data><key>ID</key><string>0</string><key>Name</key><string>Disk</string></dict></array></dict></dict></plist>\n";
  }
  const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size());
  auto koly = "koly" + be(4, 4) + be(512, 4) + be(1, 4) + be(0, 8) + be(0, 8) + be(data.size(), 8) + be(resource_fork ? data.size() : 0, 8) + be(resource_fork ? list.size() : 0, 8) + be(1, 4) + be(1, 4) +
              std::string(16, '\x07') + be(2, 4) + be(32, 4) + be(sum, 4) + std::string(124, '\0') + be(resource_fork ? 0 : data.size(), 8) + be(resource_fork ? 0 : list.size(), 8) + std::string(120, '\0') + be(2, 4) + be(32, 4);
  koly.resize(488, '\0');
  koly += be(1, 4) + be(sector, 8);
  koly.resize(512, '\0');
  return data + list + koly;
}
const std::string text = some_text(4096);
std::vector<Chunk> all_forms() {
  std::string adc_stream;
  for (std::size_t i = 0; i < text.size(); i += 128) adc_stream += '\xFF' + text.substr(i, 128);
  return {{0x80000005, deflated(text, 15), 8}, {0, "", 4}, {1, text, 8}, {0x80000006, bzipped(text), 8}, {0x80000004, adc_stream, 8},
          {0x80000007, lzfse_block(text) + "bvx$", 8}, {0x80000007, lzvn_block(text) + "bvx$", 8}, {0x80000008, xzipped(text), 8}};
}

TEST(Dmg, AllFormsOfChunks) {
  std::string truth = text + std::string(2048, '\0');
  for (int i = 0; i < 6; ++i) truth += text;
  for (const bool fork : {false, true}) {
    const auto bytes = image(all_forms(), fork);
    const auto r = evidence::read_alone(dmg(), base::bytes_of(bytes), "dmg");
    ASSERT_TRUE(r.result) << r.result.error().what;
    for (const auto& i : r.sink.items) ADD_FAILURE() << i.value;
    ASSERT_TRUE(r.sink.child_named("Disk"));
    EXPECT_TRUE(base::text_of(r.sink.child_named("Disk")->bytes) == truth);
    const auto tiles = evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""});
    for (const auto& t : *tiles) EXPECT_TRUE(t.label == evidence::Label::handed_on || t.label == evidence::Label::structure) << t.range.offset;
  }
}
// The test's own encoder is no proof: an independent reader must agree with it.
TEST(Dmg, AnIndependentReaderAgrees) {
  const parse::ScratchFolder folder;
  auto chunks = all_forms();
  folder.write("image.dmg", image(chunks));
  if (!parse::run_tool(fmt::format("cd '{}' && 7z x -y -oout image.dmg", folder / ""))) GTEST_SKIP() << "no 7z that reads the image";
  const auto r = evidence::read_alone(dmg(), base::bytes_of(image(chunks)), "dmg");
  unsigned same = 0;
  for (const auto& f : std::filesystem::recursive_directory_iterator(folder / "out"))
    if (f.is_regular_file()) same += parse::file_bytes(f.path()) == r.sink.child_named("Disk")->bytes;
  EXPECT_EQ(same, 1u);
}
TEST(Dmg, LzvnMatches) {
  // Four literals and a match of 6 at 4; a short one at 2; a long distance; one at the distance before.
  const std::string packed = std::string("\xE4" "abcd", 5) + std::string("\x18\x04", 2) + std::string("\x00\x02", 2) + std::string("\x07\x04\x00", 3) + "\x46z" + std::string("\x06\0\0\0\0\0\0\0", 8);
  const std::string truth = "abcd" "abcdab" "aba" "aba" "z" "baz";
  const auto whole = "bvxn" + le(truth.size(), 4) + le(packed.size(), 4) + packed + "bvx$";
  const auto out = lzfse(base::bytes_of(whole), 1000);
  ASSERT_TRUE(out) << out.error().what;
  EXPECT_EQ(base::text_of(*out).substr(0, 10), "abcdabcdab");
  EXPECT_EQ(out->size(), truth.size());
}
TEST(Dmg, AdcMatches) {
  const auto out = adc(base::bytes_of(std::string("\x83" "abcd" "\x0C\x03" "\x40\x00\x01", 10)), 100);
  ASSERT_TRUE(out);
  EXPECT_EQ(base::text_of(*out), "abcdabcdababab");
}
TEST(Dmg, EncryptedImagesAreOpaque) {
  const auto r = evidence::read_alone(dmg(), base::bytes_of("encrcdsa" + std::string(600, 'x')), "dmg");
  EXPECT_TRUE(r.sink.has(evidence::Facet::trouble, "encrypted"));
}
TEST(Dmg, Survives) {
  expect_survives(dmg(), image(all_forms()), "dmg", 3000, "file", 500);
  expect_survives(dmg(), image({{0x80000007, lzfse_block(text.substr(0, 512)) + "bvx$", 1}}, true), "dmg", 4000, "file", 500);
}

}  // namespace
}  // namespace unpack
