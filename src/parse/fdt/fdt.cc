// See fdt.h.
#include "parse/fdt/fdt.h"

#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"

namespace parse::fdt {
namespace {

using base::Trouble;

enum Token : std::uint32_t { begin_node = 1, end_node = 2, prop = 3, nop = 4, end = 9 };
constexpr std::size_t most_nodes = 100'000, most_properties = 1'000'000;
constexpr int most_depth = 64;

// Walks the structure block; `node(name)`, `done()` and `property(name, value)` answer false to stop.
template <class OnNode, class OnEnd, class OnProperty>
base::Result<> walk(base::Bytes bytes, const Header& h, std::uint64_t& stopped, OnNode on_node, OnEnd on_end, OnProperty on_property) {
  base::Cursor at(base::slice(bytes, 0, h.total), std::endian::big);
  at.seek(h.structure);
  int depth = 0;
  while (true) {
    stopped = at.position();
    const auto token = at.u32();
    CHECK_OK(at.status("the device tree"));
    if (token == nop) continue;
    if (token == end) {
      stopped = at.position();
      return depth == 0 ? base::Result<>{} : base::fail(Trouble::malformed, "the device tree ends inside a node");
    }
    if (token == begin_node) {
      const auto name = at.c_string(4096);
      at.align(4);
      CHECK_OK(at.status("the device tree"));
      if (++depth > most_depth) return base::fail(Trouble::limit, "device tree nodes nest deeper than {}", most_depth);
      if (!on_node(name)) return {};
    } else if (token == end_node) {
      if (--depth < 0) return base::fail(Trouble::malformed, "a device tree node ends that never began");
      if (!on_end()) return {};
    } else if (token == prop) {
      const auto size = at.u32(), name_at = at.u32();
      const auto start = at.position();
      at.skip(size);
      at.align(4);
      CHECK_OK(at.status("the device tree"));
      if (depth == 0) return base::fail(Trouble::malformed, "a device tree property stands outside of all nodes");
      base::Cursor text(base::slice(base::slice(bytes, 0, h.total), h.strings, h.strings_size ? h.strings_size : UINT64_MAX));
      text.seek(name_at);
      const auto name = text.c_string(256);
      if (!text.ok()) return base::fail(Trouble::malformed, "a device tree property has no name");
      if (!on_property(name, base::Range{start, size})) return {};
    } else {
      return base::fail(Trouble::malformed, "token {} in a device tree", token);
    }
  }
}

}  // namespace

std::optional<Header> header(base::Bytes bytes) {
  base::Cursor at(bytes, std::endian::big);
  if (at.u32() != 0xD00DFEED) return std::nullopt;
  Header h;
  h.total = at.u32();
  h.structure = at.u32();
  h.strings = at.u32();
  h.reserved = at.u32();
  h.version = at.u32();
  const auto compatible = at.u32();
  if (h.version >= 2) at.skip(4);
  if (h.version >= 3) h.strings_size = at.u32();
  if (h.version >= 17) h.structure_size = at.u32();
  if (!at.ok() || h.version < 1 || h.version > 0x1000 || compatible > h.version || compatible > 17) return std::nullopt;
  if (h.total < at.position() || h.structure % 4 || h.reserved % 8 || h.structure < 28 || h.reserved < 28) return std::nullopt;
  if (!base::fits(h.structure, 8, h.total) || !base::fits(h.strings, h.strings_size, h.total) || !base::fits(h.structure, h.structure_size, h.total) || h.reserved > h.total) return std::nullopt;
  base::Cursor root(base::slice(bytes, h.structure, 8), std::endian::big);
  if (root.u32() != begin_node || root.u32() != 0) return std::nullopt;
  return h;
}

bool is_fit(base::Bytes bytes, const Header& h) {
  std::uint64_t stopped = 0;
  int depth = 0, tokens = 0;
  bool found = false;
  (void)walk(
      bytes, h, stopped,
      [&](std::string_view name) {
        found = ++depth == 2 && name == "images";
        return !found && ++tokens < 512;
      },
      [&] { return --depth > 0 && ++tokens < 512; }, [&](std::string_view, base::Range) { return ++tokens < 512; });
  return found;
}

base::Result<Tree> read(base::Bytes bytes) {
  const auto h = header(bytes);
  if (!h) return base::fail(Trouble::malformed, "no device tree header");
  Tree tree;
  tree.header = *h;
  // The reservation map ends with a pair of zeros.
  base::Cursor at(base::slice(bytes, 0, h->total), std::endian::big);
  at.seek(h->reserved);
  while (at.ok()) {
    const auto address = at.u64(), size = at.u64();
    if (!at.ok() || (address == 0 && size == 0)) break;
  }
  tree.reservations = {h->reserved, at.position() - std::min<std::uint64_t>(h->reserved, at.position())};
  int open = -1;
  std::uint64_t stopped = h->structure;
  std::size_t properties = 0;
  bool full = false;
  tree.end = walk(
      bytes, *h, stopped,
      [&](std::string_view name) {
        if (tree.nodes.size() >= most_nodes) return full = true, false;
        tree.nodes.push_back({name, open, open < 0 ? 0 : tree.nodes[static_cast<std::size_t>(open)].depth + 1, {}});
        open = static_cast<int>(tree.nodes.size()) - 1;
        return true;
      },
      [&] {
        if (open >= 0) open = tree.nodes[static_cast<std::size_t>(open)].parent;
        return true;
      },
      [&](std::string_view name, base::Range value) {
        if (++properties > most_properties) return full = true, false;
        if (open >= 0) tree.nodes[static_cast<std::size_t>(open)].properties.push_back({name, value});
        return true;
      });
  if (full) tree.end = base::fail(Trouble::limit, "a device tree of more than {} nodes", most_nodes);
  tree.structure = {h->structure, stopped - h->structure};
  return tree;
}

std::string Tree::path(std::size_t node) const {
  std::string out;
  for (auto n = static_cast<int>(node); n > 0; n = nodes[static_cast<std::size_t>(n)].parent) {
    const auto name = std::string(nodes[static_cast<std::size_t>(n)].name);
    out = out.empty() ? name : name + "/" + out;
  }
  return out;
}

int Tree::child(int parent, std::string_view name) const {
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].parent == parent && nodes[i].name == name) return static_cast<int>(i);
  return -1;
}

const Property* Tree::property(std::size_t node, std::string_view name) const {
  const auto& list = nodes[node].properties;
  const auto found = std::ranges::find(list, name, &Property::name);
  return found == list.end() ? nullptr : &*found;
}

}  // namespace parse::fdt
