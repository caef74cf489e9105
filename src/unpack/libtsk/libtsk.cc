// NTFS, HFS+ and APFS volumes, read by The Sleuth Kit's library from memory. Every file with its
// alternate streams, deleted files whose blocks nobody has taken, unnamed files, slack and free
// blocks. The library walks directories one at a time here, since its own recursion can't be bounded.
#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/disk/shares.h"
#include "unpack/libtsk/library.h"
#include "unpack/libtsk/metadata.h"
#include "unpack/member.h"

namespace unpack {
namespace {

// The library keeps types as the image states them, which need not be values of its enumeration.
int type_of(const TSK_FS_ATTR& attribute) {
  int out = 0;
  std::memcpy(&out, &attribute.type, sizeof out);
  return out;
}

using artifact::Nature, artifact::Origin;
using base::Trouble;
using evidence::Confidence;
using namespace libtsk_format;

constexpr TSK_INUM_T first_ntfs_file = 24;  // those in front are the file system's own

class TskWalk {
 public:
  TskWalk(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    CHECK_OK(sink_.spend(1 << 16));
    const Image image(view_.bytes);
    if (view_.kind == "apfs") CHECK_OK(pool(image));
    else CHECK_OK(volume(image.get(), view_.kind == "ntfs" ? TSK_FS_TYPE_NTFS : TSK_FS_TYPE_HFS, ""));
    const auto end = end_ ? std::min<std::uint64_t>(end_, view_.bytes.size()) : view_.bytes.size();
    CHECK_OK(ledger_.close(0, end, "unallocated"));
    return end < view_.bytes.size() ? hand_on_rest(view_, sink_, end, Confidence::low) : base::Result<>{};
  }

 private:
  base::Result<> unreadable(std::string_view what) {
    const auto why = last_error();
    ledger_.opaque({0, view_.bytes.size()}, "unsupported");
    return base::fail(Trouble::unsupported, "the {} is not read: {}", what, base::printable(why));
  }

  base::Result<> pool(const Image& image) {
    const Pool pool(tsk_pool_open_img_sing(image.get(), 0, TSK_POOL_TYPE_APFS));
    if (!pool) return unreadable("APFS container");
    end_ = base::checked_mul(pool->num_blocks, pool->block_size).value_or(0);
    unsigned count = 0;
    for (const auto* v = pool->vol_list; v && count < 100; v = v->next, ++count) {
      const auto name = fmt::format("volume-{}/", v->index);
      if (v->flags & TSK_POOL_VOLUME_FLAG_ENCRYPTED) {
        state_trouble(sink_, "encrypted", fmt::format("the APFS volume {} is encrypted", base::printable(v->desc ? v->desc : "")));
        continue;
      }
      const ImageOf inner(pool->get_img_info(pool.get(), v->block));
      if (inner) CHECK_OK(volume(inner.get(), TSK_FS_TYPE_APFS, name));
      else state_trouble(sink_, "malformed", fmt::format("the APFS volume {}: {}", v->index, last_error()));
    }
    return claim_objects(view_.bytes, pool->block_size, ledger_, sink_);
  }

  base::Result<> volume(TSK_IMG_INFO* image, TSK_FS_TYPE_ENUM type, const std::string& prefix) {
    const Fs fs(tsk_fs_open_img(image, 0, type));
    if (!fs && !prefix.empty()) {
      state_trouble(sink_, "unsupported", fmt::format("{}: {}", prefix, last_error()));
      return {};
    }
    if (!fs) return unreadable(view_.kind == "ntfs" ? "NTFS volume" : "HFS volume");
    fs_ = fs.get();
    reached_.clear();
    first_names_.clear();
    deleted_.clear();
    CHECK_OK(own_files());
    CHECK_OK(directory(fs_->root_inum, prefix, 0));
    for (std::size_t i = 0; i < deleted_.size(); ++i) {  // grows while deleted directories are read
      const auto d = deleted_[i];
      CHECK_OK(recover(d));
    }
    if (view_.kind == "ntfs") CHECK_OK(unnamed());
    fs_ = nullptr;
    return {};
  }

  void claim(const TSK_FS_ATTR& attribute, std::string_view why) {
    for (const auto& range : runs_of(*fs_, attribute)) {
      ledger_.structure(range, why);
      shares_.add(range);
    }
  }

  template <class See>
  void each_attribute(TSK_FS_FILE& file, See see) {
    const int count = tsk_fs_file_attr_getsize(&file);
    for (int i = 0; i < count; ++i)
      if (const auto* a = tsk_fs_file_attr_get_idx(&file, i)) see(*a);
    tsk_error_reset();
  }

