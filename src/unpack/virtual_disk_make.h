// For tests only: the disks that an independent tool makes and reads.
#pragma once

#include <gtest/gtest.h>

#include <random>

#include "evidence/recorder.h"
#include "identify/identify.h"
#include "parse/run_tool.h"
#include "unpack/encode.h"

namespace unpack {

/// 3 MiB and a bit: text, a hole, noise, a hole, and something in the last sector.
inline std::string some_disk() {
  std::string out(3 * 1024 * 1024 + 131072, '\0');
  const auto text = some_text(300'000);
  out.replace(0, text.size(), text);
  std::mt19937 random(3);
  for (std::size_t i = 0; i < 100'000; ++i) out[1'500'000 + i] = static_cast<char>(random());
  out.replace(out.size() - 512, 4, "last");
  return out;
}

inline void expect_all_labelled(const evidence::Reading& r, std::size_t size) {
  const auto tiles = evidence::tile(r.sink.claims, size, {{}, evidence::Label::scanned, ""});
  ASSERT_TRUE(tiles);
  for (const auto& t : *tiles)
    EXPECT_TRUE(t.label != evidence::Label::scanned && t.label != evidence::Label::opaque) << "byte " << t.range.offset << " of " << t.range.size << " " << t.why;
}

/// Makes an image of some_disk() with qemu-img (`options`: of `convert`) and compares what comes out.
/// False when the tool is missing.
inline bool same_disk_as_qemu_made(const evidence::Reader& reader, const std::string& kind, const std::string& options) {
  const parse::ScratchFolder folder;
  const auto disk = some_disk();
  folder.write("raw", disk);
  if (!parse::run_tool(fmt::format("qemu-img convert -f raw {} '{}' '{}'", options, folder / "raw", folder / "image"))) return false;
  // The tool rounds some disks up to its geometry: what it reads back is the truth.
  const auto format = options.substr(3, options.find(' ', 3) - 3);
  if (!parse::run_tool(fmt::format("qemu-img convert -f {} -O raw '{}' '{}'", format, folder / "image", folder / "back"))) return false;
  const auto image = parse::file_bytes(folder / "image"), back = parse::file_bytes(folder / "back");
  EXPECT_EQ(identify::identify({image, ""}).kind, kind) << options;
  const auto r = evidence::read_alone(reader, image, kind);
  EXPECT_TRUE(r.result) << options << ": " << r.result.error().what;
  for (const auto& i : r.sink.items) ADD_FAILURE() << options << ": " << i.word << " " << i.value;
  const auto* child = r.sink.child_named("disk");
  if (!child) {
    ADD_FAILURE() << options << ": no disk";
    return true;
  }
  EXPECT_EQ(child->bytes.size(), back.size()) << options;
  EXPECT_TRUE(child->bytes == back) << options;
  expect_all_labelled(r, image.size());
  return true;
}

}  // namespace unpack
