// For tests only: disk images made by the programs that usually make them, and shared samples.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "base/digest.h"
#include "evidence/recorder.h"
#include "parse/run_tool.h"

namespace unpack {

/// A file of the shared inputs, unpacked when it ends in .xz; empty where it is missing.
inline base::Buffer shared_data(const std::string& path) {
  const char* root = std::getenv("ASSAY_SHARED");
  if (!root) return {};
  const auto whole = std::string(root) + "/data/" + path;
  if (!path.ends_with(".xz")) return std::filesystem::exists(whole) ? parse::file_bytes(whole) : base::Buffer{};
  const auto text = parse::run_tool("xz -dc '" + whole + "'");
  return text ? base::Buffer(text->begin(), text->end()) : base::Buffer{};
}

/// Runs shell commands in a fresh folder with the superuser's programs in reach, and gives the file
/// "image" that they leave; empty when one of them is missing or fails.
inline base::Buffer made_image(const parse::ScratchFolder& folder, const std::string& commands) {
  const auto done = parse::run_tool("cd '" + (folder / "") + "' || exit 1; PATH=$PATH:/usr/sbin:/sbin; export PATH; set -e; ( " + commands + " ) 2>&1 > log; echo made");
  return done ? parse::file_bytes(folder / "image") : base::Buffer{};
}

/// Bytes that no claim of a reading covers: 0 where every byte has a label of its own.
inline std::uint64_t unlabelled(const evidence::Reading& r, std::uint64_t size) {
  const auto tiles = evidence::tile(r.sink.claims, size, {{}, evidence::Label::scanned, "nobody"});
  std::uint64_t out = 0;
  if (!tiles) return size;
  for (const auto& t : *tiles)
    if (t.label == evidence::Label::scanned && t.why == "nobody") out += t.range.size;
  return out;
}

/// Content by name, of the members that are files.
inline std::map<std::string, std::string> contents(const evidence::Reading& r, artifact::Origin origin = artifact::Origin::member) {
  std::map<std::string, std::string> out;
  for (const auto& c : r.sink.children)
    if (c.entry.origin == origin && c.entry.nature == artifact::Nature::file) out[c.entry.name] = base::text_of(c.bytes);
  return out;
}

}  // namespace unpack
