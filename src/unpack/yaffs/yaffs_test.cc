#include <gtest/gtest.h>

#include "unpack/decode/compare.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& yaffs();
namespace {

// Writes images of any shape.
struct Maker {
  std::size_t page = 2048, spare = 64, tags = 0;
  bool big = false, first = false;
  std::string image = {};

  std::string n(std::uint64_t v, int bytes) const {
    std::string out;
    if (bytes > 8) return std::string(static_cast<std::size_t>(bytes), '\0');
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(v >> (8 * (big ? bytes - 1 - i : i)));
    return out;
  }
  void add(std::string content, std::uint32_t object, std::uint32_t chunk, std::uint32_t bytes, std::uint32_t sequence) {
    content.resize(page, '\xff');
    std::string area(spare, '\xff');
    if (first) {
      const auto a = n(big ? chunk << 12 | (bytes & 0x3ff) : chunk | (bytes & 0x3ff) << 22, 4), b = n(big ? object << 14 : object, 4);
      area.replace(0, 4, a).replace(6, 2, b.substr(0, 2)).replace(11, 2, b.substr(2, 2));
    } else if (spare) {
      area.replace(tags, 16, n(sequence, 4) + n(object, 4) + n(chunk, 4) + n(chunk ? bytes : 0xffff, 4));
    }
    image += content + area;
  }
  void header(std::uint32_t object, unsigned type, std::uint32_t parent, std::string name, std::uint32_t mode, std::uint64_t size, std::uint32_t sequence, std::string target = "", std::uint32_t same = UINT32_MAX) {
    name.resize(256);
    target.resize(160);
    add(n(type, 4) + n(parent, 4) + "\xff\xff" + name + "\xff\xff" + n(mode, 4) + n(1000, 4) + n(7, 4) + n(0, 12) + n(type == 1 ? size : UINT64_MAX, 4) + n(same, 4) + target, object, 0, 0, sequence);
  }
  void file(std::uint32_t object, std::uint32_t parent, const std::string& name, const std::string& text, std::uint32_t sequence) {
    header(object, 1, parent, name, 0100640, text.size(), sequence);
    for (std::size_t at = 0, chunk = 1; at < text.size(); at += page, ++chunk) {
      const auto part = text.substr(at, page);
      add(part, object, static_cast<std::uint32_t>(chunk), static_cast<std::uint32_t>(part.size()), sequence);
    }
  }
};

const std::string text = some_text(5000);

std::string sound(Maker m) {
  m.header(1, 3, 1, "", 0040755, 0, 0x1000);
  m.file(257, 1, "file", text, 0x1000);
  m.header(258, 3, 1, "folder", 0040755, 0, 0x1000);
  m.header(259, 2, 258, "ln", 0120777, 0, 0x1000, "../file");
  m.header(260, 4, 258, "again", 0100640, 0, 0x1000, "", 257);
  m.file(261, 258, "second", "second", 0x1001);
  return m.image + std::string((m.page + m.spare) * 2, '\xff');
}

TEST(Yaffs, EveryShape) {
  for (const auto& shape : {Maker{}, Maker{2048, 64, 2}, Maker{.big = true}, Maker{4096, 128, 0}, Maker{4096, 224, 30}, Maker{512, 16, 0, false, true}, Maker{512, 16, 0, true, true}, Maker{512, 16}, Maker{2048, 0},
                            Maker{512, 0, 0, true}}) {
    const auto bytes = sound(shape);
    const auto r = evidence::read_alone(yaffs(), base::bytes_of(bytes), "yaffs");
    ASSERT_TRUE(r.result) << shape.page << "+" << shape.spare << ": " << r.result.error().what;
    for (const auto& i : r.sink.all(evidence::Facet::trouble)) ADD_FAILURE() << shape.page << "+" << shape.spare << ": " << i.value;
    ASSERT_TRUE(r.sink.child_named("file")) << shape.page << "+" << shape.spare;
    EXPECT_EQ(base::text_of(r.sink.child_named("file")->bytes), text);
    EXPECT_EQ(r.sink.child_named("file")->entry.mode, 0640u);
    EXPECT_EQ(r.sink.child_named("file")->entry.uid, 1000u);
    ASSERT_TRUE(r.sink.child_named("folder/ln"));
    EXPECT_EQ(r.sink.child_named("folder/ln")->entry.link, "../file");
    ASSERT_TRUE(r.sink.child_named("folder/again"));
    EXPECT_EQ(r.sink.child_named("folder/again")->entry.link, "file");
    ASSERT_TRUE(r.sink.child_named("folder/second"));
    EXPECT_EQ(base::text_of(r.sink.child_named("folder/second")->bytes), "second");
    EXPECT_EQ(left_over(r, bytes.size()), 0u);
    for (const auto& c : r.sink.children) EXPECT_NE(c.entry.origin, artifact::Origin::hidden) << c.entry.name;
  }
}
TEST(Yaffs, NewestVersionsAndWhatTheyReplaced) {
  Maker m;
  m.file(257, 1, "file", "the older words", 0x1000);
  m.file(258, 1, "gone", "deleted words", 0x1000);
  m.add("the newer words", 257, 1, 15, 0x1002);
  m.header(257, 1, 1, "renamed", 0100640, 15, 0x1002);
  m.header(258, 1, 4, "deleted", 0100640, 13, 0x1002);
  const auto r = evidence::read_alone(yaffs(), base::bytes_of(m.image), "yaffs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("renamed"));
  EXPECT_EQ(base::text_of(r.sink.child_named("renamed")->bytes), "the newer words");
  EXPECT_FALSE(r.sink.child_named("file"));
  ASSERT_TRUE(r.sink.child_named("replaced-data-of-object-257/renamed"));
  EXPECT_EQ(base::text_of(r.sink.child_named("replaced-data-of-object-257/renamed")->bytes), "the older words");
  ASSERT_TRUE(r.sink.child_named("deleted-object-258/deleted"));
  EXPECT_EQ(r.sink.child_named("deleted-object-258/deleted")->entry.origin, artifact::Origin::hidden);
}
TEST(Yaffs, SharedInput) {
  const auto bytes = shared_input("binwalk/yaffs2.bin");
  if (!bytes) GTEST_SKIP();
  const auto r = evidence::read_alone(yaffs(), *bytes, "yaffs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(sums(r).size(), 13u);
  ASSERT_TRUE(r.sink.child_named("yportenv.h"));
  EXPECT_EQ(r.sink.child_named("yportenv.h")->bytes.size(), 2u * 2048 + 0x327);
  EXPECT_EQ(left_over(r, bytes->size()), 0u);
}
TEST(Yaffs, Survives) { expect_survives(yaffs(), sound(Maker{512, 16}), "yaffs"); }

}  // namespace
}  // namespace unpack
