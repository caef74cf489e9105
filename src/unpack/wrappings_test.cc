// One small program in some thirty wrappings, made by many makers: after unpacking everything, its bytes
// must appear in each. The wrappings are Debian's package clamav-testfiles.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "evidence/recorder.h"
#include "identify/identify.h"
#include "parse/run_tool.h"
#include "unpack/registry.h"

namespace unpack {
namespace {

bool holds(base::Bytes bytes, std::string_view name, std::string_view kind, std::string_view wanted, int depth) {
  if (base::text_of(bytes) == wanted) return true;
  if (depth == 20 || bytes.empty()) return false;
  const auto known = kind.empty() ? identify::identify({bytes, name}).kind : std::string(kind);
  for (const auto* reader : registry()) {
    if (!evidence::reads(reader->card(), known)) continue;
    const auto r = evidence::read_alone(*reader, bytes, known, name);
    for (const auto& c : r.sink.children)
      if (holds(c.bytes, c.entry.name, c.entry.kind, wanted, depth + 1)) return true;
  }
  return false;
}

TEST(Wrappings, TheProgramAppearsInEach) {
  const std::filesystem::path folder = "/usr/share/clamav-testfiles";
  const auto program = parse::file_bytes(folder / "clam.exe");
  if (program.empty()) GTEST_SKIP() << "clamav-testfiles is not installed";
  // Programs that a packer rewrote (no container holds them), AutoIt's scripts, and base64 in HTML, which
  // examiners decode.
  const std::vector<std::string> not_containers = {"clam-aspack.exe", "clam-fsg.exe", "clam-mew.exe", "clam-pespin.exe", "clam-petite.exe", "clam-upack.exe", "clam-upx.exe",
                                                   "clam-wwpack.exe", "clam-yc.exe", "clam.ea05.exe", "clam.ea06.exe", "clam.exe.html"};
  unsigned seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const auto name = file.path().filename().string();
    if (std::ranges::find(not_containers, name) != not_containers.end()) continue;
    EXPECT_TRUE(holds(parse::file_bytes(file.path()), name, "", base::text_of(program), 0)) << name;
    ++seen;
  }
  EXPECT_GE(seen, 30u);
}

}  // namespace
}  // namespace unpack
