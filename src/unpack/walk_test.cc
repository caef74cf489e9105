// Unpacks what a directory holds (ASSAY_WALK) or the shared collection, and counts; also compares
// members of self-made archives with what the machine's own tools see.
#include "unpack/walk.h"

#include "base/digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

namespace unpack {
namespace {

base::Buffer file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string outcome_of(const Visited& v) {
  return fmt::format("{} {}: {}", v.reader, v.result ? "ok" : name_of(v.result.error().trouble), v.place.to_string());
}

TEST(Walk, WhatTheSharedCollectionHolds) {
  const char* named = std::getenv("ASSAY_WALK");
  const char* shared = std::getenv("ASSAY_SHARED");
  const std::filesystem::path root = named ? named : std::string(shared ? shared : "/nowhere") + "/data/unpack";
  if (!std::filesystem::exists(root)) GTEST_SKIP() << "no shared data";
  std::vector<std::filesystem::path> paths;
  if (std::filesystem::is_directory(root)) {
    for (const auto& e : std::filesystem::recursive_directory_iterator(root))
      if (e.is_regular_file()) paths.push_back(e.path());
  } else {
    paths.push_back(root);
  }
  std::ranges::sort(paths);
  std::map<std::string, std::pair<unsigned, unsigned>> by_reader;
  for (const auto& path : paths) {
    const auto bytes = file(path);
    artifact::Entry entry;
    entry.name = path.filename();
    entry.origin = artifact::Origin::product;
    walk(bytes, entry, {}, [&](const Visited& v) {
      if (named && v.items)
        for (const auto& i : *v.items)
          if (i.facet == evidence::Facet::concealment || i.facet == evidence::Facet::trouble)
            std::cout << "ITEM " << name_of(i.facet) << ":" << i.word << " " << name_of(i.confidence) << " [" << base::printable(i.value) << "] "
                      << (i.attributes.contains("why") ? i.attributes.at("why") : "") << " at " << base::printable(v.place.to_string()) << "\n";
      if (v.reader.empty()) {
        if (named && std::getenv("ASSAY_WALK_KINDS") && v.entry->nature == artifact::Nature::file) std::cout << "KIND " << v.kind << " " << base::printable(v.place.to_string()) << "\n";
        return;
      }
      auto& [good, bad] = by_reader[std::string(v.reader)];
      ++(v.result ? good : bad);
      if (!v.result) std::cout << base::printable(outcome_of(v)) << ": " << base::printable(v.result.error().what) << "\n";
    });
  }
  for (const auto& [reader, counts] : by_reader) std::cout << reader << ": " << counts.first << " read, " << counts.second << " with an error\n";
  EXPECT_FALSE(by_reader.empty());
}

// What this reader and another program say of the same archive: "sha256  name" a line, sorted.
std::string by_us(const std::filesystem::path& path, std::string_view reader) {
  const auto bytes = file(path);
  std::vector<std::string> lines;
  artifact::Entry entry;
  entry.name = path.filename();
  walk(bytes, entry, {}, [&](const Visited& v) {
    const auto n = v.place.links.size();
    if (!v.reader.empty() || v.entry->nature != artifact::Nature::file || n < 2) return;
    const bool direct = reader == "zip" ? n == 2 : v.place.links[n - 2].kind == "tar" && n >= 2 && v.place.to_string().find("data.tar") != std::string::npos;
    if (direct && v.place.links[n - 1].origin == artifact::Origin::member) lines.push_back(base::sha256(v.bytes).hex() + "  " + artifact::normal_path(v.entry->name));
  });
  std::ranges::sort(lines);
  std::string out;
  for (const auto& l : lines) out += l + "\n";
  return out;
}

std::string output_of(const std::string& command) {
  std::string out;
  auto* pipe = popen(command.c_str(), "r");
  if (!pipe) return out;
  char buffer[4096];
  for (std::size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
  pclose(pipe);
  return out;
}

class BesideTools : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/assay-unpack-XXXXXX";
    folder_ = mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(BesideTools, PythonsZipfileSeesTheSameMembers) {
  if (std::system("python3 -c 'import zipfile, bz2, lzma' 2>/dev/null") != 0) GTEST_SKIP() << "no python3";
  const auto zip = folder_ / "a.zip";
  const auto script = folder_ / "make.py";
  std::ofstream(script) << "import zipfile,sys,hashlib\n"
                           "z=zipfile.ZipFile(sys.argv[1],'w')\n"
                           "for i,m in enumerate([0,8,12,14]*5):\n"
                           "  z.writestr('d%d/f%d.txt'%(i%3,i),('line %d\\n'%(i*7919))*(i*i*50),compress_type=m)\n"
                           "with z.open('streamed','w',force_zip64=True) as f: f.write(b'x'*100000)\n"
                           "z.close()\n"
                           "z=zipfile.ZipFile(sys.argv[1])\n"
                           "print('\\n'.join(sorted(hashlib.sha256(z.read(n)).hexdigest()+'  '+n for n in z.namelist())))\n";
  const auto theirs = output_of("python3 " + script.string() + " " + zip.string());
  EXPECT_EQ(by_us(zip, "zip"), theirs);
}

TEST_F(BesideTools, DpkgDebSeesTheSameMembers) {
  if (std::system("command -v dpkg-deb >/dev/null 2>&1") != 0) GTEST_SKIP() << "no dpkg-deb";
  const auto root = folder_ / "p";
  std::filesystem::create_directories(root / "DEBIAN");
  const auto deep = root / "usr/share" / std::string(90, 'd') / std::string(90, 'e');
  std::filesystem::create_directories(deep);
  std::ofstream(root / "DEBIAN/control") << "Package: p\nVersion: 1\nArchitecture: all\nMaintainer: M <m@example.invalid>\nDescription: d\n";
  for (int i = 0; i < 30; ++i) std::ofstream(deep / ("f" + std::to_string(i))) << std::string(static_cast<std::size_t>(i * 997), static_cast<char>('a' + i % 26));
  for (const std::string how : {"gzip", "xz", "zstd", "none"}) {
    const auto deb = folder_ / (how + ".deb");
    if (std::system(("dpkg-deb --root-owner-group -Z" + how + " -b " + root.string() + " " + deb.string() + " >/dev/null 2>&1").c_str()) != 0) continue;
    const auto out = folder_ / ("x" + how);
    const auto theirs = output_of("dpkg-deb -x " + deb.string() + " " + out.string() + " && cd " + out.string() + " && find . -type f -exec sha256sum {} + | sed 's|  \\./|  |' | LC_ALL=C sort");
    EXPECT_EQ(by_us(deb, "deb"), theirs) << how;
    EXPECT_GT(theirs.size(), 30u * 64) << how;
  }
}

}  // namespace
}  // namespace unpack
