// Unpacks what a directory holds (ASSAY_WALK) or the shared collection, and counts; also compares
// members of self-made archives with what the machine's own tools see.
#include "unpack/walk.h"

#include <gtest/gtest.h>

#include <algorithm>
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

}  // namespace
}  // namespace unpack
