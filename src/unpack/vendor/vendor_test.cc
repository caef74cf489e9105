#include <gtest/gtest.h>

#include <cstdlib>

#include "base/digest.h"
#include "base/sums.h"
#include "identify/identify.h"
#include "parse/firmware/vendor.h"
#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"
#include "unpack/stream.h"

namespace unpack {
const evidence::Reader& vendor();
namespace {

using evidence::Facet;
using namespace std::string_literals;

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string big(std::uint64_t v, int bytes) {
  auto out = n(v, bytes);
  return {out.rbegin(), out.rend()};
}
std::string padded(std::string text, std::size_t size) { return text.resize(size, '\0'), text; }
std::string digest(std::string_view name, const std::string& bytes) {
  const auto d = *base::digest_by_name(name, base::bytes_of(bytes));
  return {d.begin(), d.end()};
}

std::string trx() {
  const auto rest = n(0, 2) + n(1, 2) + n(28, 4) + n(48, 4) + n(0, 4) + "kernel of 20 bytes.." + some_text(200);
  return "HDR0" + n(12 + rest.size(), 4) + n(~base::crc32(base::bytes_of(rest)), 4) + rest;
}
std::string seama() {
  const auto texts = "signature=board_x\0type=firmware\0"s;
  const auto content = some_text(100);
  return big(0x5EA3A417, 4) + big(0, 2) + big(20, 2) + big(0, 4) + padded("signature=board_x", 20) + big(0x5EA3A417, 4) + big(0, 2) + big(texts.size(), 2) + big(content.size(), 4) + digest("md5", content) + texts + content;
}
std::string chk() {
  auto head = big(0x2A23245E, 4) + big(48, 4) + std::string(8, '\1') + big(0, 8) + big(20, 4) + big(30, 4) + big(0, 4) + big(0, 4) + "U12H000_";
  std::uint32_t c0 = 0, c1 = 0;
  for (const unsigned char c : head) c0 += c, c1 += c0;
  const auto fold = [](std::uint32_t v) { return v = (v & 0xffff) + (v >> 16), ((v >> 16) + v) & 0xffff; };
  return head.replace(36, 4, big(fold(c1) << 16 | fold(c0), 4)) + some_text(50);
}
std::string esp() {
  const auto segment = padded(n(0xABCD5432, 4) + std::string(12, '\0') + padded("1.2", 32) + padded("lamp", 32), 160);
  auto out = "\xE9\1\2\x20"s + n(0x40080000, 4) + std::string(4, '\0') + n(5, 2) + std::string(9, '\0') + '\1' + n(0x3C000020, 4) + n(segment.size(), 4) + segment;
  unsigned char sum = 0xEF;
  for (const unsigned char c : segment) sum ^= c;
  out = padded(out, out.size() | 15) + static_cast<char>(sum);
  return out + digest("sha256", out);
}
std::string esp_flash() {
  const auto entry = [](int type, std::uint64_t at, std::uint64_t size, const std::string& name) { return "\xAA\x50"s + static_cast<char>(type) + '\2' + n(at, 4) + n(size, 4) + padded(name, 16) + n(0, 4); };
  const auto table = entry(1, 0x9000, 0x1000, "nvs") + entry(0, 0xA000, 0x1000, "factory");
  return padded(padded("\xE9 the boot loader", 0x8000) + table + "\xEB\xEB" + std::string(14, '\xff') + digest("md5", table), 0x9000) + padded("settings", 0x1000) + padded("program", 0x1000);
}
std::string dfu() {
  auto out = some_text(100) + n(0x100, 2) + n(0xdf11, 2) + n(0x483, 2) + n(0x100, 2) + "UFD\x10";
  return out + n(~base::crc32(base::bytes_of(out)), 4);
}
std::string program_store() {
  auto head = "\x33\x49"s + big(4, 2) + big(0, 8) + big(60, 4) + big(0x80004000, 4) + padded("cm.bin", 48) + std::string(16, '\0');
  std::uint32_t c = 0xffff;
  for (const unsigned char b : head) {
    c ^= static_cast<std::uint32_t>(b) << 8;
    for (int bit = 0; bit < 8; ++bit) c = (c & 0x8000 ? c << 1 ^ 0x1021 : c << 1);
    c &= 0xffff;
  }
  return head + big(~c, 2) + big(0, 2) + big(base::crc32(base::bytes_of(some_text(60))), 4) + some_text(60);
}

struct Case {
  std::string kind, image;
  std::vector<std::pair<std::string, std::string>> parts;
};
std::vector<Case> cases() {
  return {{"firmware/trx", trx(), {{"part-0", "kernel of 20 bytes.."}, {"part-1", some_text(200)}}},
          {"firmware/cybertan", "W54G"s + std::string(4, '\0') + "\x10\1\1\4\2\1"s + "U2ND" + std::string(14, '\0') + trx(), {{"trx", trx()}}},
          {"firmware/seama", seama(), {{"image-1", some_text(100)}}},
          {"firmware/chk", chk(), {{"kernel", some_text(50).substr(0, 20)}, {"rootfs", some_text(50).substr(20)}}},
          {"firmware/esp", esp(), {}},
          {"firmware/esp-flash", esp_flash(), {{"factory", padded("program", 0x1000)}}},
          {"firmware/dfu", dfu(), {{"image", some_text(100)}}},
          {"firmware/program-store", program_store(), {{"image", some_text(60)}}}};
}

TEST(Vendor, PartsAndSums) {
  for (const auto& c : cases()) {
    EXPECT_EQ(identify::identify({base::bytes_of(c.image), "x"}).kind, c.kind);
    const auto r = evidence::read_alone(vendor(), base::bytes_of(c.image), c.kind);
    ASSERT_TRUE(r.result) << c.kind << r.result.error().what;
    EXPECT_TRUE(r.sink.all(Facet::concealment).empty()) << c.kind << " " << (r.sink.all(Facet::concealment).empty() ? "" : r.sink.all(Facet::concealment)[0].value);
    EXPECT_TRUE(r.sink.all(Facet::trouble).empty()) << c.kind;
    for (const auto& [name, content] : c.parts) {
      ASSERT_TRUE(r.sink.child_named(name)) << c.kind << name;
      EXPECT_TRUE(base::text_of(r.sink.child_named(name)->bytes) == content) << c.kind << name;
    }
    const auto tally = evidence::tally(*evidence::tile(r.sink.claims, c.image.size(), {{}, evidence::Label::scanned, ""}));
    EXPECT_EQ(tally.of(evidence::Label::scanned) + tally.of(evidence::Label::opaque), 0u) << c.kind;
  }
}
TEST(Vendor, ChangedContentIsStated) {
  for (const auto& [kind, image] : std::map<std::string, std::string>{{"firmware/trx", trx()}, {"firmware/seama", seama()}, {"firmware/esp", esp()}, {"firmware/dfu", dfu()}, {"firmware/program-store", program_store()}}) {
    auto bytes = image;
    bytes[kind == "firmware/dfu" ? 50 : bytes.size() - 60] ^= 1;
    EXPECT_TRUE(evidence::read_alone(vendor(), base::bytes_of(bytes), kind).sink.has(Facet::concealment, "mismatch")) << kind;
  }
}
TEST(Vendor, OrdinaryBytesAreNone) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(600, '\0');
    for (auto& c : bytes) c = static_cast<char>(round % 2 ? random() : random() % 3 ? 0 : random());
    const auto found = parse::firmware::vendor(base::bytes_of(bytes));
    EXPECT_FALSE(found) << found->kind;
  }
}
TEST(Vendor, RealImages) {
  const char* shared = std::getenv("ASSAY_SHARED");
  if (!shared) GTEST_SKIP() << "no shared data";
  const auto folder = std::string(shared) + "/data/unpack/";
  struct Real {
    std::string file, kind;
    std::size_t children;
    bool whole;  ///< no trouble is stated
  };
  for (const Real& real : {Real{"firmware/xiaomi_hdr/test.hdr1", "firmware/xiaomi", 3, true}, Real{"firmware/ros/test.ros", "firmware/ros", 6, true}, Real{"firmware/tpl/test.tpl", "firmware/tplink", 2, true},
                           Real{"firmware/dlink/fw_mh01_test.bin", "firmware/mh01", 0, false}, Real{"firmware/draytek_vigor_167/valid_draytekvigor167_image.bin", "firmware/draytek", 1, true},
                           Real{"firmware/broadcom/broadcom-sao.bin", "firmware/sao", 4, true}, Real{"firmware/maxlinear/maxlinear-puma-8-vendor-image.bin", "firmware/docsis", 2, true},
                           Real{"firmware/grain_media/test.gm8126", "firmware/grain-media", 1, true}, Real{"firmware/xerox/DLM-First_1MB.DLM", "firmware/xerox-dlm", 2, true},
                           Real{"binwalk/matter_ota.bin", "firmware/matter-ota", 1, true}, Real{"binwalk/arcadyan.bin", "firmware/arcadyan", 1, true}}) {
    const auto bytes = parse::file_bytes(folder + real.file);
    if (bytes.empty()) GTEST_SKIP() << "no shared data";
    EXPECT_EQ(identify::identify({bytes, "x"}).kind, real.kind) << real.file;
    const auto r = evidence::read_alone(vendor(), bytes, real.kind);
    ASSERT_TRUE(r.result) << real.file << r.result.error().what;
    EXPECT_GE(r.sink.children.size(), real.children) << real.file;
    EXPECT_TRUE(r.sink.all(Facet::concealment).empty() || real.kind == "firmware/arcadyan") << real.file << " " << (r.sink.all(Facet::concealment).empty() ? "" : r.sink.all(Facet::concealment)[0].value);
    EXPECT_EQ(r.sink.all(Facet::trouble).empty(), real.whole) << real.file;
    if (real.kind == "firmware/arcadyan") {
      std::uint64_t size = 0;
      const auto decoded = stream::lzma_alone(r.sink.children[0].bytes, [&](base::Bytes b) -> base::Result<> { return size += b.size(), base::Result<>{}; });
      EXPECT_TRUE(decoded.end);
      EXPECT_EQ(size, 2813252u) << "as xz unpacks it after the same exchange";
    }
  }
}
TEST(Vendor, Survives) {
  for (const auto& c : cases()) expect_survives(vendor(), c.image, c.kind, 600, "file", 300);
}

}  // namespace
}  // namespace unpack
