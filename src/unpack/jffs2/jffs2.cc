// JFFS2 images and dumps of either byte order: the newest version of each name and of each byte of
// each file, then what is deleted or replaced but still in the flash. See nodes.h.
#include "unpack/jffs2/nodes.h"

#include <algorithm>
#include <array>
#include <map>
#include <ranges>
#include <set>
#include <unordered_map>

#include "unpack/ledger.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Label;
using namespace jffs2_format;

/// A run of a file's bytes that one node holds.
struct Piece {
  std::uint64_t end = 0;
  const InodeNode* node = nullptr;
};
using Pieces = std::map<std::uint64_t, Piece>;  ///< by start, apart

void cut(Pieces& pieces, std::uint64_t from, std::uint64_t to) {
  auto at = pieces.lower_bound(from);
  if (at != pieces.begin()) {
    const auto before = std::prev(at);
    if (before->second.end > from) {
      const auto piece = before->second;
      before->second.end = from;
      if (piece.end > to) pieces[to] = piece;
    }
  }
  while (at != pieces.end() && at->first < to) {
    const auto piece = at->second;
    at = pieces.erase(at);
    if (piece.end > to) {
      pieces[to] = piece;
      break;
    }
  }
}

struct File {
  std::vector<const InodeNode*> nodes;  ///< by version once sorted
  const InodeNode* newest() const { return nodes.empty() ? nullptr : nodes.back(); }
  // The history played again: each node writes its bytes and says how long the file then was.
  Pieces pieces() const {
    Pieces out;
    for (const auto* n : nodes) {
      if (n->size && !n->damaged) {
        const auto end = std::uint64_t{n->offset} + n->size;
        cut(out, n->offset, end);
        out[n->offset] = {end, n};
      }
      cut(out, n->file_size, UINT64_MAX);
    }
    return out;
  }
};

class Jffs2 {
 public:
  Jffs2(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink), names_(sink, std::nullopt) {}

  base::Result<> run() {
    nodes_ = TRY(scan(view_.bytes, sink_));
    if (nodes_.names.empty() && nodes_.inodes.empty() && nodes_.others.empty()) {
      sink_.label({0, view_.bytes.size()}, Label::opaque, "damaged");
      return base::fail(Trouble::malformed, "no sound JFFS2 node");
    }
    claim();
    arrange();
    for (const auto& [name, node] : directories_[1]) CHECK_OK(give(*node, node->name, 0));
    CHECK_OK(deleted());
    CHECK_OK(attributes());
    CHECK_OK(replaced());
    return ledger_.close("jffs2-unused");
  }

 private:
  void claim() {
    const auto node = [&](base::Range r) {
      ledger_.structure(r, "JFFS2 node");
      const auto rest = (4 - r.size % 4) % 4;
      const auto bytes = base::slice(view_.bytes, r.end(), rest);
      if (!bytes.empty() && std::ranges::all_of(bytes, [&](std::uint8_t b) { return b == bytes[0]; })) ledger_.padding({r.end(), bytes.size()}, "JFFS2 alignment");
    };
    for (const auto& n : nodes_.names) node(n.range);
    for (const auto& n : nodes_.inodes) node(n.range);
    for (const auto& n : nodes_.attributes) node(n.range);
    for (const auto& r : nodes_.others) node(r);
    for (const auto& r : nodes_.damaged | std::views::take(16)) state_trouble(sink_, "malformed", fmt::format("a damaged JFFS2 node at {}", r.offset), r);
    if (nodes_.damaged.size() > 16) state_trouble(sink_, "malformed", fmt::format("{} damaged JFFS2 nodes in all", nodes_.damaged.size()));
  }

  void arrange() {
    for (const auto& n : nodes_.inodes)
      if (!n.obsolete) files_[n.inode].nodes.push_back(&n);
    for (auto& [number, file] : files_) std::ranges::stable_sort(file.nodes, {}, [](const InodeNode* n) { return n->version; });
    std::map<std::pair<std::uint32_t, std::string>, const DirectoryNode*> newest;
    for (const auto& n : nodes_.names) {
      if (n.inode) old_names_[n.inode] = n.name;
      if (n.obsolete) continue;
      auto& place = newest[{n.parent, n.name}];
      if (!place || n.version >= place->version) place = &n;
    }
    for (const auto& [key, n] : newest)
      if (n->inode) directories_[key.first][key.second] = n;
  }

  base::Result<> give(const DirectoryNode& node, const std::string& path, int depth) {
    using artifact::Nature;
    if (depth > 200) return base::fail(Trouble::limit, "JFFS2 directories nest deeper than 200");
    CHECK_OK(sink_.spend(100));
    artifact::Entry entry;
    entry.name = path;
    entry.nature = node.type == 4 ? Nature::directory : node.type == 10 ? Nature::symlink : node.type == 2 || node.type == 6 ? Nature::device : node.type == 1 ? Nature::fifo : node.type == 12 ? Nature::socket : Nature::file;
    const auto found = files_.find(node.inode);
    if (found == files_.end() && entry.nature != Nature::directory) state_trouble(sink_, "malformed", fmt::format("{}: its JFFS2 inode {} is missing", base::printable(path), node.inode), node.range);
    const File none;
    const auto& file = found == files_.end() ? none : found->second;
    describe(file, entry);
    if (entry.nature == Nature::symlink && file.newest())
      if (const auto target = content(*file.newest())) entry.link = base::text_of(*target);
    if (const auto [first, fresh] = first_names_.emplace(node.inode, path); !fresh && entry.nature == Nature::file) {
      entry.nature = Nature::hardlink;
      entry.link = first->second;
    }
    names_.see(entry, node.range);
    if (entry.nature == Nature::file) return give_content(file, entry);
    CHECK_OK(sink_.child(entry, {}));
    if (entry.nature != Nature::directory || !listed_.insert(node.inode).second) return {};
    for (const auto& [name, below] : directories_[node.inode]) CHECK_OK(give(*below, path + "/" + name, depth + 1));
    return {};
  }

