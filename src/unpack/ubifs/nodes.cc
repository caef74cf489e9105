// See nodes.h.
#include "unpack/ubifs/nodes.h"

#include <algorithm>
#include <set>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/decode/flash_sum.h"
#include "unpack/decode/lzo.h"
#include "unpack/stream.h"

namespace unpack::ubifs_format {
namespace {

using base::Trouble;
constexpr std::uint32_t magic = 0x06101831;

std::optional<Node> node_at(base::Bytes image, std::uint64_t at, std::uint64_t end) {
  base::Cursor in(base::slice(image, at, std::min<std::uint64_t>(24, end - at)));
  if (in.u32() != magic) return std::nullopt;
  const auto sum = in.u32();
  Node out;
  out.at = at;
  out.sequence = in.u64();
  out.size = in.u32();
  const auto type = in.u8();
  if (!in.ok() || out.size < 24 || out.size > end - at || type > 13) return std::nullopt;
  out.type = static_cast<NodeType>(type);
  if (flash_crc(base::slice(image, at + 8, out.size - 8), 0xFFFFFFFF) != sum) return std::nullopt;
  return out;
}

struct Branch {
  std::uint64_t at = 0;
  unsigned depth = 0;
};

// The newest master node of the two LEBs that hold copies of it.
const Node* master(const std::vector<Node>& nodes) {
  const Node* newest = nullptr;
  for (const auto& n : nodes)
    if (n.type == NodeType::master && (!newest || n.sequence > newest->sequence)) newest = &n;
  return newest;
}

}  // namespace

base::Result<Geometry> geometry(base::Bytes image) {
  const auto super = node_at(image, 0, image.size());
  if (!super || super->type != NodeType::super) return base::fail(Trouble::malformed, "no sound UBIFS superblock");
  base::Cursor in(base::slice(image, 0, super->size));
  in.skip(36);
  Geometry out;
  out.leb_size = in.u32();
  in.skip(16);
  out.log_lebs = in.u32();
  out.lpt_lebs = in.u32();
  out.orphan_lebs = in.u32();
  CHECK_OK(in.status("the UBIFS superblock"));
  if (out.leb_size < 4096 || out.leb_size > (64u << 20)) return base::fail(Trouble::malformed, "a UBIFS erase block of {} bytes", out.leb_size);
  return out;
}

base::Result<std::vector<Node>> scan(base::Bytes image, const Geometry& geometry, evidence::Sink& sink) {
  std::vector<Node> out;
  for (std::uint64_t leb = 0; leb < image.size(); leb += geometry.leb_size) {
    const auto end = std::min<std::uint64_t>(leb + geometry.leb_size, image.size());
    for (auto at = leb; at + 24 <= end;) {
      CHECK_OK(sink.spend(8));
      if (image[at] != 0x31 || image[at + 1] != 0x18) {
        at += 8;
        continue;
      }
      const auto node = node_at(image, at, end);
      CHECK_OK(sink.spend(node ? node->size : std::min<std::uint64_t>(end - at, base::Cursor(base::slice(image, at + 16, 4)).u32())));
      if (!node) {
        at += 8;
        continue;
      }
      out.push_back(*node);
      at += (node->size + 7) & ~7u;
      if (out.size() > (8u << 20)) return base::fail(Trouble::limit, "more than 8 million UBIFS nodes");
    }
  }
  return out;
}

base::Result<bool> mark_live(base::Bytes image, const Geometry& geometry, std::vector<Node>& nodes, evidence::Sink& sink) {
  const auto find = [&](std::uint64_t at) -> Node* {
    const auto found = std::ranges::lower_bound(nodes, at, {}, &Node::at);
    return found != nodes.end() && found->at == at ? &*found : nullptr;
  };
  const auto place = [&](std::uint32_t leb, std::uint32_t offset) { return std::uint64_t{leb} * geometry.leb_size + offset; };
  const auto give_up = [&] {
    for (auto& n : nodes) n.live = true;
    return false;
  };
  const auto* top = master(nodes);
  if (!top) return give_up();
  base::Cursor in(base::slice(image, top->at, top->size));
  in.skip(44);
  const auto log = in.u32(), root = in.u32(), root_offset = in.u32();
  // What was written after the commit began is in the journal, or obsolete among itself.
  const auto* commit = find(place(log, 0));
  const auto committed = commit && commit->type == NodeType::commit ? commit->sequence : top->sequence;
  std::set<std::uint64_t> seen;
  std::vector<Branch> open = {{place(root, root_offset), 0}};
  bool whole = true;
  while (!open.empty()) {
    CHECK_OK(sink.spend(50));
    const auto branch = open.back();
    open.pop_back();
    auto* node = find(branch.at);
    if (!node || branch.depth > 64 || (node->type == NodeType::index && !seen.insert(branch.at).second)) {
      whole = false;
      continue;
    }
    node->live = true;
    if (node->type != NodeType::index) continue;
    base::Cursor at(base::slice(image, node->at, node->size));
    at.skip(24);
    const auto children = at.u16();
    at.skip(2);
    const auto width = children ? at.left() / children : 0;  // with a hash when the volume is authenticated
    for (unsigned i = 0; i < children && width >= 12; ++i) {
      at.seek(28 + i * width);
      const auto leb = at.u32(), offset = at.u32();
      if (at.ok()) open.push_back({place(leb, offset), branch.depth + 1});
    }
  }
  if (!whole) return give_up();
  for (auto& n : nodes)
    if (n.sequence > committed || n.type > NodeType::truncation) n.live = true;
  return true;
}

base::Result<base::Buffer> decompress(base::Bytes packed, unsigned method, std::uint64_t size) {
  if (size > (1u << 20)) return base::fail(Trouble::malformed, "a UBIFS block of {} bytes", size);
  base::Buffer out;
  const stream::Take take = [&](base::Bytes b) -> base::Result<> {
    if (out.size() + b.size() > size) return base::fail(Trouble::malformed, "a UBIFS block is larger than it says");
    out.insert(out.end(), b.begin(), b.end());
    return {};
  };
  switch (method) {
    case 0: CHECK_OK(take(packed)); break;
    case 1: out = TRY(stream::lzo1x(packed, size)); break;
    case 2: CHECK_OK(stream::deflate(packed, take).end); break;
    case 3: CHECK_OK(stream::zstd_frame(packed, take).end); break;
    default: return base::fail(Trouble::unsupported, "UBIFS compressor {}", method);
  }
  if (out.size() != size) return base::fail(Trouble::malformed, "a UBIFS block is shorter than it says");
  return out;
}

}  // namespace unpack::ubifs_format
