// The zip family. Three tellings of the same archive are compared: the central directory, the
// local headers, and the bytes that neither names (in front, between, behind). What two readers
// would see differently is stated as a mismatch; members that the directory does not list are
// handed on as hidden. Own code, because libraries believe one telling.
// APPNOTE 6.3.10; CRX 3; APK signature scheme v2. Encrypted members are not read.
#include <algorithm>

#include <zlib.h>

#include "base/checked.h"
#include "unpack/member.h"
#include "unpack/stream.h"
#include "unpack/zip/crx.h"
#include "unpack/zip/methods.h"
#include "unpack/zip/records.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Confidence;
using evidence::Label;
using namespace zip_format;

bool is_strict(std::string_view kind) { return kind == "apk" || kind == "aab" || kind == "xpi" || kind == "crx" || kind == "vsix"; }

class ZipWalk {
 public:
  ZipWalk(const evidence::View& view, evidence::Sink& sink)
      : view_(view), sink_(sink), bytes_(view.bytes), names_(sink, is_strict(view.kind) ? Confidence::medium : Confidence::low) {}

  base::Result<> run() {
    std::vector<std::uint64_t> ends;
    const auto directory = find_directory(bytes_, ends);
    if (!directory) return without_directory();
    CHECK_OK(sink_.spend(directory->size + 1));
    sink_.label({directory->at, directory->end - directory->at}, Label::structure, "zip directory");
    check_directory(*directory, ends);
    for (const auto& entry : directory->entries) CHECK_OK(listed(entry, *directory));
    CHECK_OK(between(*directory));
    CHECK_OK(give_comment(*directory));
    CHECK_OK(hand_on_rest(view_, sink_, directory->end, Confidence::medium));
    return {};
  }

 private:
  void check_directory(const Directory& d, const std::vector<std::uint64_t>& ends) {
    if (!d.complete) state_mismatch(sink_, fmt::format("the end record announces {} members, the directory lists {}", d.stated_count, d.entries.size()),
                                    "end record and directory disagree", Confidence::medium, {d.end_record, 22});
    ends_ = ends;
    // APPNOTE 4.4.19: the number of this part, when the archive was split.
    if (const auto part = base::slice(bytes_, d.end_record + 4, 2); base::starts_with(base::slice(bytes_, d.end_record), "PK\x05\x06") && part.size() == 2 && (part[0] | part[1]) && (part[0] & part[1]) != 0xFF)
      state_trouble(sink_, "truncated", fmt::format("the last of {} parts of a split archive", (part[0] | part[1] << 8) + 1), {d.end_record, 22});
  }

  // A member of the directory: finds its local header, compares, gives its content.
  base::Result<> listed(const Header& entry, const Directory& d) {
    CHECK_OK(sink_.spend(128));
    const auto at = base::checked_add(entry.local, d.shift);
    auto local = at ? local_header(bytes_.first(d.at), *at) : std::nullopt;
    if (!local && d.shift) local = local_header(bytes_.first(d.at), entry.local);  // offsets from the file's start after all
    if (!local) {
      state_trouble(sink_, "malformed", fmt::format("{}: no local header where the directory says", base::printable(entry.name)), {entry.offset, 46});
      return {};
    }
    compare(entry, *local);
    const auto data = local->offset + local->length;
    if (!base::fits(data, entry.packed, d.at)) {
      state_trouble(sink_, "truncated", fmt::format("{}: its content ends behind the directory's start", base::printable(entry.name)), {entry.offset, 46});
      sink_.label({local->offset, local->length}, Label::structure, "zip local header");
      taken_.push_back({local->offset, local->length});
      return {};
    }
    auto size = local->length + entry.packed;
    if (entry.sizes_follow() || local->sizes_follow()) size += descriptor(local->offset + size, entry, d.at);
    taken_.push_back({local->offset, size});
    sink_.label({local->offset, size}, Label::structure, "zip local header");
    return give(entry, {data, entry.packed}, artifact::Origin::member);
  }

