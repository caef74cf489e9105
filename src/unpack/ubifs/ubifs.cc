// UBIFS volumes: the file system as its index and journal have it, and what they replaced or
// deleted but the flash still holds. See nodes.h for the layout.
#include "unpack/ubifs/nodes.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>

#include "base/cursor.h"
#include "unpack/ledger.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Label;
using namespace ubifs_format;

struct DirectoryEntry {
  std::uint64_t inode = 0;
  unsigned type = 0;
};
using Blocks = std::map<std::uint32_t, const Node*>;

class Ubifs {
 public:
  Ubifs(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink), names_(sink, std::nullopt) {}

  base::Result<> run() {
    const auto shape = geometry(view_.bytes);
    if (!shape) {
      sink_.label({0, view_.bytes.size()}, Label::opaque, "damaged");
      return std::unexpected(shape.error());
    }
    leb_size_ = shape->leb_size;
    nodes_ = TRY(scan(view_.bytes, *shape, sink_));
    if (!TRY(mark_live(view_.bytes, *shape, nodes_, sink_))) state_trouble(sink_, "malformed", "the UBIFS index can't be followed; the newest nodes are taken");
    claim(*shape);
    CHECK_OK(replay());
    CHECK_OK(directory(1, "", 0));
    CHECK_OK(unlinked());
    CHECK_OK(attributes());
    CHECK_OK(replaced());
    return ledger_.close("ubifs-unused");
  }

 private:
  base::Cursor fields(const Node& n, std::uint64_t skip) const {
    base::Cursor in(base::slice(view_.bytes, n.at, n.size));
    in.skip(skip);
    return in;
  }

  static bool constant(base::Bytes bytes) {
    return std::ranges::all_of(bytes, [&](std::uint8_t b) { return b == bytes[0]; });
  }

  void claim(const Geometry& shape) {
    for (const auto& n : nodes_) {
      const std::uint64_t aligned = (n.size + 7) & ~7u;
      ledger_.structure({n.at, n.size}, "UBIFS node");
      if (constant(base::slice(view_.bytes, n.at + n.size, aligned - n.size))) ledger_.padding({n.at + n.size, aligned - n.size}, "UBIFS alignment");
      if (n.type != NodeType::pad) continue;
      const auto rest = base::slice(view_.bytes, n.at + n.size, fields(n, 24).u32());
      if (constant(rest)) ledger_.padding({n.at + n.size, rest.size()}, "UBIFS padding");
    }
    // The tree of free space has no nodes; it is packed bits behind superblock, masters and log.
    const auto first = std::uint64_t{3} + shape.log_lebs;
    ledger_.structure({first * leb_size_, std::uint64_t{shape.lpt_lebs} * leb_size_}, "UBIFS LEB properties");
  }

  // In the order in which they were written, so that the last word wins.
  base::Result<> replay() {
    std::vector<const Node*> order;
    for (const auto& n : nodes_)
      if (n.live && n.type <= NodeType::truncation) order.push_back(&n);
    std::ranges::stable_sort(order, {}, &Node::sequence);
    for (const auto* n : order) {
      CHECK_OK(sink_.spend(100));
      auto in = fields(*n, 24);
      const std::uint64_t number = in.u32();
      const auto block = in.u32() & 0x1fffffff;
      if (n->type == NodeType::inode) {
        if (fields(*n, 92).u32() == 0) inodes_.erase(number), blocks_.erase(number);
        else inodes_[number] = n;
      } else if (n->type == NodeType::data) {
        blocks_[number][block] = n;
      } else if (n->type == NodeType::truncation) {
        const auto size = fields(*n, 48).u64();
        auto& blocks = blocks_[number];
        blocks.erase(blocks.lower_bound(static_cast<std::uint32_t>(std::min<std::uint64_t>((size + 4095) / 4096, UINT32_MAX))), blocks.end());
      } else {
        in.skip(8);
        const auto target = in.u64();
        in.skip(1);
        const unsigned type = in.u8();
        const auto length = in.u16();
        in.skip(4);
        const auto name = std::string(base::text_of(in.take(length)));
        if (!in.ok() || name.empty()) continue;
        auto& list = n->type == NodeType::entry ? entries_[number] : attributes_[number];
        if (target == 0) list.erase(name);
        else list[name] = {target, type};
      }
    }
    return {};
  }