  static void describe(const File& file, artifact::Entry& entry) {
    if (const auto* n = file.newest()) {
      entry.mode = n->mode & 07777;
      entry.uid = n->uid;
      entry.gid = n->gid;
    }
  }

  base::Result<> give_content(const File& file, const artifact::Entry& entry) {
    const std::uint64_t size = file.newest() ? file.newest()->file_size : 0;
    if (size > sink_.room()) {
      state_trouble(sink_, "limit", fmt::format("{} says it holds {} bytes", base::printable(entry.name), size));
      return {};
    }
    CHECK_OK(sink_.spend(file.nodes.size() * 50));
    Child child(sink_, entry);
    CHECK_OK(child.begun());
    for (const auto* n : file.nodes)
      if (n->damaged) state_trouble(sink_, "malformed", fmt::format("{}: the sum of a node's data is wrong", base::printable(entry.name)), n->range);
    std::uint64_t at = 0;
    for (const auto& [start, piece] : file.pieces()) {
      CHECK_OK(zeros(child, start - at));
      at = piece.end;
      const auto bytes = unpacked(*piece.node);
      if (!bytes) {
        state_trouble(sink_, name_of(bytes.error().trouble), fmt::format("{}: {}", base::printable(entry.name), bytes.error().what), piece.node->range);
        CHECK_OK(zeros(child, piece.end - start));
        continue;
      }
      CHECK_OK(child.give(base::slice(*bytes, start - piece.node->offset, piece.end - start)));
    }
    return zeros(child, size - std::min(size, at));
  }

  base::Result<base::Buffer> unpacked(const InodeNode& n) {
    CHECK_OK(sink_.spend(n.size));
    auto out = TRY(content(n));
    sink_.label(n.range, Label::handed_on, "JFFS2 data");
    used_.insert(&n);
    return out;
  }

  static base::Result<> zeros(Child& child, std::uint64_t size) {
    static constexpr std::array<std::uint8_t, 65536> none{};
    for (; size; size -= std::min<std::uint64_t>(size, none.size())) CHECK_OK(child.give(base::Bytes(none).first(std::min<std::uint64_t>(size, none.size()))));
    return {};
  }

  std::string former_name(std::string_view what, std::uint32_t inode) const {
    const auto name = old_names_.find(inode);
    return fmt::format("{}-inode-{}{}{}", what, inode, name == old_names_.end() ? "" : "/", name == old_names_.end() ? "" : name->second);
  }

  // Files that no directory lists any more.
  base::Result<> deleted() {
    for (const auto& [number, file] : files_) {
      CHECK_OK(sink_.spend(100));
      if (first_names_.contains(number) || (file.newest()->mode & 0170000) != 0100000) continue;
      artifact::Entry entry;
      entry.name = former_name("deleted", number);
      entry.origin = artifact::Origin::hidden;
      describe(file, entry);
      CHECK_OK(give_content(file, entry));
    }
    return {};
  }

  base::Result<> attributes() {
    for (const auto& a : nodes_.attributes) {
      CHECK_OK(sink_.spend(100));
      artifact::Entry entry;
      entry.name = fmt::format("extended-attribute-{}:{}", a.number, a.name);
      entry.origin = artifact::Origin::embedded;
      CHECK_OK(sink_.child(entry, a.value));
      sink_.label(a.range, Label::handed_on, "JFFS2 extended attribute");
    }
    return {};
  }

  // Data that no file shows any more, together by inode in the order of the content and then of time.
  base::Result<> replaced() {
    std::map<std::uint32_t, std::vector<const InodeNode*>> old;
    for (const auto& n : nodes_.inodes)
      if (n.size && !n.damaged && !used_.contains(&n) && (n.mode & 0170000) == 0100000) old[n.inode].push_back(&n);
    for (auto& [number, nodes] : old) {
      std::ranges::stable_sort(nodes, {}, [](const InodeNode* n) { return std::pair(n->offset, n->version); });
      artifact::Entry entry;
      entry.name = former_name("replaced-data-of", number);
      entry.origin = artifact::Origin::hidden;
      Child child(sink_, entry);
      CHECK_OK(child.begun());
      for (const auto* n : nodes)
        if (const auto bytes = unpacked(*n)) CHECK_OK(child.give(*bytes));
        else if (bytes.error().trouble == Trouble::limit) return std::unexpected(bytes.error());
    }
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  NameWatch names_;
  Nodes nodes_;
  std::map<std::uint32_t, File> files_;
  std::map<std::uint32_t, std::map<std::string, const DirectoryNode*>> directories_;
  std::unordered_map<std::uint32_t, std::string> first_names_, old_names_;
  std::set<std::uint32_t> listed_;
  std::set<const InodeNode*> used_;
};

class Jffs2Reader final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "jffs2",
        .finds = "Files of JFFS2 images of both byte orders with owners, modes and links, and deleted files and replaced data that the flash still holds.",
        .kinds = {"jffs2"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Blocks compressed with rubin are named, but not read.", "Dumps with the out-of-band areas of their pages are read only where nodes stay whole.",
                        "Extended attributes don't say which file they belong to."},
        .references = "https://sourceware.org/jffs2/jffs2.pdf",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return Jffs2(view, sink).run(); }
};

}  // namespace

const evidence::Reader& jffs2() {
  static const Jffs2Reader reader;
  return reader;
}

}  // namespace unpack
