// See pages.h.
#include "unpack/yaffs/pages.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/cursor.h"

namespace unpack::yaffs_format {
namespace {

constexpr std::uint32_t first_object = 257, most_object = 0x3ffff;

std::endian order_of(bool big) { return big ? std::endian::big : std::endian::little; }

// YAFFS1 spreads 64 bits of tags over the 16 spare bytes: chunk 20, serial 2, length 10, object
// 18, sum 12, further length 2.
std::optional<Page> first_tags(base::Bytes spare, std::uint64_t at, bool big) {
  if (spare.size() < 16) return std::nullopt;
  const std::array<std::uint8_t, 8> raw = {spare[0], spare[1], spare[2], spare[3], spare[6], spare[7], spare[11], spare[12]};
  base::Cursor in(raw, order_of(big));
  const auto a = in.u32(), b = in.u32();
  if (a == 0xFFFFFFFF && b == 0xFFFFFFFF) return std::nullopt;
  Page out;
  out.at = at;
  out.chunk = big ? a >> 12 : a & 0xfffff;
  out.object = big ? b >> 14 : b & 0x3ffff;
  out.bytes = std::min<std::uint32_t>(big ? a & 0x3ff : a >> 22, 512);
  out.obsolete = std::popcount(spare[4]) < 4;
  return out;
}

// YAFFS2: sequence, object, chunk, length. The header's tags may repeat what the header says: then
// the chunk's highest bit is set, and the object's highest four bits are its type.
std::optional<Page> second_tags(base::Bytes spare, std::uint64_t at, const Shape& shape) {
  base::Cursor in(base::slice(spare, shape.tags, 16), order_of(shape.big));
  Page out;
  out.at = at;
  out.order = in.u32();
  out.object = in.u32();
  out.chunk = in.u32();
  out.bytes = in.u32();
  if (!in.ok() || out.order == 0xFFFFFFFF) return std::nullopt;
  if (out.chunk & 0x80000000) {
    out.chunk = 0;
    out.object &= 0x0fffffff;
  }
  if (out.chunk == 0) out.bytes = 0;
  return out;
}

std::optional<Page> tags_of(base::Bytes image, std::uint64_t at, const Shape& shape) {
  const auto spare = base::slice(image, at + shape.page, shape.spare);
  return shape.first ? first_tags(spare, at, shape.big) : second_tags(spare, at, shape);
}

// Do the first pages make sense in this shape? Counts pages that agree with their tags, and gives
// up at once where they contradict them.
int agreement(base::Bytes image, const Shape& shape) {
  int score = 0, headers = 0;
  std::uint64_t at = 0;
  for (int i = 0; i < 64 && at + shape.page + shape.spare <= image.size(); ++i, at += shape.page + shape.spare) {
    const auto page = tags_of(image, at, shape);
    if (!page) continue;
    const bool sane = page->object >= 1 && page->object <= most_object && page->chunk <= 0xfffff && page->bytes <= shape.page && (shape.first || (page->order >= 0x1000 && page->order < 0xefffff00));
    if (!sane) return 0;
    if (page->chunk == 0) {
      if (!object_header(base::slice(image, at, shape.page), shape.big)) return 0;
      ++headers;
    } else if (page->bytes == 0) {
      return 0;
    }
    ++score;
  }
  return headers ? score : 0;
}

// Without tags: a header, then as many pages as its file needs, then the next header.
template <class See>
std::uint64_t walk_plain(base::Bytes image, const Shape& shape, See see) {
  std::uint64_t at = 0, headers = 0;
  while (at + 512 <= image.size()) {
    const auto head = object_header(base::slice(image, at, shape.page), shape.big);
    if (!head) break;
    const auto content = head->type == ObjectType::file ? head->size : 0;
    if (content > image.size() || !see(at, *head, headers)) break;
    ++headers;
    at += shape.page + (content + shape.page - 1) / shape.page * shape.page;
  }
  return headers;
}

}  // namespace

std::string Shape::words() const { return fmt::format("YAFFS{}, pages of {}+{} bytes{}", first ? 1 : 2, page, spare, big ? ", big-endian" : ""); }

std::optional<ObjectHeader> object_header(base::Bytes page, bool big) {
  if (page.size() < 512) return std::nullopt;
  base::Cursor in(page, order_of(big));
  ObjectHeader out;
  const auto type = in.u32();
  out.parent = in.u32();
  in.skip(2);
  const auto name = base::text_of(in.take(256));
  in.skip(2);
  out.mode = in.u32();
  out.uid = in.u32();
  out.gid = in.u32();
  in.skip(12);
  const auto low = in.u32();
  out.same_as = in.u32();
  const auto target = base::text_of(in.take(160));
  out.device = in.u32();
  in.skip(32);
  const auto high = in.u32();
  const auto end = name.find('\0');
  if (type < 1 || type > 5 || out.parent == 0 || out.parent > most_object || end == name.npos) return std::nullopt;
  out.type = static_cast<ObjectType>(type);
  out.name = name.substr(0, end);
  const auto kind = out.mode >> 12;
  if ((type == 1 && kind != 010) || (type == 2 && kind != 012) || (type == 3 && kind != 4) || out.mode >> 16) return std::nullopt;
  if (std::ranges::any_of(out.name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '/'; })) return std::nullopt;
  out.target = target.substr(0, target.find('\0'));
  out.size = type == 1 ? low | (high == 0xFFFFFFFF ? 0 : std::uint64_t{high} << 32) : 0;
  return out;
}

