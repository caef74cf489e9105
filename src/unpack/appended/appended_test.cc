#include <gtest/gtest.h>

#include "unpack/mutants.h"
#include "unpack/zip/make.h"

namespace unpack {
const evidence::Reader& appended();
namespace {

using namespace std::string_literals;
using evidence::Facet;

const std::string png = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0\0\0\0\0"s + "\0\0\0\0IEND\xae\x42\x60\x82"s;

std::string little(std::uint64_t v, int n) { return zip_number(v, n); }
// An ELF header and one segment that covers 120 bytes of the file.
std::string elf() {
  std::string out = "\x7f" "ELF\2\1\1"s + std::string(9, '\0') + little(2, 2) + little(62, 2) + little(1, 4) + little(0x400078, 8) + little(64, 8) + little(0, 8) +
                    little(0, 4) + little(64, 2) + little(56, 2) + little(1, 2) + little(64, 2) + little(0, 2) + little(0, 2);
  out += little(1, 4) + little(5, 4) + little(0, 8) + little(0x400000, 8) + little(0x400000, 8) + little(124, 8) + little(124, 8) + little(4096, 8);
  return out + "\xc3\xc3\xc3\xc3"s;
}

TEST(Appended, AZipBehindAPicture) {
  const auto r = evidence::read_alone(appended(), base::bytes_of(png + zip_of({{"a.sh", "id"}})), "png");
  ASSERT_EQ(r.sink.children.size(), 1u);
  EXPECT_EQ(r.sink.children[0].entry.origin, artifact::Origin::embedded);
  EXPECT_EQ(base::text_of(r.sink.children[0].bytes), zip_of({{"a.sh", "id"}}));
  EXPECT_EQ(r.sink.all(Facet::concealment).at(0).confidence, evidence::Confidence::high);
}
TEST(Appended, AZipBehindAProgram) {
  const auto r = evidence::read_alone(appended(), base::bytes_of(elf() + zip_of({{"a", "1"}})), "elf");
  ASSERT_EQ(r.sink.children.size(), 1u);
  EXPECT_EQ(r.sink.all(Facet::concealment).at(0).confidence, evidence::Confidence::low);
}
TEST(Appended, ATarballBehindAShellInstaller) {
  const auto script = "#!/bin/sh\ntail -n +4 $0 | tar xz\nexit 0\n"s;
  const auto r = evidence::read_alone(appended(), base::bytes_of(script + gzipped(some_text(2000))), "script/shell");
  ASSERT_EQ(r.sink.children.size(), 1u);
  EXPECT_EQ(base::text_of(r.sink.children[0].bytes), gzipped(some_text(2000)));
}
TEST(Appended, AnAppImageOfTypeOneIsAnIsoImage) {
  auto bytes = elf() + std::string(0x9000, '\0');
  bytes.replace(0x8001, 5, "CD001");
  const auto r = evidence::read_alone(appended(), base::bytes_of(bytes), "appimage");
  ASSERT_EQ(r.sink.children.size(), 1u);
  EXPECT_EQ(r.sink.children[0].entry.kind, "iso");
}
TEST(Appended, NothingBehindMeansNothingStated) {
  for (const auto& [bytes, kind] : {std::pair{png, "png"}, {elf(), "elf"}, {"#!/bin/sh\necho \xc3\xa9\n"s, "script/shell"}, {png + "\n", "png"}, {elf() + std::string(64, '\0'), "elf"}}) {
    const auto r = evidence::read_alone(appended(), base::bytes_of(bytes), kind);
    EXPECT_TRUE(r.result);
    EXPECT_TRUE(r.sink.children.empty()) << kind;
    EXPECT_TRUE(r.sink.items.empty()) << kind;
  }
}
TEST(Appended, Survives) {
  expect_survives(appended(), png + zip_of({{"a", "1"}}), "png", 3000);
  expect_survives(appended(), elf() + zip_of({{"a", "1"}}), "elf", 3000);
  expect_survives(appended(), "GIF89a\1\0\1\0\x80\0\0......\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0;"s + zip_of({{"a", "1"}}), "gif", 3000);
}

}  // namespace
}  // namespace unpack
