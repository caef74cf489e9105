// The resource tree: three levels of type, name and language, as the loader reads it. Deeper or
// circular trees end at the third level.
#include <algorithm>
#include <array>

#include "parse/pe/directories.h"

namespace parse::pe {

using base::Bytes;

namespace {

constexpr std::array<std::string_view, 25> types = {"", "CURSOR", "BITMAP", "ICON", "MENU", "DIALOG", "STRING", "FONTDIR", "FONT", "ACCELERATOR", "RCDATA", "MESSAGETABLE", "GROUP_CURSOR",
    "", "GROUP_ICON", "", "VERSION", "DLGINCLUDE", "", "PLUGPLAY", "VXD", "ANICURSOR", "ANIICON", "HTML", "MANIFEST"};

std::string name_of_entry(Bytes tree, std::uint32_t name, bool type) {
  if (!(name & 0x80000000)) {
    if (type && name < types.size() && !types[name].empty()) return std::string(types[name]);
    return fmt::format("#{}", name);
  }
  base::Cursor in(base::slice(tree, name & 0x7fffffff));
  const auto length = in.u16();
  std::string out;
  for (int i = 0; i < length && i < 256 && in.ok(); ++i) {
    const auto c = in.u16();
    out += c >= 0x20 && c < 0x7f ? static_cast<char>(c) : '?';
  }
  return out;
}

struct Walk {
  Bytes bytes, tree;
  Image& image;
  std::size_t steps = 0;

  void level(std::uint32_t at, unsigned depth, Resource so_far) {
    base::Cursor in(base::slice(tree, at));
    in.skip(12);
    const std::uint32_t count = in.u16() + std::uint32_t{in.u16()};
    for (std::uint32_t i = 0; i < count && in.left() >= 8; ++i) {
      if (++steps > most_resources) return;
      const auto name = in.u32(), target = in.u32();
      auto next = so_far;
      if (depth == 0) next.type = name_of_entry(tree, name, true);
      if (depth == 1) next.name = name_of_entry(tree, name, false);
      if (depth == 2) next.language = name & 0xffff;
      if (target & 0x80000000) {
        if (depth < 2) level(target & 0x7fffffff, depth + 1, next);
        else odd(image, "resources nested deeper than three levels");
        continue;
      }
      base::Cursor leaf(base::slice(tree, target, 16));
      const auto rva = leaf.u32(), size = leaf.u32();
      if (!leaf.ok()) continue;
      const auto content = at_rva(bytes, image, rva, size);
      if (content.size() != size) odd(image, "a resource leaves its section");
      if (content.empty()) continue;
      next.range = {static_cast<std::uint64_t>(content.data() - bytes.data()), content.size()};
      image.resources.push_back(std::move(next));
    }
  }
};

}  // namespace

void read_resources(Bytes bytes, Directory at, Image& image) {
  if (!at.address) return;
  const auto tree = at_rva(bytes, image, at.address);
  if (tree.empty()) return odd(image, "the resource directory lies outside the sections");
  Walk walk{bytes, tree, image};
  walk.level(0, 0, {});
}

}  // namespace parse::pe
