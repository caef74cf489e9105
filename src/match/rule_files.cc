#include "match/rule_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace match {
namespace {

namespace fs = std::filesystem;

bool is_rule_name(const fs::path& path) {
  const auto e = path.extension().string();
  return e == ".yar" || e == ".yara" || e == ".rule" || e == ".rules";
}

}  // namespace

base::Result<std::string> read_rule_text(const std::string& path) {
  std::error_code problem;
  const auto size = fs::file_size(path, problem);
  if (problem) return base::fail(base::Trouble::io, "the rule file {} can't be read: {}", path, problem.message());
  if (size > most_rule_bytes) return base::fail(base::Trouble::usage, "the rule file {} is larger than {} bytes", path, most_rule_bytes);
  std::ifstream in(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  if (!in.good() && !in.eof()) return base::fail(base::Trouble::io, "the rule file {} can't be read", path);
  return text;
}

base::Result<std::vector<RuleFile>> find_rule_files(const std::vector<std::string>& paths) {
  std::vector<RuleFile> out;
  for (const auto& given : paths) {
    std::error_code problem;
    const fs::path root(given);
    if (!fs::is_directory(root, problem)) {
      auto text = TRY(read_rule_text(given));
      out.push_back({given, root.filename().string(), std::move(text)});
      continue;
    }
    std::vector<fs::path> found;
    fs::recursive_directory_iterator walk(root, fs::directory_options::skip_permission_denied, problem);
    if (problem) return base::fail(base::Trouble::io, "the rule folder {} can't be read: {}", given, problem.message());
    for (; walk != fs::recursive_directory_iterator{} && found.size() < most_rule_files; walk.increment(problem)) {
      if (problem) return base::fail(base::Trouble::io, "the rule folder {} can't be read: {}", given, problem.message());
      if (walk->is_regular_file(problem) && is_rule_name(walk->path())) found.push_back(walk->path());
    }
    std::ranges::sort(found);
    for (const auto& path : found) {
      auto text = TRY(read_rule_text(path.string()));
      out.push_back({path.string(), path.lexically_relative(root).string(), std::move(text)});
    }
  }
  if (out.empty()) return base::fail(base::Trouble::usage, "no rule file (.yar, .yara, .rule) stands in {}", paths.empty() ? "no path" : paths[0]);
  return out;
}

}  // namespace match
