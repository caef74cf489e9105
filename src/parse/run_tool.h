// For tests: what an installed program prints, and a folder that goes away. A missing program
// gives nothing, and the test that needed it is skipped.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace parse {

/// Standard output of a shell command; nothing when it ends with an error.
inline std::optional<std::string> run_tool(const std::string& command) {
  FILE* pipe = popen((command + " 2>/dev/null").c_str(), "r");
  if (!pipe) return std::nullopt;
  std::string out;
  char chunk[4096];
  for (std::size_t n; (n = fread(chunk, 1, sizeof chunk, pipe)) > 0;) out.append(chunk, n);
  if (pclose(pipe) != 0) return std::nullopt;
  return out;
}

inline base::Buffer file_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return base::Buffer(std::istreambuf_iterator<char>(in), {});
}

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "assay-test-XXXXXX").string();
    if (mkdtemp(name.data())) path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  base::Buffer write(const std::string& name, std::string_view text) const {
    std::ofstream(*this / name, std::ios::binary) << text;
    return file_bytes(*this / name);
  }

 private:
  std::string path_;
};

}  // namespace parse
