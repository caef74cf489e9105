// For tests only: hostile variants of a sound input. A reader may answer what it likes to them,
// but it must come back, stay inside its bytes and hand on no more than it is allowed.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/checked.h"
#include "base/digest.h"
#include "evidence/recorder.h"

namespace unpack {

inline evidence::Reading read_hostile(const evidence::Reader& reader, base::Bytes bytes, std::string_view kind, std::string_view name) {
  evidence::View view;
  view.bytes = bytes;
  view.remaining = evidence::remaining({}, bytes.size());
  view.kind = kind;
  view.place.links.push_back({std::string(name), std::string(kind), artifact::Origin::member});
  evidence::Reading out{evidence::Recorder(bytes, 40'000'000, 8 << 20), {}};
  out.result = reader.read(view, out.sink);
  for (const auto& c : out.sink.claims) EXPECT_TRUE(base::fits(c.range.offset, c.range.size, bytes.size())) << "label " << c.why << " outside the bytes";
  const auto tiles = evidence::tile(out.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""});
  EXPECT_TRUE(tiles && evidence::check_tiling(*tiles, bytes.size())) << "the labels do not tile the bytes";
  for (const auto& i : out.sink.items) EXPECT_TRUE(base::fits(i.range.offset, i.range.size, bytes.size())) << "item " << i.value << " outside the bytes";
  for (const auto& i : out.sink.items)
    EXPECT_TRUE(std::find(reader.card().states.begin(), reader.card().states.end(), i.facet) != reader.card().states.end()) << "facet not on the card";
  return out;
}

/// Writes a sound input where the fuzz targets take their seeds: $ASSAY_SEEDS/<reader>/<digest>.
/// True if that is all that is wanted of this run.
inline bool dump_seed(const evidence::Reader& reader, const std::string& sound) {
  const char* folder = std::getenv("ASSAY_SEEDS");
  if (!folder) return false;
  const auto into = std::filesystem::path(folder) / reader.card().name;
  std::filesystem::create_directories(into);
  std::ofstream(into / base::sha256(sound).brief(), std::ios::binary) << sound;
  return true;
}

/// Every prefix, then `rounds` mutants with a few bytes changed, copied or cut.
inline void expect_survives(const evidence::Reader& reader, const std::string& sound, std::string_view kind, int rounds = 3000, std::string_view name = "file",
                            std::size_t prefixes = 4096) {
  if (dump_seed(reader, sound)) return;
  for (std::size_t n = 0; n < sound.size(); n += sound.size() > prefixes ? sound.size() / prefixes + 1 : 1)
    read_hostile(reader, base::bytes_of(std::string_view(sound).substr(0, n)), kind, name);
  std::mt19937 random(7);
  static constexpr unsigned char nasty[] = {0, 1, 0x7f, 0x80, 0xff, '0', '7', '/', '.', 0x30};
  for (int round = 0; round < rounds; ++round) {
    std::string bytes = sound;
    for (unsigned i = 0; !bytes.empty() && i < 1 + random() % 6; ++i) {
      const auto at = random() % bytes.size();
      switch (random() % 5) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes[at] = static_cast<char>(nasty[random() % sizeof nasty]); break;
        case 2: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8)); break;
        case 3: bytes.replace(at, std::min<std::size_t>(4, bytes.size() - at), "\xff\xff\xff\xff", std::min<std::size_t>(4, bytes.size() - at)); break;
        default: bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 64)); break;
      }
    }
    if (random() % 8 == 0) bytes.resize(random() % (bytes.size() + 1));
    read_hostile(reader, base::bytes_of(bytes), kind, name);
  }
}

}  // namespace unpack
