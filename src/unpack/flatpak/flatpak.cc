// Flatpak's single-file bundles: an OSTree static delta from nothing. The files come out under the names that the
// commit's trees give them; objects that no tree names are hidden. Checksums and signatures are not checked.
#include <algorithm>
#include <set>

#include "unpack/flatpak/delta.h"
#include "unpack/ledger.h"
#include "unpack/member.h"
#include "unpack/stream.h"

namespace unpack {
namespace {

using base::Trouble;
using namespace flatpak_format;

constexpr std::uint64_t most_part = 512ull << 20;
constexpr std::uint64_t most_trees = 256ull << 20;

class FlatpakRead {
 public:
  FlatpakRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    CHECK_OK(sink_.spend(view_.bytes.size()));
    const auto bundle = TRY(read_bundle(view_.bytes));
    ledger_.structure({0, view_.bytes.size()}, "bundle");
    if (const auto found = bundle.metadata.find("metadata"); found != bundle.metadata.end()) {
      artifact::Entry entry;
      entry.name = "metadata";
      entry.origin = artifact::Origin::embedded;
      ledger_.content(range_of(found->second), "metadata of the application");
      CHECK_OK(sink_.child(entry, base::bytes_of(text(found->second))));
    }
    // Trees may stand in other parts than the files that they name.
    for (const auto& part : bundle.parts)
      CHECK_OK(each_object(part, [&](const Object& o) -> base::Result<> {
        if (o.kind != 2 || o.size() > most_trees - trees_size_) return {};
        trees_size_ += o.size();
        auto& tree = trees_[o.name];
        for (const auto p : o.pieces) tree.insert(tree.end(), p.begin(), p.end());
        return sink_.spend(o.size() + 1);
      }, false));
    CHECK_OK(walk(bundle.root_tree, "", 0));
    for (const auto& part : bundle.parts) {
      ledger_.content(range_of(part.packed), "objects");
      CHECK_OK(each_object(part, [&](const Object& o) { return give(o); }, true));
    }
    for (const auto& [object, paths] : paths_)
      if (!given_.contains(object)) state_trouble(sink_, "truncated", fmt::format("{} is not in the bundle", base::printable(paths[0])));
    return {};
  }

 private:
  base::Range range_of(base::Bytes bytes) const { return bytes.empty() ? base::Range{} : base::Range{static_cast<std::uint64_t>(bytes.data() - view_.bytes.data()), bytes.size()}; }

  base::Result<> each_object(const Part& part, const std::function<base::Result<>(const Object&)>& see, bool state) {
    base::Buffer plain;
    auto payload = part.packed;
    base::Result<> done;
    if (part.xz) {
      const auto decoded = stream::xz(part.packed, [&](base::Bytes b) -> base::Result<> {
        if (b.size() > most_part - plain.size()) return base::fail(Trouble::limit, "a part of the bundle is larger than {} bytes", most_part);
        plain.insert(plain.end(), b.begin(), b.end());
        return sink_.spend(b.size());
      });
      done = decoded.end;
      payload = plain;
    }
    if (done) done = run_part(payload, part, see);
    if (done || done.error().trouble == Trouble::limit || done.error().trouble == Trouble::bug) return done;
    if (state) {
      state_trouble(sink_, name_of(done.error().trouble), done.error().what, range_of(part.packed));
      ledger_.opaque(range_of(part.packed), "damaged");
    }
    return {};
  }

  base::Result<> walk(const Checksum& tree, const std::string& path, int depth) {
    if (depth > 200 || path.size() > 8192) return base::fail(Trouble::limit, "folders nest deeper than 200");
    const auto found = trees_.find(tree);
    if (found == trees_.end()) {
      if (!tree.empty()) state_trouble(sink_, "truncated", fmt::format("the list of folder /{} is not in the bundle", base::printable(path)));
      return {};
    }
    for (const auto& l : list_tree(found->second)) {
      CHECK_OK(sink_.spend(64));
      const auto name = path.empty() ? l.name : path + "/" + l.name;
      if (l.folder) CHECK_OK(walk(l.object, name, depth + 1));
      else if (++listed_ > 2'000'000) return base::fail(Trouble::limit, "more than 2,000,000 files");
      else paths_[l.object].push_back(name);
    }
    return {};
  }

  base::Result<> give(const Object& o) {
    if (o.kind != 1 || !given_.insert(o.name).second) return {};
    artifact::Entry entry;
    entry.mode = o.mode & 07777;
    entry.uid = o.uid;
    entry.gid = o.gid;
    const auto paths = paths_.find(o.name);
    if (paths == paths_.end()) {
      entry.name = fmt::format("object-{}", base::to_hex(base::bytes_of(o.name)).substr(0, 16));
      entry.origin = artifact::Origin::hidden;
    } else {
      entry.name = paths->second[0];
    }
    names_.see(entry, {});
    if ((o.mode & 0170000) == 0120000) {
      entry.nature = artifact::Nature::symlink;
      for (const auto p : o.pieces) entry.link += base::text_of(base::slice(p, 0, 4096));
      if (const auto end = entry.link.find('\0'); end != std::string::npos) entry.link.resize(end);
      CHECK_OK(sink_.child(entry, {}));
    } else if (o.size() > sink_.room()) {
      state_trouble(sink_, "limit", fmt::format("{} holds {} bytes", base::printable(entry.name), o.size()));
      return {};
    } else {
      Child child(sink_, entry);
      CHECK_OK(child.begun());
      for (const auto p : o.pieces) CHECK_OK(child.give(p));
    }
    for (std::size_t i = 1; paths != paths_.end() && i < paths->second.size(); ++i) {
      artifact::Entry again = entry;
      again.nature = artifact::Nature::hardlink;
      again.name = paths->second[i];
      again.link = entry.name;
      CHECK_OK(sink_.child(again, {}));
    }
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  NameWatch names_;
  std::map<Checksum, base::Buffer> trees_;
  std::map<Checksum, std::vector<std::string>> paths_;
  std::set<Checksum> given_;
  std::uint64_t trees_size_ = 0, listed_ = 0;
};

class Flatpak final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "flatpak",
        .finds = "Files of Flatpak's single-file bundles, and objects that no folder of them names.",
        .kinds = {"flatpak"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Checksums of objects and signatures of bundles are not checked.", "Extended attributes are not read.", "Modes of folders are not read.", "Bundles that update an installed version (binary differences) are not read."},
        .references = "GVariant specification; OSTree static deltas",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return FlatpakRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& flatpak() {
  static const Flatpak reader;
  return reader;
}

}  // namespace unpack
