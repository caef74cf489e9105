// A tile counts only when it is a part of the checkpoint's tree. The partial tiles on the tree's right
// edge together give its root; every full tile's own root stands in the tile above it. So each tile is
// checked once, with one tile above it already checked, and nothing unchecked is handed out.
#include "tlog/reading.h"

#include <map>

#include "http/fetch.h"
#include "tlog/statement.h"
#include "tlog/tiles.h"

namespace tlog {
namespace {

using base::Trouble;

constexpr std::size_t most_cached_tiles = 2048, most_checkpoint_bytes = 1u << 20;
constexpr std::uint64_t most_entries = 65'536;

bool missing(const base::Error& error) { return error.what.find("404") != std::string::npos; }

}  // namespace

GetFile files_at(const std::string& address) {
  auto base_address = address;
  while (base_address.ends_with('/')) base_address.pop_back();
  return [base_address](const std::string& path) {
    const auto most = path.starts_with("tile/entries/") ? most_bundle_bytes : path.starts_with("statement/") ? most_statement_bytes : most_checkpoint_bytes;
    return http::get(base_address + "/" + path, most);
  };
}

struct Reading::State {
  GetFile get;
  LogTrust trust;

  // Tiles of one tree only; another checkpoint begins anew.
  std::optional<Checkpoint> of;
  Edge edge;
  std::map<std::pair<unsigned, std::uint64_t>, std::shared_ptr<const Tile>> tiles;

