// For tests only: what a reading gave, in a form that can be compared with what another tool says.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>
#include <string>

#include "base/digest.h"
#include "evidence/recorder.h"
#include "parse/run_tool.h"

namespace unpack {

/// Bytes of a reading that nobody accounted for.
inline std::uint64_t left_over(const evidence::Reading& r, std::uint64_t size) {
  const auto tiles = evidence::tile(r.sink.claims, size, {{}, evidence::Label::scanned, ""});
  if (!tiles) return size;
  const auto tally = evidence::tally(*tiles);
  return tally.of(evidence::Label::scanned) + tally.of(evidence::Label::opaque);
}

using Sums = std::map<std::string, std::string>;  ///< SHA-256 by path

/// The files (links for hard links) below a folder of this machine.
inline Sums sums(const std::string& folder) {
  Sums out;
  const auto lines = parse::run_tool("cd " + folder + " && find . -type f -print0 | xargs -0 sha256sum");
  std::istringstream in(lines.value_or(""));
  for (std::string line; std::getline(in, line);) out[line.substr(68)] = line.substr(0, 64);
  return out;
}
/// The ordinary members of a reading; a hard link counts as the file that it names.
inline Sums sums(const evidence::Reading& r) {
  Sums out;
  for (const auto& c : r.sink.children)
    if (c.entry.origin == artifact::Origin::member && c.entry.nature == artifact::Nature::file) out[c.entry.name] = base::sha256(c.bytes).hex();
  for (const auto& c : r.sink.children)
    if (c.entry.nature == artifact::Nature::hardlink && out.contains(c.entry.link)) out[c.entry.name] = out[c.entry.link];
  return out;
}

/// A folder with files of many kinds at `path`; false when this machine lacks something.
inline bool make_tree(const std::string& path) {
  return parse::run_tool("mkdir -p " + path + "/deep/er && cd " + path + " && cp /usr/share/common-licenses/* . && head -c 300000 \"$(command -v openssl || command -v bash)\" > deep/program && "
                         "head -c 70000 /dev/zero > deep/zeros && echo end >> deep/zeros && echo small > deep/er/small && ln -s program deep/link && : > empty && "
                         "for i in $(seq 60); do echo $i > deep/er/$i; done && head -c 40000 /dev/urandom > noise && find . -type l -exec test ! -e {} \\; -delete")
      .has_value();
}

/// A shared real input, when it is there.
inline std::optional<base::Buffer> shared_input(const std::string& path) {
  const auto* shared = std::getenv("ASSAY_SHARED");
  if (!shared || !std::filesystem::exists(std::string(shared) + "/data/unpack/" + path)) return std::nullopt;
  return parse::file_bytes(std::string(shared) + "/data/unpack/" + path);
}

}  // namespace unpack
