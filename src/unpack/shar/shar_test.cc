#include <gtest/gtest.h>

#include "parse/run_tool.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& shar();
namespace {

std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* c = r.sink.child_named(name);
  return c ? std::string(base::text_of(c->bytes)) : "(no such member)";
}
const std::string archive =
    "#!/bin/sh\n# This is a shell archive.\nsed 's/^X//' << 'SHAR_EOF' > 'a b.txt' &&\nXone\nXXtwo\nSHAR_EOF\nsed 's/^X//' << 'SHAR_EOF' | uudecode &&\nXbegin 644 cat.txt\nX#0V%T\nX`\nXend\nSHAR_EOF\nwc <<END\nno file\nEND\n";

TEST(Shar, PlainAndEncodedFiles) {
  const auto r = evidence::read_alone(shar(), base::bytes_of(archive), "script/shell");
  ASSERT_TRUE(r.result);
  EXPECT_EQ(content(r, "a b.txt"), "one\nXtwo\n");
  EXPECT_EQ(content(r, "cat.txt"), "Cat");
  EXPECT_EQ(r.sink.children.size(), 2u);
}
TEST(Shar, AnOrdinaryScriptIsLeftAlone) {
  EXPECT_TRUE(evidence::read_alone(shar(), base::bytes_of("#!/bin/sh\ncat > /etc/motd << EOF\nhello\nEOF\n"), "script/shell").sink.children.empty());
}
TEST(Shar, ARealArchive) {
  const char* shared = std::getenv("ASSAY_SHARED");
  const auto bytes = parse::file_bytes(std::string(shared ? shared : "") + "/data/unpack/firmware/patool/test.shar");
  if (bytes.empty()) GTEST_SKIP() << "the shared data are not here";
  const auto r = evidence::read_alone(shar(), bytes, "script/shell");
  EXPECT_EQ(content(r, "get_files_test/testfile1").size(), 62u);
  EXPECT_EQ(r.sink.children.size(), 3u);
}
TEST(Shar, Survives) { expect_survives(shar(), archive, "script/shell", 2000); }

}  // namespace
}  // namespace unpack
