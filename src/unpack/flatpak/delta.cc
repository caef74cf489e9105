// See delta.h.
#include "unpack/flatpak/delta.h"

#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"

namespace unpack::flatpak_format {
namespace {

using base::Trouble;

constexpr std::size_t most_values = 4'000'000;

// Containers end with places of their members' ends, as wide as the container's size needs.
unsigned offset_width(std::uint64_t size) { return size == 0 ? 0 : size <= 0xFF ? 1 : size <= 0xFFFF ? 2 : size <= 0xFFFFFFFF ? 4 : 8; }
std::uint64_t offset_at(base::Bytes bytes, std::uint64_t at, unsigned width) {
  std::uint64_t value = 0;
  const auto raw = base::slice(bytes, at, width);
  for (std::size_t i = raw.size(); i-- > 0;) value = value << 8 | raw[i];
  return value;
}
std::uint64_t aligned(std::uint64_t at, unsigned alignment) { return (at + alignment - 1) / alignment * alignment; }

std::uint64_t packed_number(base::Cursor& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto b = at.u8();
    value |= static_cast<std::uint64_t>(b & 0x7F) << shift;
    if (!(b & 0x80)) break;
  }
  return value;
}

Checksum checksum(base::Bytes bytes) { return bytes.size() == 32 ? std::string(base::text_of(bytes)) : std::string(); }

}  // namespace

std::vector<base::Bytes> tuple(base::Bytes bytes, std::initializer_list<Member> members) {
  std::vector<base::Bytes> out;
  const auto width = offset_width(bytes.size());
  std::uint64_t at = 0, framing = bytes.size(), left = members.size();
  for (const auto& m : members) {
    --left;
    at = aligned(at, m.alignment);
    std::uint64_t end = at + m.size;
    if (m.size == 0 && left == 0) {
      end = framing;
    } else if (m.size == 0) {
      if (framing < width) return {};
      framing -= width;
      end = offset_at(bytes, framing, width);
    }
    if (end < at || end > framing) return {};
    out.push_back(base::slice(bytes, at, end - at));
    at = end;
  }
  return out;
}

std::vector<base::Bytes> array(base::Bytes bytes, unsigned alignment) {
  std::vector<base::Bytes> out;
  const auto width = offset_width(bytes.size());
  if (width == 0 || bytes.size() < width) return out;
  const auto table = offset_at(bytes, bytes.size() - width, width);
  if (table > bytes.size() || (bytes.size() - table) % width) return out;
  std::uint64_t at = 0;
  for (auto place = table; place < bytes.size() && out.size() < most_values; place += width) {
    at = aligned(at, alignment);
    const auto end = offset_at(bytes, place, width);
    if (end < at || end > table) return out;
    out.push_back(base::slice(bytes, at, end - at));
    at = end;
  }
  return out;
}

base::Bytes variant_value(base::Bytes bytes) {
  const auto end = base::text_of(bytes).rfind('\0');
  return end == std::string_view::npos ? base::Bytes{} : bytes.first(end);
}

std::string_view text(base::Bytes bytes) {
  const auto t = base::text_of(bytes);
  return t.substr(0, t.find('\0'));
}