  base::Result<> directory(std::uint64_t number, const std::string& path, int depth) {
    if (depth > 200) return base::fail(Trouble::limit, "UBIFS directories nest deeper than 200");
    const auto found = entries_.find(number);
    if (found == entries_.end() || !listed_.insert(number).second) return {};
    for (const auto& [name, entry] : found->second) {
      CHECK_OK(sink_.spend(100));
      CHECK_OK(give(entry.inode, path.empty() ? name : path + "/" + name, entry.type, depth, artifact::Origin::member));
    }
    return {};
  }

  base::Result<> give(std::uint64_t number, const std::string& name, unsigned type, int depth, artifact::Origin origin) {
    using artifact::Nature;
    static constexpr std::array<Nature, 7> natures = {Nature::file, Nature::directory, Nature::symlink, Nature::device, Nature::device, Nature::fifo, Nature::socket};
    artifact::Entry entry;
    entry.name = name;
    entry.nature = type < natures.size() ? natures.at(type) : Nature::file;
    entry.origin = origin;
    const auto found = inodes_.find(number);
    if (found == inodes_.end()) {
      state_trouble(sink_, "malformed", fmt::format("{}: its UBIFS inode {} is missing", base::printable(name), number));
      if (entry.nature != Nature::file) return sink_.child(entry, {});
    }
    const Node* inode = found == inodes_.end() ? nullptr : found->second;
    std::uint64_t size = 0;
    if (inode) {
      auto in = fields(*inode, 48);
      size = in.u64();
      in = fields(*inode, 96);
      entry.uid = in.u32();
      entry.gid = in.u32();
      entry.mode = in.u32() & 07777;
      if (in.u32() & 0x40) state_trouble(sink_, "encrypted", base::printable(name), inode->range());
      if (entry.nature == Nature::symlink) entry.link = base::text_of(fields(*inode, 160).take(std::min<std::uint32_t>(in.u32(), inode->size - std::min(inode->size, 160u))));
    }
    if (const auto [first, fresh] = first_names_.emplace(number, name); !fresh && entry.nature == Nature::file) {
      entry.nature = Nature::hardlink;
      entry.link = first->second;
    }
    names_.see(entry, {});
    if (entry.nature == Nature::file) return content(number, entry, size);
    CHECK_OK(sink_.child(entry, {}));
    return entry.nature == Nature::directory ? directory(number, name, depth + 1) : base::Result<>{};
  }

  base::Result<> content(std::uint64_t number, const artifact::Entry& entry, std::uint64_t size) {
    if (size > sink_.room()) {
      state_trouble(sink_, "limit", fmt::format("{} says it holds {} bytes", base::printable(entry.name), size));
      return {};
    }
    Child child(sink_, entry);
    CHECK_OK(child.begun());
    std::uint64_t at = 0;
    if (const auto found = blocks_.find(number); found != blocks_.end())
      for (const auto& [block, node] : found->second) {
        const auto start = std::uint64_t{block} * 4096;
        if (start >= size || start < at) continue;
        CHECK_OK(zeros(child, start - at));
        at = start;
        const auto bytes = data(*node);
        if (!bytes) {
          state_trouble(sink_, name_of(bytes.error().trouble), fmt::format("{}: {}", base::printable(entry.name), bytes.error().what), node->range());
          continue;
        }
        const auto part = base::slice(*bytes, 0, size - start);
        CHECK_OK(child.give(part));
        at += part.size();
      }
    return zeros(child, size - at);
  }

  static base::Result<> zeros(Child& child, std::uint64_t size) {
    static constexpr std::array<std::uint8_t, 65536> none{};
    for (; size; size -= std::min<std::uint64_t>(size, none.size())) CHECK_OK(child.give(base::Bytes(none).first(std::min<std::uint64_t>(size, none.size()))));
    return {};
  }

  base::Result<base::Buffer> data(const Node& n) {
    auto in = fields(n, 40);
    const auto size = in.u32();
    const auto method = in.u16();
    CHECK_OK(in.status("a UBIFS data node"));
    CHECK_OK(sink_.spend(4096));
    auto out = TRY(decompress(base::slice(view_.bytes, n.at + 48, n.size - std::min(n.size, 48u)), method, size));
    sink_.label({n.at, n.size}, Label::handed_on, "UBIFS data");
    return out;
  }