  // The file system's own tables are files too.
  base::Result<> own_files() {
    if (view_.kind == "ntfs") return ntfs_tables();
    if (view_.kind != "hfs") return {};
    end_ = static_cast<std::uint64_t>(fs_->offset) + base::checked_mul(fs_->block_count, fs_->block_size).value_or(0);
    ledger_.structure({static_cast<std::uint64_t>(fs_->offset) + 1024, 512}, "HFS volume header");
    if (end_ >= 1024 && end_ <= view_.bytes.size() && base::starts_with(base::slice(view_.bytes, end_ - 1024), base::text_of(base::slice(view_.bytes, static_cast<std::uint64_t>(fs_->offset) + 1024, 2))))
      ledger_.structure({end_ - 1024, 512}, "HFS volume header");
    for (const TSK_INUM_T number : {3, 4, 6, 7, 8}) {
      const File file(tsk_fs_file_open_meta(fs_, nullptr, number));
      reached_.insert(number);
      if (file) each_attribute(*file, [&](const TSK_FS_ATTR& a) { claim(a, "HFS tables"); });
    }
    return sink_.spend(1000);
  }

  base::Result<> ntfs_tables() {
    end_ = base::checked_mul(fs_->block_count, fs_->block_size).value_or(0);
    ledger_.structure({0, 84}, "NTFS boot sector");
    ledger_.structure({510, 2}, "NTFS boot sector");
    // A copy of the boot sector stands in the last sector, behind the last cluster.
    base::Cursor boot(view_.bytes);
    boot.seek(11);
    const std::uint64_t sector = boot.u16();
    boot.seek(40);
    if (const auto last = base::checked_mul(boot.u64(), sector); last && *last >= end_ && *last <= view_.bytes.size() && sector) {
      const auto copy = base::slice(view_.bytes, *last, sector);
      if (copy.size() == sector && std::ranges::equal(copy, base::slice(view_.bytes, 0, sector))) ledger_.structure({*last, sector}, "NTFS boot sector"), end_ = *last + sector;
    }
    for (TSK_INUM_T number = 0; number < first_ntfs_file; ++number) {
      const File file(tsk_fs_file_open_meta(fs_, nullptr, number));
      if (!file || !file->meta || !(file->meta->flags & TSK_FS_META_FLAG_ALLOC)) continue;
      base::Result<> done;
      each_attribute(*file, [&](const TSK_FS_ATTR& a) {
        const bool stream = type_of(a) == TSK_FS_ATTR_TYPE_NTFS_DATA;
        if (number == 7 || (number == 8 && stream)) return;  // boot code is looked at; bad clusters are a list
        if (number == 0 && stream) done = claim_file_records(view_.bytes, runs_of(*fs_, a), file_record_size(view_.bytes), ledger_, sink_);
        else if (number == 2 && stream) done = journal(a);
        else claim(a, "NTFS tables");
      });
      CHECK_OK(done);
    }
    return {};
  }

  base::Result<> journal(const TSK_FS_ATTR& attribute) {
    for (const auto& range : runs_of(*fs_, attribute)) {
      CHECK_OK(sink_.spend(std::min<std::uint64_t>(range.size, view_.bytes.size())));
      const auto bytes = base::slice(view_.bytes, range.offset, range.size);
      const bool constant = !bytes.empty() && std::ranges::all_of(bytes, [&](std::uint8_t b) { return b == bytes[0]; });
      if (!constant) ledger_.claim(range, evidence::Label::scanned, "NTFS journal");
    }
    return {};
  }

  base::Result<> directory(TSK_INUM_T number, const std::string& path, int depth) {
    if (depth > 200) return base::fail(Trouble::limit, "directories nest deeper than 200");
    if (!reached_.insert(number).second) return {};
    CHECK_OK(sink_.spend(4096));
    const Dir dir(tsk_fs_dir_open_meta(fs_, number));
    if (!dir) {
      state_trouble(sink_, "malformed", fmt::format("the directory {}: {}", base::printable(path), base::printable(last_error())));
      return {};
    }
    const auto count = tsk_fs_dir_getsize(dir.get());
    for (std::size_t i = 0; i < count; ++i) {
      CHECK_OK(sink_.spend(200));
      const File file(tsk_fs_dir_get(dir.get(), i));
      if (!file || !file->name || !file->name->name) {
        tsk_error_reset();
        continue;
      }
      const std::string name = file->name->name;
      if (name == "." || name == "..") continue;
      if (file->meta && (file->meta->type == TSK_FS_META_TYPE_VIRT || file->meta->type == TSK_FS_META_TYPE_VIRT_DIR)) continue;
      const bool gone = file->name->flags & TSK_FS_NAME_FLAG_UNALLOC || !file->meta || file->meta->flags & TSK_FS_META_FLAG_UNALLOC;
      if (!gone) CHECK_OK(give(*file, path + name, depth));
      else if (budget_.take(path.size() + name.size())) deleted_.push_back({file->name->meta_addr, file->name->meta_seq, path + name, depth});
    }
    return {};
  }

