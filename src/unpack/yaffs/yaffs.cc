// YAFFS1 and YAFFS2 images and dumps of either byte order, with and without the spare areas: the
// newest version of each object and chunk, then what they replaced. See pages.h.
#include "unpack/yaffs/pages.h"

#include <algorithm>
#include <map>
#include <set>

#include "unpack/ledger.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Label;
using namespace yaffs_format;

struct Object {
  const Page* page = nullptr;
  std::optional<ObjectHeader> header;
  std::map<std::uint32_t, const Page*> chunks;
};

class Yaffs {
 public:
  Yaffs(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink), names_(sink, std::nullopt) {}

  base::Result<> run() {
    const auto shape = find_shape(view_.bytes);
    if (!shape) {
      sink_.label({0, view_.bytes.size()}, Label::opaque, "unsupported");
      return base::fail(Trouble::unsupported, "the size of the YAFFS pages can't be found");
    }
    shape_ = *shape;
    pages_ = TRY(pages(view_.bytes, shape_, sink_));
    CHECK_OK(arrange());
    CHECK_OK(directory(1, "", 0));
    CHECK_OK(deleted());
    CHECK_OK(replaced());
    return ledger_.close("yaffs-unused");
  }

 private:
  base::Result<> arrange() {
    for (const auto& p : pages_) {
      CHECK_OK(sink_.spend(100));
      ledger_.structure({p.at + shape_.page, shape_.spare}, "YAFFS tags");
      if (p.chunk == 0) ledger_.structure({p.at, 512}, "YAFFS object header");
      if (p.obsolete) continue;
      auto& object = objects_[p.object];
      auto& place = p.chunk == 0 ? object.page : object.chunks[p.chunk];
      if (!place || p.order >= place->order) place = &p;
    }
    for (auto& [number, object] : objects_) {
      if (object.page) object.header = object_header(base::slice(view_.bytes, object.page->at, shape_.page), shape_.big);
      if (object.header && number != 1) below_[object.header->parent].push_back(number);
    }
    return {};
  }

  base::Result<> directory(std::uint32_t number, const std::string& path, int depth) {
    if (depth > 200) return base::fail(Trouble::limit, "YAFFS directories nest deeper than 200");
    const auto found = below_.find(number);
    if (found == below_.end() || !listed_.insert(number).second) return {};
    for (const auto child : found->second) {
      CHECK_OK(sink_.spend(100));
      const auto& object = objects_[child];
      const auto name = path.empty() ? object.header->name : path + "/" + object.header->name;
      CHECK_OK(give(child, object, name, artifact::Origin::member));
      if (object.header->type == ObjectType::directory) CHECK_OK(directory(child, name, depth + 1));
    }
    return {};
  }

  base::Result<> give(std::uint32_t number, const Object& object, const std::string& name, artifact::Origin origin) {
    using artifact::Nature;
    artifact::Entry entry;
    entry.name = name;
    entry.origin = origin;
    given_.insert(number);
    if (const auto& h = object.header) {
      const auto kind = h->mode >> 12;
      entry.mode = h->mode & 07777;
      entry.uid = h->uid;
      entry.gid = h->gid;
      switch (h->type) {
        case ObjectType::file: break;
        case ObjectType::symlink: entry.nature = Nature::symlink, entry.link = h->target; break;
        case ObjectType::directory: entry.nature = Nature::directory; break;
        case ObjectType::hardlink: entry.nature = Nature::hardlink, entry.link = path_of(h->same_as); break;
        case ObjectType::special: entry.nature = kind == 1 ? Nature::fifo : kind == 014 ? Nature::socket : Nature::device; break;
      }
    }
    names_.see(entry, object.page ? base::Range{object.page->at, 512} : base::Range{});
    if (entry.nature != Nature::file) return sink_.child(entry, {});
    return content(object, entry);
  }

