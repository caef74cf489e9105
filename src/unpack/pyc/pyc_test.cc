#include <gtest/gtest.h>

#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& pyc();
namespace {

using evidence::Label;
using namespace std::string_literals;

std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* c = r.sink.child_named(name);
  return c ? std::string(base::text_of(c->bytes)) : "(no such member)";
}
std::string short_text(const std::string& s) { return "z" + le(s.size(), 1) + s; }
// A module of 3.8: one constant, one name.
std::string module_of() {
  return le(3413, 2) + "\r\n" + le(0, 12) + "\xe3" + le(0, 24) + "s" + le(4, 4) + "CODE" + ")\x02" + short_text("http://example.org/") + "N" + ")\x01" + short_text("socket") + ")" + le(0, 1) + ")" + le(0, 1) + ")" +
         le(0, 1) + short_text("m.py") + short_text("<module>") + le(1, 4) + "s" + le(2, 4) + "\x01\x02";
}

TEST(Pyc, ConstantsNamesAndBytecodeAreToldApart) {
  const auto bytes = module_of();
  const auto r = evidence::read_alone(pyc(), base::bytes_of(bytes), "pyc");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "constants"), "http://example.org/\nsocket\nm.py\n<module>\n");
  EXPECT_EQ(content(r, "names"), "socket\n");
  const auto t = evidence::tally(*evidence::tile(r.sink.claims, bytes.size(), {{}, Label::opaque, "nobody"}));
  EXPECT_EQ(t.of(Label::scanned), 4u);
  EXPECT_EQ(t.of(Label::opaque), 0u);
}
TEST(Pyc, EveryPythonsOwnCompiler) {
  const parse::ScratchFolder folder;
  (void)folder.write("m.py", "import os.path\nfrom socket import create_connection as c\nURL = 'http://example.net/beacon'\nT = (1, 2.5, 1j, 10**30, None, True, b'bytes!', u'\\u20ac')\n"
                             "def f(a, b=3, *args, **kw):\n  'a docstring'\n  x = [i for i in args if i > b]\n  return lambda: (a, x, {'inner-constant'})\nclass K(object):\n  def m(self):\n    return os.path.join('needle', '1')\n");
  unsigned read = 0;
  for (const std::string version : {"2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13"}) {
    if (!parse::run_tool("cd " + (folder / "") + " && python" + version + " -c \"import py_compile; py_compile.compile('m.py', cfile='m.pyc')\"")) continue;
    const auto bytes = parse::file_bytes(folder / "m.pyc");
    const auto r = evidence::read_alone(pyc(), bytes, "pyc");
    ASSERT_TRUE(r.result) << version << ": " << r.result.error().what;
    for (const std::string_view needle : {"http://example.net/beacon", "a docstring", "inner-constant", "needle", "bytes!"}) EXPECT_NE(content(r, "constants").find(needle), std::string::npos) << version << needle;
    EXPECT_NE(content(r, "names").find("create_connection\n"), std::string::npos) << version;
    EXPECT_EQ(r.sink.children.size(), 2u) << version << ": bytes behind the end";
    EXPECT_EQ(evidence::tally(*evidence::tile(r.sink.claims, bytes.size(), {{}, Label::opaque, "nobody"})).of(Label::opaque), 0u) << version;
    ++read;
  }
  if (!read) GTEST_SKIP() << "no Python is installed";
}
TEST(Pyc, BytesBehindTheModule) { EXPECT_EQ(content(evidence::read_alone(pyc(), base::bytes_of(module_of() + "tail"), "pyc"), "after-the-end"), "tail"); }
TEST(Pyc, Survives) { expect_survives(pyc(), module_of(), "pyc", 5000); }

}  // namespace
}  // namespace unpack
