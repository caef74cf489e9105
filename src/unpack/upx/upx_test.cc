#include <gtest/gtest.h>

#include <filesystem>

#include "parse/pe/pe.h"
#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"
#include "unpack/upx/nrv.h"
#include "unpack/upx/program.h"

namespace unpack {
const evidence::Reader& upx();
namespace {

using namespace upx_format;

std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}

// A stream of the methods NRV2B, 2D and 2E: literals, and the end mark.
class NrvWriter {
 public:
  std::string write(std::string_view text, char variant) {
    for (const char c : text) {
      bit(1);
      out_ += c;
    }
    // The end: a distance of all ones, 24 bits in pairs, and a last byte.
    bit(0);
    const std::uint32_t mark = 0x1000002;  // (mark - 3) * 256 + 0xFF = 2^32 - 1
    if (variant == 'b') {
      for (int i = 23; i >= 0; --i) bit(mark >> i & 1), bit(i == 0);
    } else {
      // Pairs: m = 2m + bit, and unless that ends it m = 2(m - 1) + bit.
      std::vector<unsigned> bits;
      std::uint32_t m = mark;
      bool last = true;
      while (m != 1) {
        if (last) bits.push_back(1), bits.push_back(m & 1), m >>= 1, last = false;
        else bits.push_back(m & 1), m = (m >> 1) + 1, bits.push_back(0), bits.push_back(m & 1), m >>= 1;
      }
      for (auto i = bits.size(); i-- > 0;) bit(bits[i]);
    }
    out_ += '\xFF';
    return out_;
  }

