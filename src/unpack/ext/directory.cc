// See directory.h.
#include "unpack/ext/directory.h"

#include <algorithm>
#include <optional>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/member.h"

namespace unpack::ext_format {
namespace {

struct Record {
  std::uint32_t inode = 0;
  std::uint64_t size = 0, name_size = 0;
  std::uint8_t type = 0;
};

Record record(base::Bytes block, std::uint64_t at, bool types) {
  base::Cursor in(base::slice(block, at, 8));
  Record out;
  out.inode = in.u32();
  out.size = in.u16();
  if ((out.size == 0 || out.size == 65535) && block.size() == 65536) out.size = 65536;
  out.name_size = in.u8();
  out.type = in.u8();
  if (!types) out.name_size |= std::uint64_t{out.type} << 8, out.type = 0;
  return out;
}

std::uint64_t padded(std::uint64_t n) { return (n + 3) & ~std::uint64_t{3}; }

// Slack behind an entry: names that were deleted stay there until they are written over.
void read_slack(base::Bytes block, base::Range range, const DirectoryForm& form, DirectoryBlock& out) {
  auto at = range.offset;
  auto kept = at;
  const auto strange = [&](std::uint64_t to) {
    if (to > kept && !all_zero(block.subspan(kept, to - kept))) out.strange.push_back({kept, to - kept});
  };
  while (at + 12 <= range.end()) {
    const auto r = record(block, at, form.types);
    const auto name = base::text_of(base::slice(block, at + 8, r.name_size));
    const bool entry = r.inode != 0 && r.inode <= form.inodes && r.size >= 12 && r.size % 4 == 0 && at + r.size <= range.end() && r.name_size != 0 && r.name_size <= 255 &&
                       8 + r.name_size <= r.size && r.type <= 7 && name.find('\0') == name.npos && name.find('/') == name.npos;
    if (!entry) {
      at += 4;
      continue;
    }
    strange(at);
    if (name != "." && name != "..") out.deleted.push_back({std::string(name), r.inode});
    kept = at += padded(8 + r.name_size);
  }
  strange(range.end());
}

// A node of the hash tree whose limit and count stand at `at`: the room that its entries leave free;
// nothing where there is no node. A checksum may follow.
std::optional<base::Range> free_of_node(base::Bytes block, std::uint64_t at) {
  base::Cursor in(base::slice(block, at, 4));
  const std::uint64_t limit = in.u16(), count = in.u16();
  if (!in.ok() || count == 0 || count > limit || at + limit * 8 > block.size() || at + limit * 8 + 16 < block.size()) return std::nullopt;
  return base::Range{at + count * 8, (limit - count) * 8};
}

}  // namespace

DirectoryBlock read_directory_block(base::Bytes block, const DirectoryForm& form, bool index) {
  DirectoryBlock out;
  for (std::uint64_t at = 0; at < block.size();) {
    const auto r = record(block, at, form.types);
    if (r.size < 8 || r.size % 4 != 0 || at + r.size > block.size() || (r.inode != 0 && 8 + r.name_size > r.size)) {
      out.sound = false;
      if (!all_zero(block.subspan(at))) out.strange.push_back({at, block.size() - at});
      return out;
    }
    const auto end = at + r.size;
    auto used = at + 8;
    std::optional<base::Range> node;
    if (r.inode != 0) {
      const auto name = base::text_of(base::slice(block, at + 8, r.name_size));
      out.live.push_back({std::string(name), r.inode});
      used = std::min(end, at + padded(8 + r.name_size));
      if (index && name == ".." && at == 12) node = free_of_node(block, used + 8);
    } else if (index && at == 0 && r.size == block.size()) {
      node = free_of_node(block, 8);
    } else if (r.size == 12 && r.name_size == 0 && r.type == 0xDE) {
      used = end;  // the block's checksum
    } else if (r.name_size != 0) {
      used = std::min(end, at + padded(8 + r.name_size));
    }
    if (node) {
      if (!all_zero(block.subspan(node->offset, node->size))) out.strange.push_back(*node);
    } else {
      read_slack(block, {used, end - used}, form, out);
    }
    at = end;
  }
  return out;
}

}  // namespace unpack::ext_format