  artifact::Entry entry_of(const TSK_FS_FILE& file, const std::string& name) const {
    artifact::Entry entry;
    entry.name = name;
    const auto& meta = *file.meta;
    if (view_.kind != "ntfs") {
      entry.mode = static_cast<std::uint32_t>(meta.mode) & 07777;
      entry.uid = meta.uid;
      entry.gid = meta.gid;
    }
    switch (meta.type) {
      case TSK_FS_META_TYPE_DIR: entry.nature = Nature::directory; break;
      case TSK_FS_META_TYPE_LNK: entry.nature = Nature::symlink; break;
      case TSK_FS_META_TYPE_FIFO: entry.nature = Nature::fifo; break;
      case TSK_FS_META_TYPE_SOCK: entry.nature = Nature::socket; break;
      case TSK_FS_META_TYPE_CHR: case TSK_FS_META_TYPE_BLK: entry.nature = Nature::device; break;
      default: break;
    }
    if (meta.link) entry.link = meta.link;
    return entry;
  }

  base::Result<> give(TSK_FS_FILE& file, const std::string& name, int depth) {
    const auto number = file.meta->addr;
    if (view_.kind == "ntfs" && number < first_ntfs_file) {
      if (file.meta->type != TSK_FS_META_TYPE_DIR) return {};
      return number == fs_->root_inum ? base::Result<>{} : directory(number, name + "/", depth + 1);  // $Extend
    }
    if (view_.kind == "hfs" && number < 16) return {};
    auto entry = entry_of(file, name);
    if (view_.kind == "ntfs" && name.starts_with("$Extend/$") && entry.nature == Nature::file) {  // quotas, object numbers, the change journal
      reached_.insert(number);
      return attributes(file, entry, Origin::embedded);
    }
    const bool folder = entry.nature == Nature::directory;
    if (!folder && !reached_.insert(number).second) {
      entry.nature = Nature::hardlink;
      entry.link = first_names_[number];
    } else if (!folder && file.meta->nlink > 1 && budget_.take(name.size())) {
      first_names_[number] = name;
    }
    names_.see(entry, {});
    if (entry.nature != Nature::file) CHECK_OK(sink_.child(entry, {}));
    if (entry.nature != Nature::hardlink) CHECK_OK(attributes(file, entry, Origin::member));
    return folder ? directory(number, name + "/", depth + 1) : base::Result<>{};
  }

  static bool is_content(const TSK_FS_ATTR& a) {
    return type_of(a) == TSK_FS_ATTR_TYPE_NTFS_DATA || type_of(a) == TSK_FS_ATTR_TYPE_HFS_DATA || type_of(a) == TSK_FS_ATTR_TYPE_HFS_DEFAULT;
  }
  static bool is_stream(const TSK_FS_ATTR& a) {
    if (type_of(a) == TSK_FS_ATTR_TYPE_NTFS_DATA) return a.name && *a.name;
    return type_of(a) == TSK_FS_ATTR_TYPE_HFS_RSRC || type_of(a) == TSK_FS_ATTR_TYPE_HFS_EXT_ATTR;
  }

  // Content, alternate streams, resource forks; all else (indexes, attribute lists) is structure.
  base::Result<> attributes(TSK_FS_FILE& file, const artifact::Entry& entry, Origin origin) {
    base::Result<> done;
    bool any = false;
    each_attribute(file, [&](const TSK_FS_ATTR& a) {
      if (!done) return;
      auto as = entry;
      as.origin = origin;
      as.nature = Nature::file;
      as.link.clear();
      if (is_stream(a)) {
        if (a.size <= 0) return;
        as.name += fmt::format(":{}", type_of(a) == TSK_FS_ATTR_TYPE_HFS_RSRC ? "rsrc" : a.name ? a.name : "stream");
        if (origin == Origin::member) as.origin = Origin::embedded;
        done = content(a, as);
      } else if (!is_content(a) || entry.nature == Nature::directory || entry.nature == Nature::symlink) {
        claim(a, "index or attributes of a file");
      } else if (entry.nature == Nature::file && !any) {
        any = true;
        done = content(a, as);
      }
    });
    if (done && !any && entry.nature == Nature::file && origin == Origin::member) done = sink_.child(entry, {});
    return done;
  }

