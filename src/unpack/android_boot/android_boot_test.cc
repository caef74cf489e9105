#include <gtest/gtest.h>

#include "base/digest.h"
#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& android_boot();
namespace {

using evidence::Facet;

std::string big(std::uint64_t v, int size) {
  std::string out;
  while (size--) out += static_cast<char>(size < 8 ? v >> (8 * size) : 0);
  return out;
}
std::string little(std::uint64_t v) { return {static_cast<char>(v), static_cast<char>(v >> 8), static_cast<char>(v >> 16), static_cast<char>(v >> 24)}; }
std::string padded(std::string text, std::size_t size) { return text.resize(size, '\0'), text; }
evidence::Reading read(const std::string& bytes, std::string_view kind = "android-boot") { return evidence::read_alone(android_boot(), base::bytes_of(bytes), kind); }
std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* child = r.sink.child_named(name);
  return child ? std::string(base::text_of(child->bytes)) : "missing";
}
std::uint64_t unread(const evidence::Reading& r, std::size_t size) {
  const auto tally = evidence::tally(*evidence::tile(r.sink.claims, size, {{}, evidence::Label::scanned, ""}));
  return tally.of(evidence::Label::scanned) + tally.of(evidence::Label::opaque);
}

std::string boot() {
  auto head = "ANDROID!" + little(11) + little(0) + little(10) + little(0) + little(0) + little(0) + little(0) + little(2048) + little(0) + little(0);
  head = padded(head, 64) + "console=ttyS0";
  return padded(head, 2048) + padded("kernel code", 2048) + "ramdisk it";
}
std::string verified() {
  const auto chain = big(0, 4) + big(4, 4) + big(8, 4) + std::string(64, '\0') + "bootTHE-KEY!";
  const auto line = big(0, 4) + big(9, 4) + "dm=\"1 vr\"";
  const auto descriptors = big(4, 8) + big(chain.size(), 8) + chain + big(3, 8) + big(line.size(), 8) + line;
  const auto auxiliary = padded(descriptors + "PUBLICKEY", 192);
  auto head = "AVB0" + big(1, 4) + big(0, 4) + big(64, 8) + big(auxiliary.size(), 8) + big(1, 4) + big(0, 8) + big(32, 8) + big(32, 8) + big(8, 8) + big(descriptors.size(), 8) + big(9, 8) + big(0, 8) + big(0, 8) +
              big(0, 8) + big(descriptors.size(), 8) + big(7, 8) + big(0, 4) + big(0, 4) + "avbtool 1.2.0";
  head = padded(head, 256);
  const auto digest = base::sha256(head + auxiliary);
  return head + padded(std::string(digest.bytes.begin(), digest.bytes.end()) + "SIGNED", 64) + auxiliary;
}

