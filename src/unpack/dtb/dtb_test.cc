#include <gtest/gtest.h>

#include "parse/firmware/layout.h"
#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& dtb();
namespace {

using evidence::Facet;

std::string big(std::uint64_t v) {
  const auto b = parse::firmware::to_bytes(static_cast<std::uint32_t>(v));
  return {b.begin(), b.end()};
}
std::string filled(std::string text) { return text.resize((text.size() + 3) & ~3ull, '\0'), text; }

// Writes a tree from nodes and properties.
class Writer {
 public:
  Writer& node(const std::string& name) { return body_ += big(1) + filled(name + '\0'), *this; }
  Writer& end() { return body_ += big(2), *this; }
  Writer& property(const std::string& name, const std::string& value) {
    body_ += big(3) + big(value.size()) + big(strings_.size()) + filled(value);
    strings_ += name + '\0';
    return *this;
  }
  std::string tree() const {
    const auto body = body_ + big(9);
    return big(0xD00DFEED) + big(56 + body.size() + strings_.size()) + big(56) + big(56 + body.size()) + big(40) + big(17) + big(16) + big(0) + big(strings_.size()) + big(body.size()) +
           std::string(16, '\0') + body + strings_;
  }

 private:
  std::string body_, strings_;
};

std::string fit(const std::string& sum) {
  Writer w;
  w.node("").property("description", std::string("two\0", 4)).node("images");
  w.node("kernel").property("data", "kernel code").property("type", std::string("kernel\0", 7));
  w.node("hash-1").property("algo", std::string("crc32\0", 6)).property("value", sum).end().end();
  w.node("boot.scr").property("type", std::string("script\0", 7)).property("data-offset", big(0)).property("data-size", big(6)).end();
  const auto tree = w.end().end().tree();
  return filled(tree) + "echo a";
}
evidence::Reading read(const std::string& bytes, std::string_view kind = "dtb") { return evidence::read_alone(dtb(), base::bytes_of(bytes), kind); }
std::uint64_t unread(const evidence::Reading& r, std::size_t size) {
  const auto tally = evidence::tally(*evidence::tile(r.sink.claims, size, {{}, evidence::Label::scanned, ""}));
  return tally.of(evidence::Label::scanned) + tally.of(evidence::Label::opaque);
}

TEST(Dtb, BootArgumentsAndBlobs) {
  Writer w;
  w.node("").node("chosen").property("bootargs", std::string("console=ttyS0 init=/bin/sh\0", 27)).end();
  w.node("firmware").property("data", some_text(600)).property("short", "x").end().end();
  const auto bytes = w.tree();
  const auto r = read(bytes);
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("chosen/bootargs"));
  EXPECT_EQ(base::text_of(r.sink.child_named("chosen/bootargs")->bytes), "console=ttyS0 init=/bin/sh");
  ASSERT_TRUE(r.sink.child_named("firmware/data"));
  EXPECT_EQ(base::text_of(r.sink.child_named("firmware/data")->bytes), some_text(600));
  EXPECT_EQ(unread(r, bytes.size()), 0u);
}
TEST(Dtb, ImagesInsideAndBehindTheTree) {
  const auto bytes = fit(big(0x0cc13b1f));
  const auto r = read(bytes, "fit");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("kernel"));
  EXPECT_EQ(base::text_of(r.sink.child_named("kernel")->bytes), "kernel code");
  ASSERT_TRUE(r.sink.child_named("boot.scr"));
  EXPECT_EQ(base::text_of(r.sink.child_named("boot.scr")->bytes), "echo a");
  EXPECT_EQ(r.sink.child_named("boot.scr")->entry.kind, "script/shell");
  EXPECT_TRUE(r.sink.has(Facet::concealment, "mismatch")) << "a wrong hash";
  EXPECT_EQ(unread(r, bytes.size()), 0u);
}
TEST(Dtb, MkimageAndDtcAgree) {
  const parse::ScratchFolder folder;
  folder.write("kernel", some_text(5000));
  folder.write("tree.its", "/dts-v1/; / { description=\"x\"; images { kernel-1 { data=/incbin/(\"" + folder / "kernel" +
                               "\"); type=\"kernel\"; arch=\"arm\"; os=\"linux\"; compression=\"none\"; hash-1 {algo=\"sha256\";}; hash-2 {algo=\"crc32\";}; hash-3 {algo=\"sha1\";}; }; };"
                               "configurations { default=\"a\"; a { kernel=\"kernel-1\"; }; }; };");
  for (const std::string options : {"", "-E", "-E -p 0x2000"}) {
    if (!parse::run_tool("cd " + folder / "" + " && mkimage -f tree.its " + options + " out.itb")) GTEST_SKIP() << "no mkimage or dtc";
    const auto bytes = parse::file_bytes(folder / "out.itb");
    const auto r = evidence::read_alone(dtb(), bytes, "fit");
    ASSERT_TRUE(r.result) << r.result.error().what;
    ASSERT_TRUE(r.sink.child_named("kernel-1")) << options;
    EXPECT_EQ(base::text_of(r.sink.child_named("kernel-1")->bytes), some_text(5000));
    EXPECT_TRUE(r.sink.all(Facet::concealment).empty()) << options << ": the hashes are right";
    EXPECT_TRUE(r.sink.all(Facet::trouble).empty());
    EXPECT_LT(unread(r, bytes.size()), 4u) << options << ": dtc aligns with what was in memory";
  }
}
TEST(Dtb, Survives) {
  expect_survives(dtb(), fit(big(1)), "fit");
  Writer w;
  w.node("").node("chosen").property("bootargs", std::string("a\0", 2)).end().property("long", some_text(520)).end();
  expect_survives(dtb(), w.tree(), "dtb");
}

}  // namespace
}  // namespace unpack
