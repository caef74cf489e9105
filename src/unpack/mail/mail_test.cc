#include <gtest/gtest.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& mail();
namespace {

std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* c = r.sink.child_named(name);
  return c ? std::string(base::text_of(c->bytes)) : "(no such member)";
}
const std::string multipart =
    "From: a@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary=\"B\"\r\n\r\nnobody sees this\r\n--B\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "one=3Dtwo=\r\n three\r\n--B\r\nContent-Type: application/x; name=\"a.bin\"\r\nContent-Transfer-Encoding: Base64\r\n\r\naGVs\r\nbG8=\r\n--B--\r\nafter it\r\n";

TEST(Mail, PartsAreDecodedAndEveryByteHasALabel) {
  const auto r = evidence::read_alone(mail(), base::bytes_of(multipart), "mail");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "part-1/body"), "one=two three\r\n");
  EXPECT_EQ(content(r, "part-2/a.bin"), "hello");
  EXPECT_EQ(content(r, "before-the-parts"), "nobody sees this\r\n");
  EXPECT_EQ(content(r, "after-the-parts"), "after it\r\n");
  EXPECT_EQ(evidence::tally(*evidence::tile(r.sink.claims, multipart.size(), {{}, evidence::Label::scanned, ""})).of(evidence::Label::scanned), 0u);
}
TEST(Mail, AMailboxOfTwoMessages) {
  const auto r = evidence::read_alone(mail(), base::bytes_of("From a@b Thu Jul 31 13:49:50 2008\nFrom: a\nSubject: 1\n\nfirst\n\nFrom c@d Thu Jul 31 13:49:50 2008\nFrom: c\nSubject: 2\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n"), "mail");
  EXPECT_EQ(content(r, "body"), "first\n\n");
  EXPECT_EQ(content(r, "message-2/body"), "hello");
}
// Headers look like a mail without a body: read as one, they would hold themselves without end.
TEST(Mail, HeadersAreText) {
  const auto r = evidence::read_alone(mail(), base::bytes_of(multipart), "mail");
  ASSERT_TRUE(r.sink.child_named("headers"));
  EXPECT_EQ(r.sink.child_named("headers")->entry.kind, "text");
}
TEST(Mail, Survives) { expect_survives(mail(), "From a@b x\n" + multipart + "\nFrom c@d x\n" + multipart, "mail", 3000); }

}  // namespace
}  // namespace unpack