std::optional<Shape> find_shape(base::Bytes image) {
  static constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 14> sizes = {{{512, 16}, {1024, 32}, {2048, 64}, {2048, 112}, {2048, 128}, {4096, 64}, {4096, 128}, {4096, 208}, {4096, 218}, {4096, 224}, {4096, 256}, {8192, 256}, {8192, 448}, {16384, 512}}};
  std::optional<Shape> best;
  int best_score = 1;  // one page alone may agree by chance
  const auto consider = [&](const Shape& shape) {
    if (const auto score = agreement(image, shape); score > best_score) best = shape, best_score = score;
  };
  for (const bool big : {false, true}) {
    for (const auto& [page, spare] : sizes) {
      if (page == 512) consider({page, spare, 0, big, true});
      for (std::uint32_t tags = 0; tags + 16 <= std::min<std::uint32_t>(spare, 64); tags += 2) consider({page, spare, tags, big, false});
    }
    if (best) return best;
  }
  std::uint64_t most = 1;
  for (const bool big : {false, true})
    for (const std::uint32_t page : {512u, 1024u, 2048u, 4096u, 8192u, 16384u}) {
      const Shape shape{page, 0, 0, big, false};
      const auto headers = walk_plain(image, shape, [](std::uint64_t, const ObjectHeader&, std::uint64_t n) { return n < 64; });
      if (headers > most) best = shape, most = headers;
    }
  return best;
}

base::Result<std::vector<Page>> pages(base::Bytes image, const Shape& shape, evidence::Sink& sink) {
  std::vector<Page> out;
  CHECK_OK(sink.spend(image.size() / 64));
  if (shape.spare == 0) {
    // Objects are numbered in their order, as the image makers do; the root has a fixed number.
    std::uint32_t object = first_object;
    walk_plain(image, shape, [&](std::uint64_t at, const ObjectHeader& head, std::uint64_t) {
      const auto number = head.name.empty() && head.type == ObjectType::directory ? 1 : object++;
      out.push_back({at, number, 0, 0, out.size(), false});
      std::uint64_t left = head.type == ObjectType::file ? head.size : 0;
      for (std::uint32_t chunk = 1; left; ++chunk, left -= std::min<std::uint64_t>(left, shape.page))
        out.push_back({at + std::uint64_t{chunk} * shape.page, number, chunk, static_cast<std::uint32_t>(std::min<std::uint64_t>(left, shape.page)), out.size(), false});
      return true;
    });
    return out;
  }
  const std::uint64_t step = shape.page + shape.spare;
  for (std::uint64_t at = 0; at + step <= image.size(); at += step) {
    auto page = tags_of(image, at, shape);
    if (!page || page->object == 0 || page->object > most_object || page->chunk > 0xfffffff || page->bytes > shape.page) continue;
    page->order = page->order << 32 | at / step;
    out.push_back(*page);
  }
  return out;
}

}  // namespace unpack::yaffs_format