  std::string path_of(std::uint32_t number) const {
    std::string out;
    for (int depth = 0; depth < 200 && number != 1; ++depth) {
      const auto found = objects_.find(number);
      if (found == objects_.end() || !found->second.header) break;
      out = out.empty() ? found->second.header->name : found->second.header->name + "/" + out;
      number = found->second.header->parent;
    }
    return out;
  }

  base::Result<> content(const Object& object, const artifact::Entry& entry) {
    // Chunks that are younger than the header make the file longer than it says.
    std::uint64_t size = object.header ? object.header->size : 0;
    for (const auto& [chunk, page] : object.chunks)
      if (!object.page || page->order > object.page->order) size = std::max(size, std::uint64_t{chunk - 1} * shape_.page + page->bytes);
    std::vector<Extent> extents;
    std::uint64_t at = 0;
    for (const auto& [chunk, page] : object.chunks) {
      const auto start = std::uint64_t{chunk - 1} * shape_.page;
      if (start >= size) break;
      if (start > at) extents.push_back({0, start - at, true});
      const auto want = std::min<std::uint64_t>(page->bytes, size - start);
      extents.push_back({page->at, want, false});
      used_.insert(page);
      at = start + want;
    }
    if (at < size) {
      if (at == 0 && size <= sink_.room()) state_trouble(sink_, "truncated", fmt::format("{}: none of its {} bytes are there", base::printable(entry.name), size));
      extents.push_back({0, size - at, true});
    }
    return ledger_.give(entry, extents, size);
  }

  // Objects that the root doesn't lead to: deleted ones, and those of lost folders.
  base::Result<> deleted() {
    for (const auto& [number, object] : objects_) {
      CHECK_OK(sink_.spend(100));
      if (number < 5 || given_.contains(number) || (object.header && object.header->type != ObjectType::file)) continue;
      if (!object.header && object.chunks.empty()) continue;
      CHECK_OK(give(number, object, fmt::format("deleted-object-{}/{}", number, object.header ? object.header->name : ""), artifact::Origin::hidden));
    }
    return {};
  }

  base::Result<> replaced() {
    std::map<std::uint32_t, std::vector<const Page*>> old;
    for (const auto& p : pages_)
      if (p.chunk && p.bytes && !used_.contains(&p)) old[p.object].push_back(&p);
    for (auto& [number, pages] : old) {
      CHECK_OK(sink_.spend(100 * pages.size()));
      std::ranges::stable_sort(pages, {}, [](const Page* p) { return std::pair(p->chunk, p->order); });
      artifact::Entry entry;
      entry.name = fmt::format("replaced-data-of-object-{}/{}", number, objects_[number].header ? objects_[number].header->name : "");
      entry.origin = artifact::Origin::hidden;
      std::vector<Extent> extents;
      std::uint64_t size = 0;
      for (const auto* p : pages) extents.push_back({p->at, p->bytes, false}), size += p->bytes;
      CHECK_OK(ledger_.give(entry, extents, size));
    }
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  NameWatch names_;
  Shape shape_;
  std::vector<Page> pages_;
  std::map<std::uint32_t, Object> objects_;
  std::map<std::uint32_t, std::vector<std::uint32_t>> below_;
  std::set<std::uint32_t> listed_, given_;
  std::set<const Page*> used_;
};

class YaffsReader final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "yaffs",
        .finds = "Files of YAFFS1 and YAFFS2 images with owners, modes and links, and deleted files and replaced data that the flash still holds.",
        .kinds = {"yaffs"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Tags inside the pages and spare areas of unusual sizes are not recognised.", "Which of two YAFFS1 versions is the newer one is taken from their order in the image.",
                        "Correction codes are not applied: a flipped bit stays flipped."},
        .references = "https://yaffs.net/documents",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return Yaffs(view, sink).run(); }
};

}  // namespace

const evidence::Reader& yaffs() {
  static const YaffsReader reader;
  return reader;
}

}  // namespace unpack
