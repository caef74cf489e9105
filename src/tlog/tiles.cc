#include "tlog/tiles.h"

#include <charconv>

#include "base/checked.h"
#include "base/cursor.h"

namespace tlog {
namespace {

using base::Trouble;

constexpr std::string_view beginning = "tile/", entries = "entries/";

std::string index_path(std::uint64_t index) {
  auto out = fmt::format("{:03}", index % 1000);
  while ((index /= 1000) > 0) out = fmt::format("x{:03}/", index % 1000) + out;
  return out;
}

/// Digits without a needless zero, at most `most`.
std::optional<std::uint64_t> number(std::string_view digits, std::uint64_t most) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || out > most) return std::nullopt;
  return out;
}

/// x001/x234/067, not longer than needed.
std::optional<std::uint64_t> parse_index(std::string_view text) {
  std::uint64_t out = 0;
  for (bool first = true;; first = false) {
    const bool more = text.starts_with('x');
    if (more) text.remove_prefix(1);
    if (text.size() < 3) return std::nullopt;
    for (const char c : text.substr(0, 3))
      if (c < '0' || c > '9') return std::nullopt;
    const auto step = number(text.substr(0, 3), 999);
    if (!step || (first && more && *step == 0)) return std::nullopt;
    const auto scaled = base::checked_mul(out, 1000);
    const auto sum = scaled ? base::checked_add(*scaled, *step) : std::nullopt;
    if (!sum) return std::nullopt;
    out = *sum;
    text.remove_prefix(3);
    if (!more) return text.empty() ? std::optional(out) : std::nullopt;
    if (!text.starts_with('/')) return std::nullopt;
    text.remove_prefix(1);
  }
}

}  // namespace

std::string TileName::path() const {
  auto out = fmt::format("tile/{}/{}", level ? std::to_string(*level) : "entries", index_path(index));
  if (width != tile_width) out += fmt::format(".p/{}", width);
  return out;
}

std::optional<TileName> TileName::parse(std::string_view path) {
  TileName out;
  const auto whole = path;
  if (path.size() > 100 || !path.starts_with(beginning)) return std::nullopt;
  path.remove_prefix(beginning.size());
  if (path.starts_with(entries)) {
    path.remove_prefix(entries.size());
  } else {
    const auto slash = path.find('/');
    if (slash == path.npos) return std::nullopt;
    const auto level = number(path.substr(0, slash), 63);
    if (!level) return std::nullopt;
    out.level = static_cast<unsigned>(*level);
    path.remove_prefix(slash + 1);
  }
  if (const auto partial = path.rfind(".p/"); partial != path.npos) {
    const auto width = number(path.substr(partial + 3), tile_width - 1);
    if (!width || *width == 0) return std::nullopt;
    out.width = static_cast<unsigned>(*width);
    path = path.substr(0, partial);
  }
  const auto index = parse_index(path);
  if (!index) return std::nullopt;
  out.index = *index;
  if (out.path() != whole) return std::nullopt;  // another spelling
  return out;
}

std::optional<std::uint64_t> TileName::least_size() const {
  const auto before = base::checked_mul(index, tile_width);
  auto out = before ? base::checked_add(*before, width) : std::nullopt;
  for (unsigned l = 0; out && l < level.value_or(0); ++l) out = base::checked_mul(*out, tile_width);
  return out;
}

std::string tile_path(unsigned level, std::uint64_t index, unsigned width) { return TileName{level, index, width}.path(); }
std::string bundle_path(std::uint64_t index, unsigned width) { return TileName{std::nullopt, index, width}.path(); }

std::string print_tile(const Tile& tile) {
  std::string out;
  out.reserve(tile.width() * sizeof(Hash::bytes));
  for (const auto& hash : tile.row(0)) out += base::text_of(hash.bytes);
  return out;
}

base::Result<Tile> parse_tile(base::Bytes bytes, unsigned width) {
  constexpr auto step = sizeof(Hash::bytes);
  if (bytes.size() != width * step) return base::fail(Trouble::malformed, "a tile of {} hashes has {} bytes instead of {}", width, bytes.size(), width * step);
  Tile out;
  for (unsigned i = 0; i < width; ++i) {
    Hash hash;
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(i * step), step, hash.bytes.begin());
    out.push(hash);
  }
  return out;
}

void add_to_bundle(std::string& bundle, base::Bytes entry) {
  bundle += static_cast<char>(entry.size() >> 8);
  bundle += static_cast<char>(entry.size() & 0xFF);
  bundle += base::text_of(entry);
}

base::Result<std::vector<base::Buffer>> parse_bundle(base::Bytes bytes, unsigned width) {
  std::vector<base::Buffer> out;
  base::Cursor at(bytes, std::endian::big);
  for (unsigned i = 0; i < width; ++i) {
    const auto entry = at.take(at.u16());
    if (!at.ok()) return base::fail(Trouble::malformed, "a bundle of {} entries ends within entry {}", width, i);
    out.emplace_back(entry.begin(), entry.end());
  }
  if (!at.at_end()) return base::fail(Trouble::malformed, "a bundle of {} entries has {} bytes too many", width, at.left());
  return out;
}

}  // namespace tlog