TEST(AndroidBoot, OldHeader) {
  const auto r = read(boot());
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "kernel"), "kernel code");
  EXPECT_EQ(content(r, "ramdisk"), "ramdisk it");
  EXPECT_EQ(content(r, "cmdline"), "console=ttyS0");
  EXPECT_EQ(unread(r, boot().size()), 0u);
}
TEST(AndroidBoot, VersionFourAndItsVendorPart) {
  const auto boot4 = padded(padded("ANDROID!" + little(5) + little(6) + little(0) + little(1584) + std::string(16, '\0') + little(4) + "quiet", 1580) + little(9), 4096) + padded("K.E.R", 4096) +
                     padded("initrd", 4096) + "SIGNATURE";
  auto r = read(boot4);
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "kernel"), "K.E.R");
  EXPECT_EQ(content(r, "ramdisk"), "initrd");
  EXPECT_EQ(content(r, "boot_signature"), "SIGNATURE");
  EXPECT_EQ(content(r, "cmdline"), "quiet");
  EXPECT_EQ(unread(r, boot4.size()), 0u);
  const auto entry = [](std::uint32_t size, std::uint32_t offset, const std::string& name) { return little(size) + little(offset) + little(1) + padded(name, 96); };
  const auto vendor = padded(padded(padded("VNDRBOOT" + little(4) + little(2048) + little(0) + little(0) + little(9) + "a=b", 2080) + "board", 2096) + little(2128) + little(3) + big(0, 8) + little(216) + little(2) +
                                 little(108) + little(7), 4096) +
                      padded("firsttwo!", 2048) + padded("dtb", 2048) + padded(entry(5, 0, "") + entry(4, 5, "two"), 2048) + "x=1\ny=2";
  r = read(vendor);
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "ramdisk-0"), "first");
  EXPECT_EQ(content(r, "ramdisk-two"), "two!");
  EXPECT_EQ(content(r, "dtb"), "dtb");
  EXPECT_EQ(content(r, "bootconfig"), "x=1\ny=2");
  EXPECT_EQ(unread(r, vendor.size()), 0u);
}
TEST(AndroidBoot, VerifiedBootMetadata) {
  auto r = read(verified(), "vbmeta");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "public-key"), "PUBLICKEY");
  EXPECT_EQ(content(r, "public-key-of-boot"), "THE-KEY!");
  EXPECT_EQ(content(r, "kernel-cmdline"), "dm=\"1 vr\"");
  EXPECT_TRUE(r.sink.all(Facet::concealment).empty()) << "the hash is right";
  auto bytes = verified();
  bytes[130] ^= 1;
  EXPECT_TRUE(read(bytes, "vbmeta").sink.has(Facet::concealment, "mismatch"));
}
TEST(AndroidBoot, AFooterLeadsToTheMetadata) {
  auto bytes = padded(boot(), 8192);
  const auto at = bytes.size();
  bytes += verified();
  bytes = padded(bytes, 16384 - 64) + "AVBf" + big(1, 4) + big(0, 4) + big(boot().size(), 8) + big(at, 8) + big(verified().size(), 8) + std::string(28, '\0');
  const auto r = read(bytes);
  ASSERT_TRUE(r.result);
  EXPECT_EQ(content(r, "vbmeta"), verified());
  EXPECT_EQ(unread(r, bytes.size()), 0u);
}
TEST(AndroidBoot, OverlayTable) {
  const auto bytes = big(0xD7B7AB1E, 4) + big(32 + 64 + 40, 4) + big(32, 4) + big(32, 4) + big(2, 4) + big(32, 4) + big(2048, 4) + big(0, 4) + big(20, 4) + big(96, 4) + big(7, 4) + big(0, 20) + big(20, 4) +
                     big(116, 4) + big(8, 4) + big(0, 20) + "first tree in there.second tree in there";
  const auto r = read(bytes, "android-dtbo");
  ASSERT_TRUE(r.result);
  EXPECT_EQ(content(r, "overlay-0-id-7"), "first tree in there.");
  EXPECT_EQ(content(r, "overlay-1-id-8"), "second tree in there");
  EXPECT_EQ(unread(r, bytes.size()), 0u);
}
TEST(AndroidBoot, MkbootimgAgrees) {
  const parse::ScratchFolder folder;
  for (const auto& [name, size] : std::map<std::string, std::size_t>{{"kernel", 5000}, {"ramdisk", 3000}, {"second", 700}, {"dtb", 900}}) folder.write(name, name + some_text(size));
  folder.write("config", "androidboot.x=1\n");
  const auto file = [&](const std::string& name) { return " --" + name + " " + folder / name; };
  for (const std::string version : {"0", "1", "2", "3", "4"}) {
    auto command = "mkbootimg --header_version " + version + file("kernel") + file("ramdisk") + " --cmdline 'quiet init=/init' --os_version 11.0.0 --os_patch_level 2021-05 -o " + folder / "boot";
    if (version < "3") command += file("second");
    if (version == "2") command += file("dtb");
    if (!parse::run_tool(command)) {
      if (version == "0") GTEST_SKIP() << "no mkbootimg";
      continue;  // older tools know fewer versions
    }
    const auto bytes = parse::file_bytes(folder / "boot");
    const auto r = evidence::read_alone(android_boot(), bytes, "android-boot");
    ASSERT_TRUE(r.result) << version << r.result.error().what;
    EXPECT_EQ(content(r, "kernel"), "kernel" + some_text(5000)) << version;
    EXPECT_EQ(content(r, "ramdisk"), "ramdisk" + some_text(3000)) << version;
    EXPECT_EQ(content(r, "cmdline"), "quiet init=/init") << version;
    if (version < "3") { EXPECT_EQ(content(r, "second"), "second" + some_text(700)); }
    if (version == "2") { EXPECT_EQ(content(r, "dtb"), "dtb" + some_text(900)); }
    EXPECT_TRUE(r.sink.all(Facet::concealment).empty()) << version << ": the id is right";
    EXPECT_TRUE(r.sink.all(Facet::trouble).empty()) << version;
    EXPECT_EQ(unread(r, bytes.size()), 0u) << version;
  }
  for (const std::string version : {"3", "4"}) {
    auto command = "mkbootimg --header_version " + version + " --vendor_boot " + folder / "vendor" + file("dtb") + " --vendor_cmdline 'a=b' --vendor_ramdisk " + folder / "ramdisk";
    if (version == "4") command += " --vendor_bootconfig " + folder / "config" + " --ramdisk_type DLKM --ramdisk_name two --vendor_ramdisk_fragment " + folder / "second";
    if (!parse::run_tool(command)) continue;
    const auto bytes = parse::file_bytes(folder / "vendor");
    const auto r = evidence::read_alone(android_boot(), bytes, "android-boot");
    ASSERT_TRUE(r.result) << version << r.result.error().what;
    EXPECT_EQ(content(r, "dtb"), "dtb" + some_text(900)) << version;
    if (version == "4") {
      EXPECT_EQ(content(r, "ramdisk-two"), "second" + some_text(700));
      EXPECT_EQ(content(r, "bootconfig"), "androidboot.x=1\n");
    } else {
      EXPECT_EQ(content(r, "ramdisk"), "ramdisk" + some_text(3000));
    }
    EXPECT_EQ(unread(r, bytes.size()), 0u) << version;
  }
}
TEST(AndroidBoot, Survives) {
  expect_survives(android_boot(), boot(), "android-boot", 1500, "file", 600);
  expect_survives(android_boot(), verified(), "vbmeta");
}

}  // namespace
}  // namespace unpack