  void compare(const Header& entry, const Header& local) {
    const base::Range at{local.offset, 30};
    const auto state = [&](std::string_view what) {
      state_mismatch(sink_, fmt::format("{}: {} differs", base::printable(entry.name), what), "local header and directory disagree", Confidence::medium, at);
    };
    if (local.name != entry.name) state(fmt::format("name ({} in the local header)", base::printable(local.name)));
    if (local.method != entry.method) state("method");
    if ((local.flags & 1) != (entry.flags & 1)) state("encryption");
    const bool later = local.sizes_follow();
    // With sizes that follow, the local header holds zeros, or the right values all the same.
    const auto same = [&](std::uint64_t a, std::uint64_t b) { return a == b || (later && (a == 0 || a == 0xFFFFFFFF)); };
    if (!same(local.packed, entry.packed)) state("packed size");
    else if (!same(local.size, entry.size)) state("size");
    if (!same(local.crc, entry.crc)) state("checksum");
  }

  // Size of the data descriptor behind a member: with or without signature, 32 or 64 bits.
  std::uint64_t descriptor(std::uint64_t at, const Header& entry, std::uint64_t limit) const {
    const auto rest = base::slice(bytes_.first(limit), at, 24);
    const auto crc = [&](std::size_t o) {
      return rest.size() >= o + 4 && (rest[o] | rest[o + 1] << 8 | rest[o + 2] << 16 | static_cast<std::uint32_t>(rest[o + 3]) << 24) == entry.crc;
    };
    const bool with_signature = base::starts_with(rest, "PK\x07\x08");
    const std::size_t first = with_signature ? 4 : 0;
    if (!crc(first)) return 0;
    for (const std::size_t width : {12u, 20u}) {
      const auto next = base::slice(bytes_, at + first + width, 4);
      if (base::starts_with(next, "PK") || base::starts_with(base::slice(next, 1), "PK")) return std::min<std::uint64_t>(first + width, rest.size());
    }
    return std::min<std::uint64_t>(first + 12, rest.size());
  }

  artifact::Entry entry_of(const Header& h, artifact::Origin origin) const {
    artifact::Entry out;
    out.name = h.name;
    out.origin = origin;
    const auto system = h.made_by >> 8;
    if (system == 3 || system == 19) {
      const auto mode = h.attributes >> 16;
      out.mode = mode & 07777;
      if ((mode & 0170000) == 0120000) out.nature = artifact::Nature::symlink;
      if ((mode & 0170000) == 0040000) out.nature = artifact::Nature::directory;
    }
    if (out.name.ends_with('/') && h.size == 0) out.nature = artifact::Nature::directory;
    return out;
  }

  base::Result<> give(const Header& h, base::Range data, artifact::Origin origin) {
    auto entry = entry_of(h, origin);
    const auto content = base::slice(bytes_, data.offset, data.size);
    if (h.encrypted()) {
      sink_.label(data, Label::opaque, "encrypted");
      state_trouble(sink_, "encrypted", base::printable(h.name), data);
      return {};
    }
    if (entry.nature == artifact::Nature::symlink && h.size <= 4096) {
      std::string target;
      const auto decoded = decode(h, content, [&](base::Bytes b) -> base::Result<> {
        if (target.size() < 4096) target += base::text_of(b);
        return sink_.spend(b.size());
      });
      if (!decoded.end && decoded.end.error().trouble == Trouble::limit) return decoded.end;
      entry.link = target;
      names_.see(entry, {h.offset, 30});
      sink_.label(data, Label::structure, "target of a link");
      return sink_.child(entry, {});
    }
    names_.see(entry, {h.offset, 30});
    if (entry.nature == artifact::Nature::directory && data.size == 0) return sink_.child(entry, {});
    entry.nature = artifact::Nature::file;
    return give_file(h, entry, data, content);
  }

