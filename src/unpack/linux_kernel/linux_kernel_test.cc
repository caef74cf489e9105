#include <gtest/gtest.h>

#include <cstdlib>

#include "parse/run_tool.h"
#include "unpack/codec.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"
#include "unpack/walk.h"

namespace unpack {
const evidence::Reader& linux_kernel();
namespace {

using evidence::Facet;

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string cpio_entry(const std::string& name, const std::string& content) {
  char head[111];
  snprintf(head, sizeof head, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1, 0100644, 0, 0, 1, 0, static_cast<unsigned>(content.size()), 0, 0, 0, 0, static_cast<unsigned>(name.size() + 1), 0);
  auto out = head + name + '\0';
  out.resize((out.size() + 3) & ~3ull, '\0');
  out += content;
  out.resize((out.size() + 3) & ~3ull, '\0');
  return out;
}
std::string initramfs() { return cpio_entry("init", "#!/bin/sh\nexec sh\n") + cpio_entry("TRAILER!!!", ""); }

// Two sectors of setup code, a loader, the packed kernel with its length behind it, more loader.
std::string bzimage(const std::string& packed, bool says_where = true) {
  std::string setup(1024, '\x90');
  setup.replace(0x1f1, 1, n(1, 1));
  setup.replace(0x1fe, 2, "\x55\xaa");
  setup.replace(0x202, 4, "HdrS");
  setup.replace(0x206, 2, n(says_where ? 0x20f : 0x206, 2));
  setup.replace(0x20e, 2, n(0x300 - 0x200, 2));
  setup.replace(0x300, 6, std::string("6.1.0\0", 6));
  setup.replace(0x248, 8, n(64, 4) + n(packed.size() + 4, 4));
  auto body = std::string(64, '\xcc') + packed + n(12345, 4) + some_text(200);
  body.resize((body.size() + 15) / 16 * 16, '\0');
  setup.replace(0x1f4, 4, n(body.size() / 16, 4));
  return setup + body;
}
evidence::Reading read(const std::string& bytes) { return evidence::read_alone(linux_kernel(), base::bytes_of(bytes), "linux-kernel", "vmlinuz"); }

TEST(LinuxKernel, UnpacksByHeaderAndBySearch) {
  const auto kernel = some_text(50'000);
  for (const auto& packed : {gzipped(kernel), xzipped(kernel), bzipped(kernel), lzma_encoded(kernel), zstd_encoded(kernel)})
    for (const bool says_where : {true, false}) {
      const auto bytes = bzimage(packed, says_where);
      const auto r = read(bytes);
      ASSERT_TRUE(r.result) << r.result.error().what;
      ASSERT_TRUE(r.sink.child_named("vmlinux"));
      EXPECT_EQ(base::text_of(r.sink.child_named("vmlinux")->bytes), kernel);
      EXPECT_EQ(r.sink.child_named("vmlinux")->entry.kind, "linux-kernel");
      EXPECT_TRUE(r.sink.child_named("setup"));
      const auto tally = evidence::tally(*evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""}));
      EXPECT_LT(tally.of(evidence::Label::scanned), 16u) << "only the length behind the stream";
      EXPECT_TRUE(r.sink.all(Facet::concealment).empty());
    }
}
TEST(LinuxKernel, PlainKernelsCarryAnInitramfs) {
  for (const auto& inside : {initramfs(), gzipped(initramfs()), xzipped(initramfs())}) {
    const auto r = read(std::string(64, '\x90') + "Linux version 6.1.0 " + std::string(44, 'x') + inside + "IKCFG_ST" + gzipped("CONFIG_A=y\n") + "IKCFG_ED" + some_text(1000));
    ASSERT_TRUE(r.result);
    const auto* found = r.sink.child_named(inside[0] == '0' ? "initramfs.cpio" : "initramfs");
    ASSERT_TRUE(found);
    EXPECT_EQ(base::text_of(found->bytes), inside);
    ASSERT_TRUE(r.sink.child_named("config.gz"));
    EXPECT_EQ(base::text_of(r.sink.child_named("config.gz")->bytes), gzipped("CONFIG_A=y\n"));
  }
}
TEST(LinuxKernel, WhatIsLeftOfAnArmImageIsNoKernelAgain) {
  auto head = std::string(0x24, '\0') + n(0x016F2818, 4) + n(0, 4) + n(8192, 4) + n(0x04030201, 4);
  head.resize(512, '\xe1');
  auto bytes = head + gzipped(some_text(5000));
  bytes.resize(8192, 'l');
  const auto r = read(bytes);
  ASSERT_TRUE(r.sink.child_named("vmlinux"));
  EXPECT_EQ(base::text_of(r.sink.child_named("vmlinux")->bytes), some_text(5000));
  for (const auto& child : r.sink.children)
    if (child.entry.name != "vmlinux") {
      EXPECT_NE(identify::identify({child.bytes, "x"}).kind, "linux-kernel") << child.entry.name;
    }
}
TEST(LinuxKernel, ADamagedStreamIsStated) {
  auto bytes = bzimage(gzipped(some_text(50'000)));
  bytes[4000] ^= 0x55;
  const auto r = read(bytes);
  EXPECT_TRUE(r.result);
  EXPECT_TRUE(r.sink.has(Facet::trouble, "malformed"));
}
TEST(LinuxKernel, LegacyLz4AndLzopStreams) {
  const parse::ScratchFolder folder;
  const auto kernel = some_text(9'000'000);  // more than one block of 8 MiB
  folder.write("kernel", kernel);
  for (const std::string tool : {"lz4 -l -9 -c ", "lzop -c "}) {
    const auto packed = parse::run_tool(tool + folder / "kernel");
    if (!packed || packed->empty()) GTEST_SKIP() << "no " << tool;
    const auto* codec = stream::codec_at(base::bytes_of(*packed));
    ASSERT_TRUE(codec);
    std::string content;
    const auto whole = *packed + n(kernel.size(), 4);
    const auto decoded = codec->decode(base::bytes_of(whole), [&](base::Bytes b) -> base::Result<> { return content += base::text_of(b), base::Result<>{}; });
    EXPECT_TRUE(decoded.end);
    EXPECT_EQ(decoded.consumed, packed->size());
    EXPECT_TRUE(content == kernel);
  }
}
TEST(LinuxKernel, RealKernels) {
  const char* shared = std::getenv("ASSAY_SHARED");
  if (!shared) GTEST_SKIP() << "no shared data";
  for (const std::string name : {"bzImage_lzo", "bzImage_xz"}) {
    const auto bytes = parse::file_bytes(std::string(shared) + "/data/unpack/firmware/linuxkernel/" + name);
    if (bytes.empty()) GTEST_SKIP() << "no shared data";
    EXPECT_EQ(identify::identify({bytes, name}).kind, "linux-kernel");
    bool elf = false;
    walk(bytes, {.name = name}, {}, [&](const Visited& v) { elf = elf || (v.kind == "elf" && v.bytes.size() > 500'000); });
    EXPECT_TRUE(elf) << name;
  }
}
TEST(LinuxKernel, Survives) {
  expect_survives(linux_kernel(), bzimage(gzipped(some_text(3000))), "linux-kernel", 1500);
  expect_survives(linux_kernel(), bzimage(lzma_encoded(some_text(3000)), false), "linux-kernel", 1500);
  expect_survives(linux_kernel(), std::string(64, '\x90') + initramfs() + "IKCFG_ST" + gzipped("CONFIG_A=y\n") + "IKCFG_ED", "linux-kernel", 1500);
}

}  // namespace
}  // namespace unpack
