#include <gtest/gtest.h>

#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& flatpak();
namespace {

std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* c = r.sink.child_named(name);
  return c ? std::string(base::text_of(c->bytes)) : "(no such member)";
}

// Serialised values: members at their alignments, ends of those without a fixed size behind them.
struct Value {
  std::string bytes;
  unsigned alignment = 1;
  bool fixed = false;
};
std::string tuple_of(const std::vector<Value>& members) {
  std::string out;
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < members.size(); ++i) {
    while (out.size() % members[i].alignment) out += '\0';
    out += members[i].bytes;
    if (!members[i].fixed && i + 1 < members.size()) ends.push_back(out.size());
  }
  const int width = out.size() + ends.size() <= 0xFF ? 1 : 2;
  for (auto i = ends.size(); i-- > 0;)
    for (int b = 0; b < width; ++b) out += static_cast<char>(ends[i] >> (8 * b));
  return out;
}
std::string array_of(const std::vector<std::string>& elements, unsigned alignment) {
  std::string out;
  std::vector<std::size_t> ends;
  for (const auto& e : elements) {
    while (out.size() % alignment) out += '\0';
    ends.push_back((out += e).size());
  }
  const int width = out.size() + ends.size() <= 0xFF ? 1 : 2;
  for (const auto end : ends)
    for (int b = 0; b < width; ++b) out += static_cast<char>(end >> (8 * b));
  return out;
}
std::string c_text(const std::string& s) { return s + '\0'; }
std::string number(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string bundle_of() {
  const std::string tree(32, 'T'), file(32, 'F'), lost(32, 'L'), meta(32, 'M');
  const auto listing = tuple_of({{array_of({tuple_of({{c_text("a.sh")}, {file}})}, 1)}, {""}});
  const std::string data = listing + "#!/bin/sh\n" + "hidden";
  const auto at = static_cast<char>(listing.size());
  const std::string operations = std::string("S") + at + '\0' + "S" + '\0' + '\0' + '\x0a' + at + "o" + '\0' + '\0' + '\6' + "w\6" + static_cast<char>(listing.size() + 10) + "c";
  const auto payload = tuple_of({{std::string("\0\0\0\1\0\0\0\2\0\0\x81\xed", 12), 4}, {""}, {data}, {operations}});
  const auto part = 'x' + xzipped(payload);
  const auto dictionary = array_of({tuple_of({{c_text("deltas/x/0")}, {part + '\0' + "(yay)", 8}}), tuple_of({{c_text("metadata")}, {c_text("[Application]") + '\0' + "s", 8}})}, 8);
  const auto commit = tuple_of({{"", 8}, {""}, {""}, {c_text("")}, {c_text("")}, {number(0, 8), 8, true}, {tree}, {meta}});
  const auto objects = '\2' + tree + '\1' + file + '\1' + lost;
  const auto entries = array_of({tuple_of({{number(0, 4), 4, true}, {std::string(32, 'c')}, {number(0, 8), 8, true}, {number(0, 8), 8, true}, {objects}})}, 8);
  return tuple_of({{dictionary, 8}, {number(0, 8), 8, true}, {""}, {std::string(32, 't')}, {commit, 8}, {""}, {entries, 8}, {"", 8}});
}

TEST(Flatpak, NamedFilesAndObjectsThatNoFolderNames) {
  const auto bytes = bundle_of();
  const auto r = evidence::read_alone(flatpak(), base::bytes_of(bytes), "flatpak");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "a.sh"), "#!/bin/sh\n");
  EXPECT_EQ(r.sink.child_named("a.sh")->entry.mode, 0755u);
  EXPECT_EQ(r.sink.child_named("a.sh")->entry.uid, 1u);
  EXPECT_EQ(content(r, "metadata"), "[Application]");
  EXPECT_EQ(content(r, "object-4c4c4c4c4c4c4c4c"), "hidden");
  EXPECT_TRUE(r.sink.items.empty()) << r.sink.items[0].value;
}
TEST(Flatpak, ARealMakersBundle) {
  const parse::ScratchFolder folder;
  if (!parse::run_tool("cd " + (folder / "") + " && mkdir -p app/files/bin app/export && printf '[Application]\\nname=org.example.App\\nruntime=org.example.Platform/x86_64/1\\ncommand=hello\\n' > app/metadata && seq 1 50000 > app/files/numbers && "
                       "seq 7 > app/files/bin/hello && chmod 755 app/files/bin/hello && ln -s hello app/files/bin/link && flatpak build-export repo app && flatpak build-bundle repo o.flatpak org.example.App"))
    GTEST_SKIP() << "flatpak is not installed";
  const auto bytes = parse::file_bytes(folder / "o.flatpak");
  const auto r = evidence::read_alone(flatpak(), bytes, "flatpak");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "files/numbers"), base::text_of(parse::file_bytes(folder / "app/files/numbers")));
  EXPECT_EQ(content(r, "files/bin/hello"), "1\n2\n3\n4\n5\n6\n7\n");
  EXPECT_EQ(r.sink.child_named("files/bin/hello")->entry.mode, 0755u);
  ASSERT_TRUE(r.sink.child_named("files/bin/link"));
  EXPECT_EQ(r.sink.child_named("files/bin/link")->entry.link, "hello");
  EXPECT_TRUE(r.sink.items.empty()) << r.sink.items[0].value;
}
TEST(Flatpak, Survives) { expect_survives(flatpak(), bundle_of(), "flatpak", 4000); }

}  // namespace
}  // namespace unpack
