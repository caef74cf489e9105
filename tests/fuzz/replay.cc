// Replays what the fuzzers once found: `replay FOLDER` gives every FOLDER/<target>/*.b64 (base64 text,
// lines that begin with # are a comment) to the target of that name; `replay TARGET FILE...` gives
// raw files. A breach ends the process, as in a fuzz target.
#include "replay.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::uint8_t> decoded(const std::string& text) {
  static const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint8_t> out;
  std::uint32_t bits = 0;
  int held = 0;
  bool comment = false, fresh = true;
  for (const char c : text) {
    if (fresh) comment = c == '#';
    fresh = c == '\n';
    const auto digit = comment ? std::string::npos : digits.find(c);
    if (digit == std::string::npos) continue;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out.push_back(static_cast<std::uint8_t>(bits >> held));
  }
  return out;
}

// In memory of its very size, so that a sanitizer sees the first byte too far.
void give(FuzzTarget target, const std::vector<std::uint8_t>& bytes) {
  const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
  target(exact.data(), exact.size());
}

int replay_all(const fs::path& folder) {
  std::size_t files = 0;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".b64") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    const auto name = path.parent_path().filename().string();
    const auto target = fuzz_targets().find(name);
    if (target == fuzz_targets().end()) {
      std::fprintf(stderr, "replay: there is no fuzz target %s\n", name.c_str());
      return 1;
    }
    const auto bytes = decoded(text_of(path));
    std::printf("%s/%s: %zu bytes\n", name.c_str(), path.filename().c_str(), bytes.size());
    std::fflush(stdout);
    give(target->second, bytes);
    ++files;
  }
  std::printf("%zu findings replayed\n", files);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2) return replay_all(argv[1]);
  const auto target = argc > 2 ? fuzz_targets().find(argv[1]) : fuzz_targets().end();
  if (target == fuzz_targets().end()) {
    std::fprintf(stderr, "usage: replay FOLDER | replay TARGET FILE...\n");
    return 2;
  }
  for (int i = 2; i < argc; ++i) {
    const auto text = text_of(argv[i]);
    give(target->second, {text.begin(), text.end()});
    std::printf("%s: survived\n", argv[i]);
  }
  return 0;
}
