// See account.h.
#include "unpack/squashfs/account.h"

#include <algorithm>
#include <set>

#include "base/cursor.h"

namespace unpack::squashfs_format {
namespace {

constexpr std::string_view metadata = "SquashFS metadata";

struct Tables {
  std::set<std::uint64_t> starts;  ///< where some table or metadata block begins
  std::vector<std::uint64_t> blocks;
  std::uint64_t next(std::uint64_t at, std::uint64_t otherwise) const {
    const auto found = starts.upper_bound(at);
    return found == starts.end() ? otherwise : *found;
  }
};

Tables find(const Image& image, base::Bytes bytes) {
  Tables out;
  const auto& s = image.super();
  out.starts = {s.inode_table, s.directory_table, s.id_table, s.used};
  if (s.version < 4) out.starts.insert(s.gid_table);
  for (const auto& index : image.indices()) {
    out.starts.insert(index.at);
    base::Cursor at(base::slice(bytes, index.at), s.order);
    for (std::uint64_t i = 0; i < index.entries; ++i) {
      const auto block = at.word(index.width == 8);
      if (!at.ok()) break;
      out.blocks.push_back(block);
      out.starts.insert(block);
    }
  }
  return out;
}

std::uint64_t attribute_start(const Image& image, base::Bytes bytes) {
  const auto& s = image.super();
  if (s.version < 4 || s.xattr_table == none) return none;
  base::Cursor at(base::slice(bytes, s.xattr_table), s.order);
  const auto start = at.u64();
  return at.ok() ? start : none;
}

}  // namespace

base::Result<> claim_tables(Image& image, base::Bytes bytes, Ledger& ledger, evidence::Sink& sink) {
  const auto& s = image.super();
  ledger.structure({0, s.size}, "SquashFS superblock");
  if (s.options) ledger.structure({s.size, image.metadata_space(s.size)}, "SquashFS compressor options");
  const auto tables = find(image, bytes);
  const auto chain = [&](std::uint64_t at) -> base::Result<> {
    const auto end = tables.next(at, bytes.size());
    while (at < end) {
      CHECK_OK(sink.spend(16));
      const auto space = image.metadata_space(at);
      if (space == 0 || space > end - at) break;
      ledger.structure({at, space}, metadata);
      at += space;
    }
    return {};
  };
  CHECK_OK(chain(s.inode_table));
  CHECK_OK(chain(s.directory_table));
  if (const auto at = attribute_start(image, bytes); at != none) {
    ledger.structure({s.xattr_table, 16}, metadata);
    CHECK_OK(chain(at));
  }
  for (const auto block : tables.blocks) {
    CHECK_OK(sink.spend(16));
    ledger.structure({block, image.metadata_space(block)}, metadata);
  }
  for (const auto& index : image.indices()) ledger.structure({index.at, std::min<std::uint64_t>(index.entries * index.width, bytes.size())}, "SquashFS index");
  if (s.version < 4) {
    ledger.structure({s.id_table, 4ull * s.ids}, "SquashFS owners");
    ledger.structure({s.gid_table, 4ull * s.gids}, "SquashFS owners");
  }
  return {};
}

base::Result<base::Buffer> extended_attributes(Image& image, base::Bytes bytes, evidence::Sink& sink) {
  base::Buffer out;
  auto at = attribute_start(image, bytes);
  if (at == none) return out;
  const auto end = find(image, bytes).next(at, bytes.size());
  while (at < end && out.size() < (16u << 20)) {
    const auto* block = TRY(image.metadata_block(at));
    CHECK_OK(sink.spend(8192));
    out.insert(out.end(), block->bytes.begin(), block->bytes.end());
    at += block->space;
  }
  return out;
}

}  // namespace unpack::squashfs_format
