// The files of a log (C2SP tlog-tiles v0.1.0): names and contents of tiles and entry bundles.
//
//   tile/<level>/<index>[.p/<width>]      256 (or width) hashes of 32 bytes
//   tile/entries/<index>[.p/<width>]      256 (or width) entries, each behind its length (uint16, big-endian)
//   <index>: three digits a step, all but the last with an x: 1234067 is x001/x234/067
//
// Not read: pruned logs, compressed bundles.
#pragma once

#include <optional>
#include <string>

#include "tlog/tree.h"

namespace tlog {

inline constexpr std::size_t most_entry_bytes = 65'535;
inline constexpr std::size_t most_bundle_bytes = tile_width * (most_entry_bytes + 2);

struct TileName {
  std::optional<unsigned> level;   ///< nothing: an entry bundle
  std::uint64_t index = 0;
  unsigned width = tile_width;     ///< 1 to 256
  std::string path() const;
  /// Nothing for any text that path() would not print.
  static std::optional<TileName> parse(std::string_view path);
  /// The entries that must be in a tree for the tile to be a part of it.
  std::optional<std::uint64_t> least_size() const;
  bool operator==(const TileName&) const = default;
};

std::string tile_path(unsigned level, std::uint64_t index, unsigned width);
std::string bundle_path(std::uint64_t index, unsigned width);

std::string print_tile(const Tile& tile);
/// Error: malformed: not `width` hashes.
base::Result<Tile> parse_tile(base::Bytes bytes, unsigned width);

void add_to_bundle(std::string& bundle, base::Bytes entry);   ///< at most 65,535 bytes
/// Error: malformed: not exactly `width` entries.
base::Result<std::vector<base::Buffer>> parse_bundle(base::Bytes bytes, unsigned width);

}  // namespace tlog
