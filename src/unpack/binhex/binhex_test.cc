#include <gtest/gtest.h>

#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& binhex();
namespace {

std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* c = r.sink.child_named(name);
  return c ? std::string(base::text_of(c->bytes)) : "(no such member)";
}
std::string be(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = bytes; i-- > 0;) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
unsigned crc_of(const std::string& s) {
  unsigned crc = 0;
  for (const unsigned char c : s) {
    crc ^= static_cast<unsigned>(c) << 8;
    for (int i = 0; i < 8; ++i) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xFFFF;
  }
  return crc;
}
std::string binhex_of(const std::string& data, const std::string& resource) {
  const std::string head = be(5, 1) + "a.bin" + std::string(1, '\0') + "BINAtest" + be(0, 2) + be(data.size(), 4) + be(resource.size(), 4);
  const std::string plain = head + be(crc_of(head), 2) + data + be(crc_of(data), 2) + resource + be(crc_of(resource), 2);
  std::string packed;
  for (std::size_t i = 0; i < plain.size();) {  // runs of four and more
    std::size_t run = 1;
    while (i + run < plain.size() && plain[i + run] == plain[i] && run < 255) ++run;
    if (run >= 4 && plain[i] != '\x90') packed += std::string{plain[i], '\x90', static_cast<char>(run)}, i += run;
    else packed += plain[i] == '\x90' ? std::string("\x90\0", 2) : std::string(1, plain[i]), ++i;
  }
  static constexpr std::string_view alphabet = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
  std::string out = "(This file must be converted with BinHex 4.0)\r\r:";
  unsigned buffer = 0, count = 0;
  for (const unsigned char c : packed) {
    buffer = buffer << 8 | c;
    for (count += 8; count >= 6;) out += alphabet[buffer >> (count -= 6) & 63];
  }
  if (count) out += alphabet[buffer << (6 - count) & 63];
  return out + ":\r";
}

TEST(Binhex, BothForksWithRunsAndTheRunMarkItself) {
  const std::string data = "hello\x90world" + std::string(300, 'z');
  const auto r = evidence::read_alone(binhex(), base::bytes_of(binhex_of(data, "resource")), "binhex");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "a.bin"), data);
  EXPECT_EQ(content(r, "a.bin.rsrc"), "resource");
  EXPECT_TRUE(r.sink.all(evidence::Facet::trouble).empty());
}
TEST(Binhex, MacBinaryForksAndTheirPadding) {
  std::string bytes(128, '\0');
  bytes[1] = 1;
  bytes[2] = 'f';
  bytes.replace(83, 8, be(5, 4) + be(3, 4));
  bytes += "hello" + std::string(123, '\0') + "res" + std::string(125, '\0');
  const auto r = evidence::read_alone(binhex(), base::bytes_of(bytes), "macbinary");
  EXPECT_EQ(content(r, "f"), "hello");
  EXPECT_EQ(content(r, "f.rsrc"), "res");
  EXPECT_EQ(evidence::tally(*evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""})).of(evidence::Label::scanned), 0u);
}
TEST(Binhex, Survives) { expect_survives(binhex(), binhex_of("hello\x90world" + std::string(300, 'z'), "resource"), "binhex", 2000); }

}  // namespace
}  // namespace unpack