base::Result<Bundle> read_bundle(base::Bytes bytes) {
  const auto top = tuple(bytes, {{8}, {8, 8}, {}, {}, {8}, {}, {8}, {8}});
  if (top.size() != 8) return base::fail(Trouble::malformed, "the bundle's outer tuple is damaged");
  Bundle out;
  for (const auto entry : array(top[0], 8)) {
    const auto pair = tuple(entry, {{}, {8}});
    if (pair.size() == 2) out.metadata[std::string(text(pair[0]))] = variant_value(pair[1]);
  }
  const auto commit = tuple(top[4], {{8}, {}, {}, {}, {}, {8, 8}, {}, {}});
  if (commit.size() == 8) out.root_tree = checksum(commit[6]);
  std::size_t number = 0;
  for (const auto entry : array(top[6], 8)) {
    const auto fields = tuple(entry, {{4, 4}, {}, {8, 8}, {8, 8}, {}});
    if (fields.size() != 5) return base::fail(Trouble::malformed, "the bundle's list of parts is damaged");
    Part part;
    for (std::uint64_t at = 0; at + 33 <= fields[4].size(); at += 33) part.objects.emplace_back(fields[4][at], checksum(base::slice(fields[4], at + 1, 32)));
    // A bundle carries its parts among its metadata, under names that end in their number.
    const auto suffix = fmt::format("/{}", number++);
    for (const auto& [key, value] : out.metadata) {
      if (!key.starts_with("deltas/") || !key.ends_with(suffix) || value.empty()) continue;
      part.xz = value[0] == 'x';
      if (value[0] != 'x' && value[0] != 0) return base::fail(Trouble::unsupported, "a part is compressed by method {}", value[0]);
      part.packed = value.subspan(1);
    }
    out.parts.push_back(std::move(part));
  }
  return out;
}

std::uint64_t Object::size() const {
  std::uint64_t sum = 0;
  for (const auto p : pieces) sum += p.size();
  return sum;
}

base::Result<> run_part(base::Bytes payload, const Part& part, const std::function<base::Result<>(const Object&)>& see) {
  const auto fields = tuple(payload, {{4}, {}, {}, {}});
  if (fields.size() != 4) return base::fail(Trouble::malformed, "a part's tuple is damaged");
  const auto modes = fields[0], data = fields[2];
  base::Cursor at(fields[3]);
  std::size_t next = 0;
  Object open;
  const auto set_mode = [&](std::uint64_t index) {
    base::Cursor mode(base::slice(modes, index * 12, 12), std::endian::big);
    open.uid = mode.u32();
    open.gid = mode.u32();
    open.mode = mode.u32();
  };
  const auto begin = [&]() -> bool {
    if (next >= part.objects.size()) return false;
    open = {};
    open.kind = part.objects[next].first & 0x7F;
    open.name = part.objects[next++].second;
    return true;
  };
  const auto piece = [&](std::uint64_t offset, std::uint64_t size) {
    if (size) open.pieces.push_back(base::slice(data, offset, size));
    return base::fits(offset, size, data.size());
  };
  while (at.left() && at.ok()) {
    const auto operation = at.u8();
    bool sound = true;
    switch (operation) {
      case 'S': {
        sound = begin();
        if (open.kind == 1) {
          set_mode(packed_number(at));
          (void)packed_number(at);
        }
        const auto size = packed_number(at), offset = packed_number(at);
        sound = sound && piece(offset, size);
        if (sound) CHECK_OK(see(open));
        break;
      }
      case 'o':
        sound = begin();
        set_mode(packed_number(at));
        (void)packed_number(at);
        (void)packed_number(at);
        break;
      case 'w': {
        const auto size = packed_number(at), offset = packed_number(at);
        sound = piece(offset, size);
        break;
      }
      case 'c': CHECK_OK(see(open)); break;
      case 'r': (void)packed_number(at); return base::fail(Trouble::unsupported, "a part builds on objects that are not in the bundle");
      case 'R': break;
      default: return base::fail(Trouble::unsupported, "a part's operation 0x{:02x} is not read", operation);
    }
    if (!sound) return base::fail(Trouble::malformed, "a part's operation leaves its data or makes an object that is not listed");
  }
  return at.status("a part's operations");
}

std::vector<Listed> list_tree(base::Bytes tree) {
  std::vector<Listed> out;
  const auto both = tuple(tree, {{}, {}});
  if (both.size() != 2) return out;
  for (const auto entry : array(both[0], 1)) {
    const auto f = tuple(entry, {{}, {}});
    if (f.size() == 2) out.push_back({std::string(text(f[0])), checksum(f[1]), false});
  }
  for (const auto entry : array(both[1], 1)) {
    const auto f = tuple(entry, {{}, {}, {}});
    if (f.size() == 3) out.push_back({std::string(text(f[0])), checksum(f[1]), true});
  }
  return out;
}

}  // namespace unpack::flatpak_format