 private:
  // Words of 32 bits stand where the first of their bits is needed.
  void bit(unsigned b) {
    if (left_ == 0) {
      word_at_ = out_.size();
      out_ += std::string(4, '\0');
      left_ = 32;
      word_ = 0;
    }
    word_ |= b << --left_;
    out_.replace(word_at_, 4, le(word_, 4));
  }
  std::string out_;
  std::size_t word_at_ = 0;
  std::uint32_t word_ = 0;
  unsigned left_ = 0;
};

TEST(Upx, NrvStreams) {
  const auto text = some_text(1000);
  for (const auto& [method, variant] : {std::pair(2u, 'b'), std::pair(5u, 'd'), std::pair(8u, 'e')}) {
    const auto packed = NrvWriter().write(text, variant);
    evidence::Recorder sink({});
    const auto out = unpack_block(method, base::bytes_of(packed), text.size(), sink);
    ASSERT_TRUE(out) << variant << ": " << out.error().what;
    EXPECT_EQ(base::text_of(*out), text);
    EXPECT_FALSE(unpack_block(method, base::bytes_of(packed), text.size() - 1, sink));
  }
}

TEST(Upx, FiltersAreUndone) {
  // call +0x10 at offset 3: packed as mark, then the target from the start in big-endian order.
  std::string code = "abc\xE8" + std::string("\x26\x00\x00\x14", 4) + "more than five bytes";
  base::Buffer bytes(code.begin(), code.end());
  EXPECT_TRUE(unfilter(0x26, 0x26, bytes, 0));
  EXPECT_EQ(base::text_of(base::Bytes(bytes).subspan(3, 5)), std::string_view("\xE8\x10\x00\x00\x00", 5));
  EXPECT_FALSE(unfilter(0xD0, 0, bytes, 0));
}

// An ELF program of one loaded segment and a tail, packed in blocks: plain, NRV and LZMA.
std::string elf() {
  const auto header = "\x7F" "ELF\x02\x01\x01" + std::string(9, '\0') + le(2, 2) + le(62, 2) + le(1, 4) + le(0x400078, 8) + le(64, 8) + le(0, 8) + le(0, 4) + le(64, 2) + le(56, 2) + le(1, 2) + std::string(6, '\0');
  const auto program = le(1, 4) + le(5, 4) + le(0, 8) + le(0x400000, 8) + le(0x400000, 8) + le(3000, 8) + le(3000, 8) + le(4096, 8);
  return header + program + some_text(3000 - 120) + std::string(96, '\0') + some_text(904);
}
std::string packed_elf() {
  const auto whole = elf();
  const auto block = [](const std::string& plain, int method) {
    auto packed = method == 8 ? NrvWriter().write(plain, 'e') : method == 14 ? std::string("\x1A\x03") + lzma_encoded(plain).substr(13) : plain;
    if (packed.size() >= plain.size()) packed = plain;
    return le(plain.size(), 4) + le(packed.size(), 4) + static_cast<char>(method) + std::string(3, '\0') + packed;
  };
  const std::string loader = "the loader's code stands here";
  auto out = whole.substr(0, 120) + le(0, 4) + "UPX!" + le(loader.size(), 2) + "\x0D\x16" + le(0, 4) + le(whole.size(), 4) + le(whole.size(), 4);
  out += block(whole.substr(0, 120), 8) + block(whole.substr(120, 2880), 14);
  out += loader + block(whole.substr(3000), 14) + le(0, 4) + "UPX!" + le(0, 4);
  return out;
}

TEST(Upx, ElfProgramsComeBackWhole) {
  const auto bytes = packed_elf();
  const auto r = evidence::read_alone(upx(), base::bytes_of(bytes), "elf");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_TRUE(r.sink.all(evidence::Facet::trouble).empty()) << r.sink.all(evidence::Facet::trouble)[0].value;
  ASSERT_EQ(r.sink.children.size(), 1u);
  EXPECT_EQ(base::text_of(r.sink.children[0].bytes), elf());
  EXPECT_TRUE(r.sink.has(evidence::Facet::property, "format", "packed by UPX"));
}
TEST(Upx, OtherProgramsAreLeftAlone) {
  for (const auto* kind : {"elf", "pe"}) {
    const auto r = evidence::read_alone(upx(), base::bytes_of(elf() + "UPX!" + some_text(100)), kind);
    EXPECT_TRUE(r.result);
    EXPECT_TRUE(r.sink.children.empty() && r.sink.items.empty() && r.sink.claims.empty());
  }
}
TEST(Upx, Survives) {
  expect_survives(upx(), packed_elf(), "elf", 3000, "file", 600);
  if (const auto bytes = parse::file_bytes("/usr/share/clamav-testfiles/clam-upx.exe"); !bytes.empty()) expect_survives(upx(), std::string(base::text_of(bytes)), "pe", 2000, "file", 300);
}

// A real packed program of Windows: both sums hold, and the imports come back.
TEST(Upx, AWindowsProgram) {
  const auto bytes = parse::file_bytes("/usr/share/clamav-testfiles/clam-upx.exe");
  if (bytes.empty()) GTEST_SKIP() << "no clamav-testfiles";
  const auto r = evidence::read_alone(upx(), bytes, "pe");
  ASSERT_TRUE(r.result) << r.result.error().what;
  for (const auto& i : r.sink.all(evidence::Facet::trouble)) ADD_FAILURE() << i.value;
  ASSERT_FALSE(r.sink.children.empty());
  const auto program = parse::pe::read(r.sink.children[0].bytes);
  ASSERT_TRUE(program) << program.error().what;
  std::vector<std::string> imports;
  for (const auto& i : program->imports) imports.push_back(i.qualified());
  const std::vector<std::string> expected = {"kernel32.ExitProcess", "kernel32.GetModuleHandleA", "kernel32.GetStartupInfoA", "kernel32.GetCommandLineA", "user32.MessageBoxA"};
  EXPECT_EQ(imports, expected);
  // As long as the pack header says the program was.
  EXPECT_EQ(r.sink.children[0].bytes.size(), find_pack_header(bytes, bytes.size())->file);
}

}  // namespace
}  // namespace unpack
