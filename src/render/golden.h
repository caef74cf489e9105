// For tests: compares a rendering with the golden file beside its renderer. A mismatch writes
// `<file>.actual`; ASSAY_BLESS=1 accepts what is there.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

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

}  // namespace render