  base::Result<> give_file(const Header& h, const artifact::Entry& entry, base::Range data, base::Bytes content) {
    stream::Decoded decoded;
    uLong crc = crc32(0, nullptr, 0);
    {
      Child child(sink_, entry);
      CHECK_OK(child.begun());
      decoded = decode(h, content, [&](base::Bytes b) {
        crc = crc32_z(crc, b.data(), b.size());
        return child.give(b);
      });
    }
    sink_.label({data.offset, std::min(decoded.consumed, data.size)}, Label::handed_on, "zip member");
    if (!decoded.end) {
      const auto& error = decoded.end.error();
      if (error.trouble == Trouble::limit || error.trouble == Trouble::bug) return decoded.end;
      sink_.label(data, Label::opaque, error.trouble == Trouble::unsupported ? "unsupported" : "damaged");
      state_trouble(sink_, name_of(error.trouble), fmt::format("{}: {}", base::printable(h.name), error.what), data);
      return {};
    }
    if (crc != h.crc && !(h.crc == 0 && h.sizes_follow()))
      state_trouble(sink_, "malformed", fmt::format("{}: the checksum is wrong", base::printable(h.name)), data);
    if (decoded.consumed < data.size) {
      const base::Range rest{data.offset + decoded.consumed, data.size - decoded.consumed};
      state_mismatch(sink_, fmt::format("{}: {} bytes behind the end of its stream", base::printable(h.name), rest.size), "bytes that no reader shows", Confidence::medium, rest);
      return embedded(rest, "behind-" + std::string(h.name));
    }
    return {};
  }

  // What no listed member covers: from the start to the directory.
  base::Result<> between(const Directory& d) {
    std::ranges::sort(taken_);
    std::uint64_t at = 0;
    bool first = true;
    for (const auto& range : taken_) {
      if (range.offset > at) CHECK_OK(gap({at, range.offset - at}, first));
      // Real archives overlap by a byte or two (wrong descriptors); more is a trick.
      if (range.offset + 2 < at) state_mismatch(sink_, fmt::format("members overlap by {} bytes", at - range.offset), "members overlap", Confidence::medium, range);
      at = std::max(at, range.end());
      first = false;
    }
    if (d.at > at) CHECK_OK(gap({at, d.at - at}, first));
    const auto start = taken_.empty() ? d.at : taken_.front().offset;  // what stands in front has its own
    for (const auto end : ends_)
      if (end >= start && end + 22 <= d.at && !covered(end)) state_mismatch(sink_, fmt::format("another end record at byte {}", end), "two directories", Confidence::medium, {end, 22});
    return {};
  }
  bool covered(std::uint64_t offset) const {
    return std::ranges::any_of(taken_, [&](const base::Range& r) { return r.offset <= offset && offset < r.end(); });
  }

  base::Result<> gap(base::Range range, bool in_front) {
    CHECK_OK(sink_.spend(range.size));
    while (range.size) {
      const auto local = local_header(bytes_.first(range.end()), range.offset);
      if (!local) break;
      const auto used = TRY(hidden(*local, range.end()));
      range = {range.offset + used, range.size - used};
      in_front = false;
    }
    const auto bytes = base::slice(bytes_, range.offset, range.size);
    if (bytes.empty()) return {};
    if (all_zero(bytes)) {
      sink_.label(range, Label::padding, "zeros between members");
      return {};
    }
    if (in_front) return prefix(range, bytes);
    if (bytes.size() >= 32 && base::text_of(bytes).ends_with("APK Sig Block 42")) return embedded(range, "apk-signing-block");
    if (bytes.size() <= 24) {  // an odd descriptor
      sink_.label(range, Label::structure, "zip data descriptor");
      return {};
    }
    // Members may start further on, as in an archive from which the first bytes were cut away.
    const auto next = base::text_of(bytes).find("PK\x03\x04", 1);
    const base::Range here{range.offset, next == std::string_view::npos ? range.size : next};
    state_mismatch(sink_, fmt::format("{} bytes that belong to no member", here.size), "bytes that no reader shows", Confidence::low, here);
    CHECK_OK(embedded(here, fmt::format("gap-at-{}", here.offset)));
    return here.size < range.size && ++gaps_ < 1000 ? gap({here.end(), range.size - here.size}, false) : base::Result<>{};
  }

  base::Result<> prefix(base::Range range, base::Bytes bytes) {
    if (view_.kind == "crx") return extension(range);
    if (base::starts_with(bytes, "#!") && bytes.size() < 512 && std::ranges::find(bytes, '\n') == bytes.end() - 1) {
      sink_.label(range, Label::structure, "interpreter line");
      return {};
    }
    return embedded(range, "before-the-zip");  // identify has stated that the file is two things
  }

