// See nodes.h.
#include "unpack/jffs2/nodes.h"

#include <algorithm>
#include <array>

#include "base/cursor.h"
#include "unpack/decode/flash_sum.h"
#include "unpack/decode/lzma_raw.h"
#include "unpack/decode/lzo.h"
#include "unpack/stream.h"

namespace unpack::jffs2_format {
namespace {

using base::Trouble;

constexpr std::uint16_t magic = 0x1985, accurate = 0x2000;
enum Type : std::uint16_t { directory = 0xE001, inode = 0xE002, attribute = 0xE008, attribute_reference = 0xE009 };

struct Head {
  std::uint16_t type = 0;  ///< with the bit that marks obsolete nodes put back
  bool obsolete = false;
  std::uint32_t size = 0;
};

std::optional<Head> head(base::Bytes raw, std::endian order) {
  base::Cursor in(raw, order);
  if (in.u16() != magic) return std::nullopt;
  Head out;
  const auto type = in.u16();
  out.type = type | accurate;
  out.obsolete = !(type & accurate);
  out.size = in.u32();
  if (in.u32() != [&] {
        std::array<std::uint8_t, 8> sealed{};
        std::ranges::copy(raw.first(8), sealed.begin());
        sealed[order == std::endian::little ? 3 : 2] |= 0x20;
        return flash_crc(sealed, 0);
      }() || out.size < 12)
    return std::nullopt;
  return out;
}

bool sum_fits(base::Bytes node, std::uint64_t size, std::uint64_t at, std::endian order) {
  return flash_crc(base::slice(node, 0, size), 0) == base::Cursor(base::slice(node, at, 4), order).u32();
}

bool read_name(base::Bytes node, const Head& h, Nodes& out, std::uint64_t at) {
  if (node.size() < 40 || !sum_fits(node, 32, 32, out.order)) return false;
  base::Cursor in(node, out.order);
  in.skip(12);
  DirectoryNode n;
  n.range = {at, node.size()};
  n.parent = in.u32();
  n.version = in.u32();
  n.inode = in.u32();
  in.skip(4);
  const auto size = in.u8();
  n.type = in.u8();
  in.skip(10);
  n.name = base::text_of(in.take(size));
  n.obsolete = h.obsolete;
  if (!in.ok()) return false;
  out.names.push_back(std::move(n));
  return true;
}

bool read_inode(base::Bytes node, const Head& h, Nodes& out, std::uint64_t at) {
  if (node.size() < 68 || !sum_fits(node, 60, 64, out.order)) return false;
  base::Cursor in(node, out.order);
  in.skip(12);
  InodeNode n;
  n.range = {at, node.size()};
  n.inode = in.u32();
  n.version = in.u32();
  n.mode = in.u32();
  n.uid = in.u16();
  n.gid = in.u16();
  n.file_size = in.u32();
  in.skip(12);
  n.offset = in.u32();
  const auto packed = in.u32();
  n.size = in.u32();
  n.method = in.u8();
  in.skip(3);
  const auto sum = in.u32();
  in.skip(4);
  n.packed = base::slice(node, 68, packed);
  n.obsolete = h.obsolete;
  n.damaged = n.packed.size() != packed || flash_crc(n.packed, 0) != sum || n.size > (1u << 20);
  out.inodes.push_back(n);
  return true;
}

bool read_attribute(base::Bytes node, Nodes& out, std::uint64_t at) {
  if (node.size() < 32) return false;
  base::Cursor in(node, out.order);
  in.skip(12);
  AttributeNode n;
  n.range = {at, node.size()};
  n.number = in.u32();
  in.skip(5);
  const auto name = in.u8();
  const auto value = in.u16();
  in.skip(8);
  n.name = base::text_of(in.take(name));
  in.skip(1);
  n.value = in.take(value);
  if (!in.ok()) return false;
  out.attributes.push_back(std::move(n));
  return true;
}

// What follows a byte is taken to be what followed it the last time. Pairs of a byte and the
// number of bytes that really are.
base::Result<base::Buffer> rtime(base::Bytes packed, std::uint64_t size) {
  base::Buffer out;
  std::array<std::uint64_t, 256> last{};
  for (std::uint64_t at = 0; out.size() < size; at += 2) {
    if (at + 1 >= packed.size()) return base::fail(Trouble::malformed, "an rtime block ends early");
    const auto value = packed[at];
    out.push_back(value);
    auto from = last[value];
    last[value] = out.size();
    for (auto n = std::min<std::uint64_t>(packed[at + 1], size - out.size()); n; --n) out.push_back(out[from++]);
  }
  return out;
}

base::Result<base::Buffer> zlib(base::Bytes packed, std::uint64_t size) {
  base::Buffer out;
  const stream::Take take = [&](base::Bytes b) -> base::Result<> {
    if (out.size() + b.size() > size) return base::fail(Trouble::malformed, "a JFFS2 block is larger than it says");
    out.insert(out.end(), b.begin(), b.end());
    return {};
  };
  const auto done = stream::zlib(packed, take);
  if (!done.end && out.size() != size) return std::unexpected(done.end.error());  // some makers leave the sum out
  return out;
}

}  // namespace

base::Result<Nodes> scan(base::Bytes image, evidence::Sink& sink) {
  Nodes out;
  bool ordered = false;
  for (std::uint64_t at = 0; at + 12 <= image.size();) {
    const bool little = image[at] == 0x85 && image[at + 1] == 0x19, big = image[at] == 0x19 && image[at + 1] == 0x85;
    CHECK_OK(sink.spend(little || big ? 40 : 1));
    const auto order = little ? std::endian::little : std::endian::big;
    const auto h = (little || big) && (!ordered || order == out.order) ? head(base::slice(image, at, 12), order) : std::nullopt;
    if (!h) {
      at += 4;
      continue;
    }
    if (!ordered) out.order = order, ordered = true;
    const auto node = base::slice(image, at, h->size);
    bool sound = node.size() == h->size;
    if (sound) {
      CHECK_OK(sink.spend(h->size));
      if (h->type == Type::directory) sound = read_name(node, *h, out, at);
      else if (h->type == Type::inode) sound = read_inode(node, *h, out, at);
      else if (h->type == Type::attribute) sound = read_attribute(node, out, at);
      else out.others.push_back({at, h->size});
    }
    if (!sound) out.damaged.push_back({at, 12});
    at += sound ? (std::uint64_t{h->size} + 3) & ~3ull : 4;
    if (out.names.size() + out.inodes.size() > (8u << 20)) return base::fail(Trouble::limit, "more than 8 million JFFS2 nodes");
  }
  return out;
}

base::Result<base::Buffer> content(const InodeNode& n) {
  if (n.damaged) return base::fail(Trouble::malformed, "the sum of a node's data is wrong");
  base::Buffer out;
  switch (n.method) {
    case 0: out.assign(n.packed.begin(), n.packed.end()); break;
    case 1: out.resize(n.size); break;
    case 2: out = TRY(rtime(n.packed, n.size)); break;
    case 6: out = TRY(zlib(n.packed, n.size)); break;
    case 7: out = TRY(stream::lzo1x(n.packed, n.size)); break;
    case 8: out = TRY(stream::lzma_block(n.packed, {.lc = 0, .lp = 0, .pb = 0, .dictionary = 0x2000}, n.size)).bytes; break;
    default: return base::fail(Trouble::unsupported, "JFFS2 compressor {}{}", n.method, n.method == 3 || n.method == 5 ? " (rubin)" : "");
  }
  if (out.size() != n.size) return base::fail(Trouble::malformed, "a JFFS2 block is shorter than it says");
  return out;
}

}  // namespace unpack::jffs2_format
