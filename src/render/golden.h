// For tests: what a rendering for a terminal owes, and the golden file beside each renderer. A mismatch writes
// `<file>.actual`; ASSAY_BLESS=1 accepts what is there.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "render/columns.h"

namespace render {

inline std::string file_text(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

inline void expect_golden(const std::string& actual, const std::string& file) {
  const auto golden = std::filesystem::path(ASSAY_SOURCE_DIR) / "src/render" / file;
  if (const char* bless = std::getenv("ASSAY_BLESS"); bless && *bless == '1') std::ofstream(golden, std::ios::binary) << actual;
  if (file_text(golden) == actual) return;
  std::ofstream(golden.string() + ".actual", std::ios::binary) << actual;
  ADD_FAILURE() << golden << " differs: see " << golden.string() << ".actual (ASSAY_BLESS=1 accepts it)";
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

/// What a terminal may be given: no line wider than this, no control byte, nothing that turns text round.
inline void expect_safe(const std::string& text, std::size_t width) {
  for (const auto& line : lines_of(text)) {
    EXPECT_LE(columns(line), width) << line;
    for (const unsigned char c : line) EXPECT_TRUE(c >= 0x20 && c != 0x7f) << line;
    EXPECT_EQ(line.find("\xe2\x80\xae"), std::string::npos) << line;
  }
}

}  // namespace render
