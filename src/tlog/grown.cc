#include "tlog/grown.h"

namespace tlog {
namespace {

using base::Trouble;

constexpr std::size_t most_cached_tiles = 2048;   // 16 KiB each with its inner nodes
constexpr std::size_t tile_bytes = tile_width * sizeof(Hash::bytes);

/// Index of the first tile of a level that a tree of `size` entries has not filled.
std::uint64_t edge_index(unsigned level, std::uint64_t size) { return (size >> (level * tile_height)) / tile_width; }
unsigned edge_width(unsigned level, std::uint64_t size) { return static_cast<unsigned>((size >> (level * tile_height)) % tile_width); }

base::Result<> check_bundle(const Files& files, std::uint64_t index, const Tile& tile, std::string* text = nullptr) {
  const auto path = bundle_path(index, tile.width());
  auto bundle = TRY(files.read(path, most_bundle_bytes));
  const auto entries = TRY(parse_bundle(base::bytes_of(bundle), tile.width()));
  for (unsigned i = 0; i < tile.width(); ++i)
    if (leaf_hash(entries[i]) != tile.row(0)[i]) return base::fail(Trouble::malformed, "{}: entry {} is not the one that was signed", path, index * tile_width + i);
  if (text) *text = std::move(bundle);
  return {};
}

}  // namespace

base::Result<Grown> Grown::load(const Files& files, std::uint64_t size, std::uint64_t before, const Hash& root) {
  Grown out;
  const auto refuse = [&](std::string_view why) {
    return base::fail(Trouble::usage, "{} is not the log whose {} entries were signed last: {}. The folder was rolled back, damaged or mixed up; put the right one back (nothing was signed or changed)", base::printable(files.folder()), size, why);
  };
  std::array<Tile, most_levels> levels;
  for (unsigned l = 0; l < most_levels; ++l) {
    const auto width = edge_width(l, size);
    if (width == 0) continue;
    const auto path = tile_path(l, edge_index(l, size), width);
    const auto bytes = files.read(path, tile_bytes);
    if (!bytes) return refuse(bytes.error().what);
    auto tile = parse_tile(base::bytes_of(*bytes), width);
    if (!tile) return refuse(path + ": " + tile.error().what);
    levels[l] = std::move(*tile);
  }
  out.edge_ = Edge::of(size, std::move(levels));
  if (out.edge_.root() != root) return refuse("its tiles lead to another root");
  if (out.edge_.level(0).width() > 0) {
    const auto checked = check_bundle(files, edge_index(0, size), out.edge_.level(0), &out.bundle_);
    if (!checked) return refuse(checked.error().what);
  }
  const auto checked = out.check_recent(files, before);
  if (!checked) return refuse(checked.error().what);
  return out;
}

base::Result<> Grown::check_recent(const Files& files, std::uint64_t before) {
  for (unsigned l = 0; l + 1 < most_levels; ++l)
    for (auto index = edge_index(l, before); index < edge_index(l, size()); ++index) {
      const auto tile = TRY(full_tile(files, l, index));
      if (TRY(node(files)((l + 1) * tile_height, index)) != tile->root()) return base::fail(Trouble::malformed, "{} is not the tile that was signed", tile_path(l, index, tile_width));
      if (l == 0) CHECK_OK(check_bundle(files, index, *tile));
    }
  return {};
}

base::Result<std::shared_ptr<const Tile>> Grown::full_tile(const Files& files, unsigned level, std::uint64_t index) {
  const auto found = tiles_.find({level, index});
  if (found != tiles_.end()) return found->second;
  const auto path = tile_path(level, index, tile_width);
  const auto bytes = TRY(files.read(path, tile_bytes));
  auto tile = parse_tile(base::bytes_of(bytes), tile_width);
  if (!tile) return base::fail(Trouble::malformed, "{}: {}", path, tile.error().what);
  if (tiles_.size() >= most_cached_tiles) tiles_.clear();
  return tiles_[{level, index}] = std::make_shared<const Tile>(std::move(*tile));
}

GetNode Grown::node(const Files& files) {
  return [this, &files](unsigned level, std::uint64_t index) -> base::Result<Hash> {
    const auto at = place_of(level, index);
    if (at.tile_level < most_levels && at.tile == edge_index(at.tile_level, size())) {
      const auto& row = edge_.level(at.tile_level).row(at.row);
      if (at.place >= row.size()) return base::fail(Trouble::bug, "a log of {} entries has no node {} on level {}", size(), index, level);
      return row[at.place];
    }
    const auto tile = TRY(full_tile(files, at.tile_level, at.tile));
    return tile->row(at.row)[at.place];
  };
}

void Grown::grow(const std::vector<base::Buffer>& leaves, Files& files) {
  const auto before = size();
  for (const auto& leaf : leaves) {
    add_to_bundle(bundle_, leaf);
    const auto keep = [&](unsigned level, std::uint64_t index, Tile&& tile) {
      if (level == 0) files.put(bundle_path(index, tile_width), std::exchange(bundle_, {}));
      files.put(tile_path(level, index, tile_width), print_tile(tile));
      if (tiles_.size() >= most_cached_tiles) tiles_.clear();
      tiles_[{level, index}] = std::make_shared<const Tile>(std::move(tile));
    };
    edge_.push(leaf_hash(leaf), keep);
  }
  put_edge(before, files);
}

void Grown::put_edge(std::uint64_t before, Files& files) const {
  for (unsigned l = 0; l < most_levels; ++l) {
    const auto& tile = edge_.level(l);
    if (tile.width() == 0 || before >> (l * tile_height) == size() >> (l * tile_height)) continue;
    files.put(tile_path(l, edge_index(l, size()), tile.width()), print_tile(tile));
    if (l == 0) files.put(bundle_path(edge_index(0, size()), tile.width()), bundle_);
  }
}

void Grown::drop_replaced(std::uint64_t since, const Files& files) const {
  for (unsigned l = 0; l < most_levels; ++l) {
    const auto index = edge_index(l, since);
    if (edge_width(l, since) == 0 || index == edge_index(l, size())) continue;
    for (const auto& full : {tile_path(l, index, tile_width), l == 0 ? bundle_path(index, tile_width) : std::string()}) {
      if (full.empty()) continue;
      for (const auto& name : files.list(full + ".p")) files.drop(full + ".p/" + name);
      files.drop(full + ".p");
    }
  }
}

}  // namespace tlog