  base::Result<> content(const TSK_FS_ATTR& a, const artifact::Entry& entry) {
    if (a.flags & TSK_FS_ATTR_ENC) {
      for (const auto& range : runs_of(*fs_, a)) ledger_.opaque(range, "encrypted");
      state_trouble(sink_, "encrypted", fmt::format("{} is encrypted", base::printable(entry.name)));
      return {};
    }
    const auto size = static_cast<std::uint64_t>(std::max<TSK_OFF_T>(0, a.size));
    if (size > sink_.room()) return ledger_.give(entry, {}, size);
    const auto extents = extents_of(*fs_, a);
    if (extents) {
      if (shares_.taken(*extents)) {
        if (entry.origin == Origin::hidden) return {};
        state_mismatch(sink_, fmt::format("blocks of {} belong to another file too", base::printable(entry.name)), "bytes with two owners", Confidence::medium);
      }
      shares_.add(*extents);
      return ledger_.give(entry, *extents, size);
    }
    const auto runs = runs_of(*fs_, a);
    if (entry.origin == Origin::hidden && std::ranges::any_of(runs, [&](base::Range r) { return shares_.taken(r); })) return {};
    Child child(sink_, entry);
    CHECK_OK(child.begun());
    base::Buffer piece(65536);
    for (std::uint64_t at = 0; at < size;) {
      CHECK_OK(sink_.spend(piece.size()));
      const auto got = tsk_fs_attr_read(&a, static_cast<TSK_OFF_T>(at), reinterpret_cast<char*>(piece.data()), std::min<std::uint64_t>(piece.size(), size - at), TSK_FS_FILE_READ_FLAG_NONE);
      if (got <= 0) {
        state_trouble(sink_, "malformed", fmt::format("{}: {}", base::printable(entry.name), base::printable(last_error())));
        return {};
      }
      CHECK_OK(child.give(base::Bytes(piece).first(static_cast<std::size_t>(got))));
      at += static_cast<std::uint64_t>(got);
    }
    for (const auto& range : runs) {
      ledger_.content(range, "file content");
      shares_.add(range);
    }
    return {};
  }

  struct Deleted {
    TSK_INUM_T number = 0;
    std::uint32_t sequence = 0;
    std::string name;
    int depth = 0;
  };

  // Its record may belong to another file by now, and so may its blocks.
  base::Result<> recover(const Deleted& d) {
    CHECK_OK(sink_.spend(1000));
    if (reached_.contains(d.number)) return {};
    const File file(tsk_fs_file_open_meta(fs_, nullptr, d.number));
    if (!file || !file->meta || !(file->meta->flags & TSK_FS_META_FLAG_UNALLOC)) {
      tsk_error_reset();
      return {};
    }
    auto entry = entry_of(*file, d.name);
    entry.origin = Origin::hidden;
    if (entry.nature == Nature::directory) return directory(d.number, d.name + "/", d.depth + 1);
    reached_.insert(d.number);
    return attributes(*file, entry, Origin::hidden);
  }

  base::Result<> unnamed() {
    for (auto number = std::max(fs_->first_inum, first_ntfs_file); number <= fs_->last_inum; ++number) {
      CHECK_OK(sink_.spend(1000));
      if (reached_.contains(number)) continue;
      const File file(tsk_fs_file_open_meta(fs_, nullptr, number));
      tsk_error_reset();
      if (!file || !file->meta || file->meta->type != TSK_FS_META_TYPE_REG || file->meta->flags & TSK_FS_META_FLAG_UNUSED) continue;
      const bool live = file->meta->flags & TSK_FS_META_FLAG_ALLOC;
      std::string name = fmt::format("{}-inode-{}", live ? "unnamed" : "deleted", number);
      if (file->meta->name2 && file->meta->name2->name[0]) name = fmt::format("{}-{}", name, file->meta->name2->name);
      auto entry = entry_of(*file, name);
      entry.origin = Origin::hidden;
      CHECK_OK(attributes(*file, entry, Origin::hidden));
    }
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  NameWatch names_;
  Shares shares_;
  NameBudget budget_;
  TSK_FS_INFO* fs_ = nullptr;
  std::uint64_t end_ = 0;  ///< of the file system; 0 = unknown
  std::unordered_set<TSK_INUM_T> reached_;
  std::unordered_map<TSK_INUM_T, std::string> first_names_;
  std::vector<Deleted> deleted_;
};

class Libtsk final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "libtsk",
        .finds = "Files of NTFS, HFS+ and APFS volumes with alternate streams and resource forks, deleted and unnamed files, free blocks and slack.",
        .kinds = {"ntfs", "hfs", "apfs"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"HFS volumes without the plus are not read.", "Encrypted files and APFS volumes are named but not read.", "The journal of NTFS is searched, not replayed.",
                        "Files that Windows compressed in the WOF form are handed on as their packed stream.", "APFS snapshots are not read apart.",
                        "NTFS extended attributes and reparse points are passed over as structure."},
        .references = "The Sleuth Kit 4.11; Apple Technical Note TN1150; Apple File System Reference",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return TskWalk(view, sink).run(); }
};

}  // namespace

const evidence::Reader& libtsk() {
  static const Libtsk reader;
  return reader;
}

}  // namespace unpack