  // The header of a Chrome extension: its keys go to the examiners of key material.
  base::Result<> extension(base::Range range) {
    const auto header = crx_header(bytes_);
    unsigned number = 0;
    for (const auto& key : header.keys) {
      if (key.end() > range.end()) break;
      artifact::Entry entry;
      entry.name = fmt::format("crx-key-{}.der", ++number);
      entry.origin = artifact::Origin::embedded;
      sink_.label(key, Label::handed_on, "key of the extension");
      CHECK_OK(sink_.child(entry, base::slice(bytes_, key.offset, key.size)));
    }
    const auto end = std::min(header.end, range.end());
    sink_.label({range.offset, end - range.offset}, Label::structure, "CRX header");
    if (end == range.end()) return {};
    state_mismatch(sink_, fmt::format("{} bytes between the extension's header and its zip", range.end() - end), "bytes that no reader shows", Confidence::medium, {end, range.end() - end});
    return embedded({end, range.end() - end}, "behind-the-header");
  }

  // A member with a local header only; returns the bytes that it takes.
  base::Result<std::uint64_t> hidden(const Header& local, std::uint64_t limit) {
    const auto data = local.offset + local.length;
    auto packed = local.packed;
    if (local.sizes_follow() && packed == 0) {
      if (local.method == 8) {
        const auto probe = stream::deflate(base::slice(bytes_, data, limit - data), [&](base::Bytes b) { return sink_.spend(b.size()); });
        if (!probe.end && probe.end.error().trouble == Trouble::limit) return std::unexpected(probe.end.error());
        packed = probe.consumed;
      } else {
        const auto next = base::text_of(base::slice(bytes_, data, limit - data)).find("PK");
        packed = next == std::string_view::npos ? limit - data : next;
      }
    }
    packed = std::min(packed, limit - data);
    state_mismatch(sink_, base::printable(local.name), "a member that the directory does not list", Confidence::medium, {local.offset, local.length});
    sink_.label({local.offset, local.length}, Label::structure, "zip local header");
    CHECK_OK(give(local, {data, packed}, artifact::Origin::hidden));
    auto used = local.length + packed;
    if (local.sizes_follow()) used += descriptor(local.offset + used, local, limit);
    return used;
  }

  base::Result<> embedded(base::Range range, std::string name) {
    sink_.label(range, Label::handed_on, "bytes outside the members");
    artifact::Entry entry;
    entry.name = std::move(name);
    entry.origin = artifact::Origin::embedded;
    return sink_.child(entry, base::slice(bytes_, range.offset, range.size));
  }

  base::Result<> give_comment(const Directory& d) { return d.comment.size > 256 ? embedded(d.comment, "archive-comment") : base::Result<>{}; }

  // No directory: what a repair tool would see, and an error, since no reader opens this as it is.
  base::Result<> without_directory() {
    std::uint64_t at = 0;
    while (const auto local = local_header(bytes_, at)) {
      CHECK_OK(sink_.spend(128));
      const auto data = at + local->length;
      if (local->sizes_follow() && local->packed == 0 && local->method != 8) break;
      if (!local->sizes_follow() && !base::fits(data, local->packed, bytes_.size())) {
        sink_.label({at, local->length}, Label::structure, "zip local header");
        CHECK_OK(give(*local, {data, bytes_.size() - data}, artifact::Origin::member));
        break;
      }
      at += TRY(hidden(*local, bytes_.size()));
    }
    return base::fail(Trouble::truncated, "the zip has no sound directory");
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  base::Bytes bytes_;
  NameWatch names_;
  std::vector<base::Range> taken_;
  std::vector<std::uint64_t> ends_;
  unsigned gaps_ = 0;
};

class Zip final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "zip",
        .finds = "Members of zip archives and their family, members that the directory hides, and bytes outside all members.",
        .kinds = {"zip", "jar", "apk", "aab", "ipa", "wheel", "nupkg", "xpi", "crx", "vsix", "ooxml", "odf", "epub"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Encrypted members, WavPack and JPEG members are not read.", "Archives split over several files are not joined.",
                        "The encrypted form of the directory is not read.", "Signatures of Chrome extensions are not checked."},
        .references = "PKWARE APPNOTE 6.3.10",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return ZipWalk(view, sink).run(); }
};

}  // namespace

const evidence::Reader& zip() {
  static const Zip reader;
  return reader;
}

}  // namespace unpack
