#include "gate/apt/deb822.h"
#include "gate/apt/repository.h"

namespace gate {

bool is_plain_path(std::string_view path) {
  if (path.empty() || path.size() > 1000 || path.front() == '/' || path.back() == '/') return false;
  for (const unsigned char c : path)
    if (c < ' ' || c == 0x7F || c == '\\') return false;
  while (!path.empty()) {
    const auto part = path.substr(0, path.find('/'));
    if (part.empty() || part == "." || part == "..") return false;
    path.remove_prefix(std::min(part.size() + 1, path.size()));
  }
  return true;
}

std::string rewritten_release(std::string_view old, const std::map<std::string, WrittenFile>& files) {
  // Lists are made anew; by-hash copies are not; Signed-By names the upstream's key, which signs no more.
  static constexpr std::string_view left_out[] = {"MD5Sum", "SHA1", "SHA256", "SHA512", "Acquire-By-Hash", "Signed-By", "Changelogs", "Snapshots"};
  std::string out;
  const auto stanzas = read_deb822(old);
  if (stanzas && !stanzas->empty())
    for (const auto& field : stanzas->front().fields) {
      Stanza one;
      one.fields = {field};
      bool out_of_it = false;
      for (const auto name : left_out) out_of_it = out_of_it || one.find(name);
      if (!out_of_it) out.append(field.name).append(": ").append(field.value).append("\n");
    }
  out += "SHA256:\n";
  for (const auto& [path, file] : files) out += fmt::format(" {} {} {}\n", file.digest, file.size, path);
  return out;
}

}  // namespace gate