  // Inodes that no directory names: files deleted while open.
  base::Result<> unlinked() {
    std::vector<std::uint64_t> numbers;
    for (const auto& [number, node] : inodes_)
      if (!first_names_.contains(number) && (fields(*node, 104).u32() & 0170000) == 0100000 && !(fields(*node, 108).u32() & 0x20)) numbers.push_back(number);
    std::ranges::sort(numbers);
    for (const auto number : numbers) CHECK_OK(give(number, fmt::format("unlinked-inode-{}", number), 0, 0, artifact::Origin::hidden));
    return {};
  }

  base::Result<> attributes() {
    for (const auto& [host, list] : attributes_)
      for (const auto& [name, entry] : list) {
        CHECK_OK(sink_.spend(100));
        const auto inode = inodes_.find(entry.inode);
        if (inode == inodes_.end()) continue;
        artifact::Entry out;
        const auto file = first_names_.find(host);
        out.name = fmt::format("{}:{}", file == first_names_.end() ? fmt::format("inode-{}", host) : file->second, name);
        out.origin = artifact::Origin::embedded;
        auto in = fields(*inode->second, 112);
        const auto size = in.u32();
        CHECK_OK(sink_.child(out, base::slice(view_.bytes, inode->second->at + 160, std::min<std::uint64_t>(size, inode->second->size - std::min(inode->second->size, 160u)))));
        sink_.label(inode->second->range(), Label::handed_on, "UBIFS extended attribute");
      }
    return {};
  }

  // Data nodes that are no part of a file any more, together by inode, in the order of the content
  // and then of time; named after the last directory entry that spoke of the inode.
  base::Result<> replaced() {
    std::set<const Node*> used;
    for (const auto& [number, blocks] : blocks_)
      if (first_names_.contains(number))
        for (const auto& [block, node] : blocks) used.insert(node);
    std::map<std::uint64_t, std::vector<const Node*>> old;
    std::unordered_map<std::uint64_t, std::string> old_names;
    for (const auto& n : nodes_) {
      CHECK_OK(sink_.spend(50));
      if (n.type == NodeType::data && !used.contains(&n)) old[fields(n, 24).u32()].push_back(&n);
      if (n.type != NodeType::entry) continue;
      auto in = fields(n, 40);
      const auto target = in.u64();
      in.skip(2);
      const auto length = in.u16();
      in.skip(4);
      if (target) old_names[target] = base::text_of(in.take(length));
    }
    for (auto& [number, nodes] : old) {
      std::ranges::stable_sort(nodes, {}, [&](const Node* n) { return std::pair(fields(*n, 28).u32() & 0x1fffffff, n->sequence); });
      artifact::Entry entry;
      const auto name = old_names.find(number);
      entry.name = fmt::format("replaced-data-of-inode-{}{}{}", number, name == old_names.end() ? "" : "/", name == old_names.end() ? "" : name->second);
      entry.origin = artifact::Origin::hidden;
      Child child(sink_, entry);
      CHECK_OK(child.begun());
      for (const auto* n : nodes)
        if (const auto bytes = data(*n)) CHECK_OK(child.give(*bytes));
    }
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  NameWatch names_;
  std::uint64_t leb_size_ = 0;
  std::vector<Node> nodes_;
  std::unordered_map<std::uint64_t, const Node*> inodes_;
  std::unordered_map<std::uint64_t, Blocks> blocks_;
  std::map<std::uint64_t, std::map<std::string, DirectoryEntry>> entries_, attributes_;
  std::unordered_map<std::uint64_t, std::string> first_names_;
  std::set<std::uint64_t> listed_;
};

class UbifsReader final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "ubifs",
        .finds = "Files of UBIFS volumes with owners, modes, links and extended attributes, and replaced or deleted data that the flash still holds.",
        .kinds = {"ubifs"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Encrypted names and contents are handed on as they are stored.", "Signatures of authenticated volumes are not checked.",
                        "Replaced data that can't be decompressed stays in its node."},
        .references = "http://www.linux-mtd.infradead.org/doc/ubifs.html",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return Ubifs(view, sink).run(); }
};

}  // namespace

const evidence::Reader& ubifs() {
  static const UbifsReader reader;
  return reader;
}

}  // namespace unpack
