// UDF volumes (plain ones; a disc with an ISO 9660 tree beside it is read by that). ECMA-167; OSTA
// UDF 1.02 to 2.60. Own bounded reader: files, folders, links, named streams, deleted entries whose
// file entry is still there, unused blocks and slack.
#include <set>
#include <unordered_map>

#include "base/cursor.h"
#include "unpack/disk/shares.h"
#include "unpack/member.h"
#include "unpack/udf/volume.h"

namespace unpack {
namespace {

using artifact::Nature, artifact::Origin;
using base::Trouble;
using evidence::Confidence;
using namespace udf_format;

// The components of a link's target (4/14.16.1).
std::string joined_path(base::Bytes raw) {
  std::string out;
  base::Cursor at(raw);
  while (at.left() >= 4) {
    const auto type = at.u8(), size = at.u8();
    at.skip(2);
    const auto name = at.take(size);
    if (!at.ok()) break;
    if (type == 1 || type == 2) {
      out = "/";
      continue;
    }
    if (!out.empty() && out.back() != '/') out += '/';
    if (type == 3) out += "..";
    else if (type == 4) out += ".";
    else if (type == 5 && !name.empty()) out += base::text_of(name.subspan(1));
  }
  return out;
}

class UdfWalk {
 public:
  UdfWalk(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    CHECK_OK(sink_.spend(4096));
    const auto volume = Volume::open(view_.bytes, ledger_, sink_);
    if (!volume) {
      if (volume.error().trouble == Trouble::unsupported) ledger_.opaque({0, view_.bytes.size()}, "unsupported");
      return std::unexpected(volume.error());
    }
    volume_ = &*volume;
    const auto root = TRY(volume->node(volume->root(), ledger_, sink_));
    if (root.type != 4) return base::fail(Trouble::malformed, "the UDF root is no directory");
    reached_.insert(root.offset);
    CHECK_OK(directory(root, "", 0));
    if (Node own; volume->streams().size) {
      own.streams = volume->streams();
      CHECK_OK(streams(own, "", 0));
    }
    for (std::size_t i = 0; i < deleted_.size(); ++i) {
      const auto d = deleted_[i];
      CHECK_OK(give(d.listed, d.path, d.depth, Origin::hidden));
    }
    const auto end = volume->end() > 0 && volume->end() < view_.bytes.size() ? volume->end() : view_.bytes.size();
    if (volume->end() > view_.bytes.size()) state_trouble(sink_, "truncated", fmt::format("the volume has {} bytes, the image {}", volume->end(), view_.bytes.size()));
    CHECK_OK(ledger_.close(0, end, "unallocated"));
    return end < view_.bytes.size() ? hand_on_rest(view_, sink_, end, Confidence::low) : base::Result<>{};
  }

 private:
  base::Result<> directory(const Node& node, const std::string& path, int depth) {
    if (depth > 200) return base::fail(Trouble::limit, "UDF directories nest deeper than 200");
    shares_.add(node.extents);
    for (const auto& listed : TRY(volume_->list(node, ledger_, sink_))) {
      CHECK_OK(sink_.spend(100));
      if (!listed.deleted) CHECK_OK(give(listed, path, depth, Origin::member));
      else if (budget_.take(path.size() + listed.name.size())) deleted_.push_back({listed, path, depth});
    }
    return {};
  }

  base::Result<> give(const Listed& listed, const std::string& path, int depth, Origin origin) {
    artifact::Entry entry;
    entry.name = path + listed.name;
    entry.origin = origin;
    const auto node = volume_->node(listed.node, ledger_, sink_);
    if (!node) {
      if (node.error().trouble == Trouble::limit) return std::unexpected(node.error());
      if (origin == Origin::member) state_trouble(sink_, name_of(node.error().trouble), fmt::format("{}: {}", base::printable(entry.name), node.error().what));
      return {};
    }
    entry.mode = node->mode & 07777;
    entry.uid = node->uid;
    entry.gid = node->gid;
    switch (node->type) {
      case 4: entry.nature = Nature::directory; break;
      case 6: case 7: entry.nature = Nature::device; break;
      case 9: entry.nature = Nature::fifo; break;
      case 10: entry.nature = Nature::socket; break;
      case 12: entry.nature = Nature::symlink; break;
      default: break;
    }
    const bool fresh = reached_.insert(node->offset).second;
    if (!fresh && (entry.nature == Nature::directory || origin == Origin::hidden)) return {};
    if (!fresh) {
      entry.nature = Nature::hardlink;
      entry.link = first_names_[node->offset];
    } else if (node->links > 1 && entry.nature != Nature::directory && budget_.take(entry.name.size())) {
      first_names_[node->offset] = entry.name;
    }
    if (entry.nature == Nature::symlink) entry.link = target(*node);
    names_.see(entry, {});
    if (entry.nature == Nature::file) CHECK_OK(content(*node, entry));
    else CHECK_OK(sink_.child(entry, {}));
    if (fresh && node->streams.size && origin != Origin::embedded) CHECK_OK(streams(*node, entry.name, depth));
    return entry.nature == Nature::directory && origin != Origin::embedded ? directory(*node, entry.name + "/", depth + 1) : base::Result<>{};
  }

  std::string target(const Node& node) {
    for (const auto& e : node.extents)
      if (!e.hole) ledger_.structure({e.offset, std::min(e.size, node.size)}, "UDF link target");
    return joined_path(volume_->content(node, 65536));
  }

  base::Result<> content(const Node& node, const artifact::Entry& entry) {
    if (shares_.taken(node.extents)) {
      if (entry.origin == Origin::hidden) return {};
      state_mismatch(sink_, fmt::format("blocks of {} belong to another file too", base::printable(entry.name)), "bytes with two owners", Confidence::medium);
    }
    shares_.add(node.extents);
    return ledger_.give(entry, node.extents, node.size);
  }

  base::Result<> streams(const Node& node, const std::string& name, int depth) {
    const auto list = volume_->node(node.streams, ledger_, sink_);
    if (!list || list->type != 13 || !reached_.insert(list->offset).second) return {};
    for (const auto& listed : TRY(volume_->list(*list, ledger_, sink_)))
      if (!listed.deleted) CHECK_OK(give(listed, name + ":", depth, Origin::embedded));
    return {};
  }

  struct Deleted {
    Listed listed;
    std::string path;
    int depth = 0;
  };

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  NameWatch names_;
  Shares shares_;
  NameBudget budget_;
  const Volume* volume_ = nullptr;
  std::set<std::uint64_t> reached_;
  std::unordered_map<std::uint64_t, std::string> first_names_;
  std::vector<Deleted> deleted_;
};

class Udf final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "udf",
        .finds = "Files of UDF volumes with named streams, deleted entries, unused blocks and slack.",
        .kinds = {"udf"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Virtual partitions of discs that were written in several sessions are not read.", "Defects that a sparing table moved are read at their first place.",
                        "Extended attributes are passed over as structure."},
        .references = "ECMA-167, third edition; OSTA UDF 2.60",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return UdfWalk(view, sink).run(); }
};

}  // namespace

const evidence::Reader& udf() {
  static const Udf reader;
  return reader;
}

}  // namespace unpack