  base::Result<> begin(const Checkpoint& in);
  /// The file of a tile, or of the full one that has replaced it, cut to `width`.
  base::Result<Tile> fetch_tile(unsigned level, std::uint64_t index, unsigned width);
  base::Result<std::shared_ptr<const Tile>> checked_tile(unsigned level, std::uint64_t index);
  base::Result<Hash> node(unsigned level, std::uint64_t index);
  base::Result<std::vector<base::Buffer>> fetch_bundle(std::uint64_t index, unsigned width);
  GetNode nodes() {
    return [this](unsigned level, std::uint64_t index) { return node(level, index); };
  }
};

base::Result<Tile> Reading::State::fetch_tile(unsigned level, std::uint64_t index, unsigned width) {
  auto bytes = get(tile_path(level, index, width));
  if (!bytes && width < tile_width && missing(bytes.error())) bytes = get(tile_path(level, index, tile_width));
  if (!bytes) return std::unexpected(bytes.error());
  constexpr auto whole = tile_width * sizeof(Hash::bytes);
  auto content = base::bytes_of(*bytes);
  if (content.size() == whole) content = content.first(width * sizeof(Hash::bytes));
  return parse_tile(content, width);
}

base::Result<> Reading::State::begin(const Checkpoint& in) {
  if (of && of->size == in.size && of->root == in.root) return {};
  of.reset();
  tiles.clear();
  std::array<Tile, most_levels> levels;
  for (unsigned l = 0; l < most_levels; ++l) {
    const auto hashes = in.size >> (l * tile_height);
    if (hashes % tile_width > 0) levels[l] = TRY(fetch_tile(l, hashes / tile_width, hashes % tile_width));
  }
  edge = Edge::of(in.size, std::move(levels));
  if (edge.root() != in.root) return base::fail(Trouble::malformed, "the tiles of the log '{}' do not lead to the root of its checkpoint of {} entries", base::printable(in.origin), in.size);
  of = in;
  return {};
}

base::Result<std::shared_ptr<const Tile>> Reading::State::checked_tile(unsigned level, std::uint64_t index) {
  const auto found = tiles.find({level, index});
  if (found != tiles.end()) return found->second;
  if (width_at(level, index, of->size) < tile_width) return base::fail(Trouble::bug, "tile {} of level {} is not full", index, level);
  auto tile = TRY(fetch_tile(level, index, tile_width));
  if (tile.root() != TRY(node((level + 1) * tile_height, index))) return base::fail(Trouble::malformed, "{} is not a part of the log '{}' at {} entries", tile_path(level, index, tile_width), base::printable(of->origin), of->size);
  if (tiles.size() >= most_cached_tiles) tiles.clear();
  return tiles[{level, index}] = std::make_shared<const Tile>(std::move(tile));
}

base::Result<Hash> Reading::State::node(unsigned level, std::uint64_t index) {
  const auto at = place_of(level, index);
  if (at.tile_level >= most_levels) return base::fail(Trouble::limit, "the log has more levels than are read");
  if (width_at(at.tile_level, at.tile, of->size) == tile_width) {
    const auto tile = TRY(checked_tile(at.tile_level, at.tile));
    return tile->row(at.row)[at.place];
  }
  const auto& row = edge.level(at.tile_level).row(at.row);
  if (at.tile != (of->size >> (at.tile_level * tile_height)) / tile_width || at.place >= row.size()) return base::fail(Trouble::bug, "a log of {} entries has no node {} on level {}", of->size, index, level);
  return row[at.place];
}

base::Result<std::vector<base::Buffer>> Reading::State::fetch_bundle(std::uint64_t index, unsigned width) {
  const auto bytes = get(bundle_path(index, width));
  if (bytes || width == tile_width || !missing(bytes.error())) {
    if (!bytes) return std::unexpected(bytes.error());
    return parse_bundle(base::bytes_of(*bytes), width);
  }
  const auto full = TRY(get(bundle_path(index, tile_width)));
  auto entries = TRY(parse_bundle(base::bytes_of(full), tile_width));
  entries.resize(width);
  return entries;
}

Reading::Reading(GetFile get, LogTrust trust) : state_(std::make_unique<State>()) {
  state_->get = std::move(get);
  state_->trust = std::move(trust);
}
Reading::~Reading() = default;
Reading::Reading(Reading&&) noexcept = default;

base::Result<SeenCheckpoint> Reading::checkpoint() {
  const auto note = TRY(state_->get("checkpoint"));
  return check_checkpoint(note, state_->trust);
}

base::Result<std::vector<Hash>> Reading::inclusion(std::uint64_t index, const Checkpoint& in) {
  CHECK_OK(state_->begin(in));
  return inclusion_proof(index, in.size, state_->nodes());
}

base::Result<std::vector<Hash>> Reading::consistency(std::uint64_t from, const Checkpoint& to) {
  CHECK_OK(state_->begin(to));
  return consistency_proof(from, to.size, state_->nodes());
}

base::Result<Hash> Reading::leaf(std::uint64_t index, const Checkpoint& in) {
  if (index >= in.size) return base::fail(Trouble::usage, "the log has no entry {}", index);
  CHECK_OK(state_->begin(in));
  return state_->node(0, index);
}

base::Result<Hash> Reading::root_at(std::uint64_t size, const Checkpoint& in) {
  if (size > in.size) return base::fail(Trouble::usage, "the log has {} entries, not {}", in.size, size);
  CHECK_OK(state_->begin(in));
  return tree_root(size, state_->nodes());
}

base::Result<std::vector<base::Buffer>> Reading::entries(std::uint64_t from, std::uint64_t to, const Checkpoint& in) {
  if (from > to || to > in.size || to - from > most_entries) return base::fail(Trouble::usage, "entries {} to {} can't be read from a log of {}; at most {} at once", from, to, in.size, most_entries);
  CHECK_OK(state_->begin(in));
  std::vector<base::Buffer> out;
  for (auto bundle = from / tile_width; from < to; ++bundle) {
    auto entries = TRY(state_->fetch_bundle(bundle, width_at(0, bundle, in.size)));
    for (; from < to && from / tile_width == bundle; ++from) {
      auto& entry = entries[from % tile_width];
      if (leaf_hash(entry) != TRY(state_->node(0, from))) return base::fail(Trouble::malformed, "entry {} of the log '{}' is not the one in its tree", from, base::printable(in.origin));
      out.push_back(std::move(entry));
    }
  }
  return out;
}

base::Result<std::string> Reading::statement(const base::Digest& payload) {
  auto text = TRY(state_->get("statement/" + payload.hex()));
  const auto is = payload_of(text);
  if (!is) return base::fail(Trouble::malformed, "statement/{}: {}", payload.hex(), is.error().what);
  if (*is != payload) return base::fail(Trouble::malformed, "statement/{} is another statement than its name says", payload.hex());
  return text;
}

}  // namespace tlog
