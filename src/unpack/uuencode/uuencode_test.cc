#include <gtest/gtest.h>

#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& uuencode();
namespace {

std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* c = r.sink.child_named(name);
  return c ? std::string(base::text_of(c->bytes)) : "(no such member)";
}
const std::string uu = "a letter\nbegin 644 cat.txt\n#0V%T\n`\nend\nbegin-base64 644 b\naGVsbG8=\n====\n";

TEST(Uuencode, BothAlphabets) {
  const auto r = evidence::read_alone(uuencode(), base::bytes_of(uu), "uuencode");
  ASSERT_TRUE(r.result);
  EXPECT_EQ(content(r, "cat.txt"), "Cat");
  EXPECT_EQ(content(r, "b"), "hello");
}
TEST(Uuencode, YencWithEscapes) {
  std::string body;
  for (const unsigned char c : std::string("hi\xD6\xE3 there")) {  // +42 gives NUL and CR, which are escaped
    const auto v = static_cast<unsigned char>(c + 42);
    if (v == 0 || v == '\r' || v == '\n' || v == '=') body += '=', body += static_cast<char>(v + 64);
    else body += static_cast<char>(v);
  }
  const auto r = evidence::read_alone(uuencode(), base::bytes_of("=ybegin line=128 size=10 name=y.bin\r\n" + body + "\r\n=yend size=10\r\n"), "yenc");
  EXPECT_EQ(content(r, "y.bin"), "hi\xD6\xE3 there");
}
TEST(Uuencode, Survives) { expect_survives(uuencode(), uu, "uuencode", 3000); }

}  // namespace
}  // namespace unpack
