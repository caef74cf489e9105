#include "intake/intake.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace intake;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    char name[] = "/tmp/assay-intake-XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
  }
};

std::string content;

base::Result<FrozenFile> freeze(int file) {
  base::Buffer all;
  std::uint8_t chunk[4096];
  for (ssize_t n; (n = read(file, chunk, sizeof chunk)) > 0;) all.insert(all.end(), chunk, chunk + n);
  content = std::string(base::text_of(all));
  return FrozenFile{-1, base::sha256(base::Bytes(all)), all.size()};
}

}  // namespace

TEST(Intake, AFolderIsTakenInSortedAndWithoutFollowingLinks) {
  Folder f;
  f.write("b", "2");
  f.write("a/c", "1");
  fs::create_directory_symlink(f.path, f.path / "loop");
  const auto p = take({f.path.string()}, freeze);
  ASSERT_TRUE(p);
  std::vector<std::string> names;
  for (const auto& piece : p->pieces) names.push_back(piece.entry.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "a/c", "b", "loop"}));
  EXPECT_EQ(p->pieces[3].entry.nature, artifact::Nature::symlink);
  EXPECT_EQ(p->size, 2u);
}

TEST(Intake, TheDigestOfOneFileIsItsOwn) {
  Folder f;
  f.write("x", "abc");
  EXPECT_EQ(take({(f.path / "x").string()}, freeze)->digest, base::sha256("abc"));
}

TEST(Intake, TheDigestOfAFolderDependsOnNamesAndContent) {
  Folder f, g;
  f.write("x", "1");
  f.write("z", "2");
  g.write("y", "1");
  g.write("z", "2");
  EXPECT_NE(take({f.path.string()}, freeze)->digest, take({g.path.string()}, freeze)->digest);
}

TEST(Intake, AnImageLayoutBecomesOneTarThatTarReads) {
  Folder f;
  f.write("oci-layout", "{}");
  f.write("blobs/sha256/aa", std::string(700, 'x'));
  const auto p = take({f.path.string()}, freeze);
  ASSERT_TRUE(p);
  ASSERT_EQ(p->pieces.size(), 1u);
  std::ofstream(f.path / "out.tar") << content;
  const auto list = f.path / "list";
  ASSERT_EQ(std::system(("tar tf '" + (f.path / "out.tar").string() + "' > '" + list.string() + "'").c_str()), 0);
  std::ifstream in(list);
  std::string all((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(all, "blobs/sha256/aa\noci-layout\n");
}

TEST(Intake, WhatCantBeTakenIsOneSentenceWithEscapedNames) {
  for (const auto& path : {std::string("/nonexistent/a\nb\x1b[31m"), std::string("/dev/null")}) {
    const auto p = take({path}, freeze);
    ASSERT_FALSE(p) << path;
    EXPECT_EQ(p.error().trouble, base::Trouble::usage);
    EXPECT_EQ(p.error().what.find('\n'), std::string::npos);
    EXPECT_EQ(p.error().what.find('\x1b'), std::string::npos);
  }
  Folder pipe;
  const auto fifo = (pipe.path / "fifo").string();
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_FALSE(take({fifo}, freeze));
  Folder empty;
  EXPECT_FALSE(take({empty.path.string()}, freeze));
}
