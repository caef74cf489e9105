#include "evidence/frozen.h"

#include <zlib.h>

#include <algorithm>
#include <charconv>

#include "base/checked.h"
#include "evidence/wire.h"

namespace evidence {
namespace {

using artifact::Nature;
using artifact::Node;
using artifact::NodeId;
using base::Trouble;

constexpr std::string_view magic = "assay evidence 1\n";
constexpr std::uint32_t most_nodes = 1'100'000, most_depth = 200;
constexpr std::uint64_t most_declaration = 8u << 20, most_small_list = 64;

void put(wire::Writer& w, const base::Digest& digest) {
  for (const auto b : digest.bytes) w.u8(b);
}

base::Digest digest(base::Cursor& in) {
  base::Digest out;
  const auto bytes = in.take(out.bytes.size());
  std::ranges::copy(bytes, out.bytes.begin());
  return out;
}

void put_head(wire::Writer& w, const Frozen& f) {
  put(w, f.engine);
  w.text(f.engine_version);
  put(w, f.user_rules);
  w.text(f.policy_name);
  w.text(f.at);
  w.u32(static_cast<std::uint32_t>(f.limits.size()));
  for (const auto& [name, value] : f.limits) {
    w.text(name);
    w.u64(value);
  }
  w.u32(static_cast<std::uint32_t>(f.weaker.size()));
  for (const auto& layer : f.weaker) w.text(layer);
  w.u32(static_cast<std::uint32_t>(f.files.size()));
  for (const auto& file : f.files) w.text(file);
  w.u8(f.has_declaration ? 1 : 0);
  w.text(f.declaration);
  w.text(f.declaration_source);
  w.u32(static_cast<std::uint32_t>(f.tree.nodes.size()));
}

void put_node(wire::Writer& w, const Node& node, const Dossier& dossier) {
  w.u32(node.parent);
  w.entry(node.entry);
  w.text(node.kind);
  put(w, node.digest);
  w.u64(node.size);
  w.u8(dossier.complete ? 1 : 0);
  w.u8(dossier.replayable ? 1 : 0);
  w.u32(static_cast<std::uint32_t>(dossier.items.size()));
  for (const auto& item : dossier.items) w.item(item);
  w.u32(static_cast<std::uint32_t>(dossier.tiles.size()));
  for (const auto& tile : dossier.tiles) w.claim(tile);
}

base::Result<base::Buffer> deflated(base::Bytes body, std::string head) {
  base::Buffer out(head.size() + compressBound(body.size()));
  std::ranges::copy(base::bytes_of(head), out.begin());
  uLongf size = out.size() - head.size();
  // One level, always the same: the same evidence gives the same file wherever zlib is the same.
  if (compress2(out.data() + head.size(), &size, body.data(), body.size(), 6) != Z_OK) return base::fail(Trouble::bug, "the evidence could not be compressed");
  out.resize(head.size() + size);
  return out;
}

base::Result<base::Buffer> inflated(base::Bytes packed, std::size_t size) {
  // A stream of n bytes holds at most some 1032 n: a small file is refused before anything is set aside for it.
  if (size > 1100 * packed.size() + 1024) return base::fail(Trouble::malformed, "the evidence says it has {} bytes, more than {} bytes can hold", size, packed.size());
  base::Buffer out(size);
  uLongf got = size;
  uLong used = packed.size();
  if (uncompress2(out.data(), &got, packed.data(), &used) != Z_OK || got != size || used != packed.size())
    return base::fail(Trouble::malformed, "the evidence is damaged: it does not decompress to the {} bytes that it says", size);
  return out;
}

base::Result<> read_head(base::Cursor& in, Frozen& f) {
  f.engine = digest(in);
  f.engine_version = wire::text(in, 256);
  f.user_rules = digest(in);
  f.policy_name = wire::text(in, 4096);
  f.at = wire::text(in, 10);
  const auto limits = in.u32();
  if (limits > most_small_list) return base::fail(Trouble::limit, "the evidence lists {} limits", limits);
  for (std::uint32_t i = 0; i < limits && in.ok(); ++i) {
    auto name = wire::text(in, 64);
    f.limits[std::move(name)] = in.u64();
  }
  const auto weaker = in.u32();
  if (weaker > most_small_list) return base::fail(Trouble::limit, "the evidence lists {} layers of confinement", weaker);
  for (std::uint32_t i = 0; i < weaker && in.ok(); ++i) f.weaker.push_back(wire::text(in, 4096));
  const auto files = in.u32();
  if (files > most_nodes) return base::fail(Trouble::limit, "the evidence lists {} files", files);
  for (std::uint32_t i = 0; i < files && in.ok(); ++i) f.files.push_back(wire::text(in));
  f.has_declaration = in.u8() != 0;
  f.declaration = wire::text(in, most_declaration);
  f.declaration_source = wire::text(in, 65536);
  return in.status("the evidence");
}

// What a reader could not have stated about this artifact.
base::Result<> sound(const Node& node, const Dossier& dossier) {
  const bool content = node.entry.nature == Nature::file;
  if (!content && (node.size != 0 || !dossier.tiles.empty())) return base::fail(Trouble::malformed, "the evidence gives bytes to what is no file");
  if (content && !check_tiling(dossier.tiles, node.size)) return base::fail(Trouble::malformed, "the evidence labels bytes of an artifact twice or not at all");
  for (const auto& item : dossier.items)
    if (!base::fits(item.range.offset, item.range.size, node.size)) return base::fail(Trouble::malformed, "the evidence names bytes outside an artifact");
  return {};
}

base::Result<Dossier> read_dossier(base::Cursor& in) {
  Dossier out;
  out.complete = in.u8() != 0;
  out.replayable = in.u8() != 0;
  const auto items = in.u32();
  for (std::uint32_t i = 0; i < items; ++i) out.items.push_back(TRY(wire::item(in)));
  const auto tiles = in.u32();
  for (std::uint32_t i = 0; i < tiles; ++i) out.tiles.push_back(TRY(wire::claim(in)));
  return out;
}

base::Result<> read_nodes(base::Cursor& in, base::Bytes body, Frozen& f) {
  const auto count = in.u32();
  CHECK_OK(in.status("the evidence"));
  if (count == 0 || count > most_nodes) return base::fail(Trouble::limit, "the evidence lists {} artifacts; 1 to {} can be read", count, most_nodes);
  std::vector<std::uint32_t> depth;
  std::vector<NodeId> path;   // from the product down to the last node: depth-first order allows no other parent
  wire::Writer again;
  for (NodeId id = 0; id < count; ++id) {
    const auto begin = in.position();
    Node node;
    node.parent = in.u32();
    node.entry = TRY(wire::entry(in));
    node.kind = wire::text(in, 64);
    node.digest = digest(in);
    node.size = in.u64();
    auto dossier = TRY(read_dossier(in));
    CHECK_OK(in.status("the evidence"));
    if (id == 0 ? node.parent != artifact::no_node || node.entry.nature != Nature::directory : node.parent >= id) return base::fail(Trouble::malformed, "the evidence's artifacts form no tree");
    if (id != 0) {
      while (!path.empty() && path.back() != node.parent) path.pop_back();
      if (path.empty()) return base::fail(Trouble::malformed, "the evidence's artifacts are out of order");
      f.tree.nodes[node.parent].children.push_back(id);
    }
    path.push_back(id);
    if (path.size() > most_depth) return base::fail(Trouble::limit, "the evidence's artifacts are nested deeper than {}", most_depth);
    CHECK_OK(sound(node, dossier));
    again.clear();
    put_node(again, node, dossier);
    if (!std::ranges::equal(again.bytes(), base::slice(body, begin, in.position() - begin))) return base::fail(Trouble::malformed, "the evidence is not in its one form");
    f.tree.nodes.push_back(std::move(node));
    f.dossiers.push_back(std::move(dossier));
  }
  if (!in.at_end()) return base::fail(Trouble::malformed, "{} bytes follow the evidence", in.left());
  return {};
}

/// A line without its end, taken off the front.
base::Result<std::string_view> line(std::string_view& text, std::size_t most) {
  const auto end = text.substr(0, most + 1).find('\n');
  if (end == std::string_view::npos) return base::fail(Trouble::malformed, "this is no frozen evidence");
  const auto out = text.substr(0, end);
  text.remove_prefix(end + 1);
  return out;
}

}  // namespace

base::Result<base::Buffer> freeze(const Frozen& frozen) {
  wire::Writer w;
  put_head(w, frozen);
  for (std::size_t i = 0; i < frozen.tree.nodes.size(); ++i) {
    put_node(w, frozen.tree.nodes[i], frozen.dossiers[i]);
    if (w.bytes().size() > most_frozen_body) return base::fail(Trouble::limit, "the evidence has more than {} bytes and can't be frozen", most_frozen_body);
  }
  return deflated(w.bytes(), fmt::format("{}{}\n{}\n", magic, base::sha256(w.bytes()).hex(), w.bytes().size()));
}

base::Result<Thawed> thaw(base::Bytes file, std::size_t most_body) {
  if (!base::starts_with(file, magic)) return base::fail(Trouble::malformed, "this is no frozen evidence (it does not begin with 'assay evidence 1')");
  auto text = base::text_of(file).substr(magic.size());
  const auto hex = TRY(line(text, 64));
  const auto said = base::Digest::from_hex(hex);
  const auto number = TRY(line(text, 12));
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), size);
  if (!said || said->hex() != hex || error != std::errc() || end != number.data() + number.size() || fmt::format("{}", size) != number)
    return base::fail(Trouble::malformed, "the head of the frozen evidence is damaged");
  if (size > most_body) return base::fail(Trouble::limit, "the evidence has {} bytes; {} can be read", size, most_body);
  const auto body = TRY(inflated(base::bytes_of(text), size));
  const auto digest = base::sha256(body);
  if (digest != *said) return base::fail(Trouble::malformed, "the evidence is not what it was: its SHA-256 is {}, its head says {}", digest.hex(), hex);
  Thawed out;
  out.digest = digest;
  base::Cursor in(body);
  CHECK_OK(read_head(in, out.frozen));
  const auto nodes_at = in.position();
  CHECK_OK(read_nodes(in, body, out.frozen));
  wire::Writer head;
  put_head(head, out.frozen);
  if (!std::ranges::equal(head.bytes(), base::slice(body, 0, nodes_at + 4))) return base::fail(Trouble::malformed, "the evidence is not in its one form");
  return out;
}

}  // namespace evidence
