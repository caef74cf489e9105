// tar: version 7, ustar, GNU (long names, sparse, base-256) and pax. Names, modes, owners and links
// are handed on as they stand; what stands behind the end, between members or in their padding is
// looked at. Own code, because libarchive passes over exactly those bytes.
// Does not follow multi-volume archives.
#include <array>

#include "base/checked.h"
#include "unpack/member.h"
#include "unpack/tar/header.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Confidence;
using evidence::Label;
using namespace tar_format;

class TarWalk {
 public:
  TarWalk(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), bytes_(view.bytes), names_(sink) {}

  base::Result<> run() {
    auto done = walk();
    label_structure(std::min<std::uint64_t>(at_, bytes_.size()));
    if (!done) return done;
    return hand_on_rest(view_, sink_, at_, Confidence::medium);
  }

 private:
  base::Result<> walk() {
    bool any = false;
    while (at_ < bytes_.size()) {
      CHECK_OK(sink_.spend(512));
      const auto block = base::slice(bytes_, at_, 512);
      if (block.size() < 512) {
        if (all_zero(block)) return {};
        return base::fail(Trouble::truncated, "the tar ends inside a header, at byte {}", at_);
      }
      if (is_end_block(block)) {
        if (ends_here()) return {};
        continue;
      }
      if (!checksum_holds(block)) {
        if (after_zero_) {  // behind the end: some other bytes, not a member
          at_ = after_zero_;
          return {};
        }
        return base::fail(Trouble::malformed, "{} tar header's checksum is wrong, at byte {}", any ? "a" : "the first", at_);
      }
      if (after_zero_) {
        state_mismatch(sink_, fmt::format("members go on after a zero block at byte {}", after_zero_ - 512), "readers differ on where the tar ends", Confidence::medium,
                       {after_zero_ - 512, 512});
        after_zero_ = 0;
      }
      any = true;
      CHECK_OK(member(block));
    }
    return {};
  }

  // A zero block: two of them end the archive, and so does one in front of anything but a header.
  bool ends_here() {
    const auto second = base::slice(bytes_, at_ + 512, 512);
    at_ += 512;
    if (second.size() < 512 || is_end_block(second)) {
      if (second.size() >= 512) at_ += 512;
      return true;
    }
    after_zero_ = at_;
    return false;
  }

  base::Result<> member(base::Bytes block) {
    const auto header_at = at_;
    auto m = TRY(read_block(block));
    at_ += 512;
    if (m.type == 'L' || m.type == 'K' || m.type == 'x' || m.type == 'X' || m.type == 'g') return extended(m);
    while (m.old_gnu_sparse) CHECK_OK(sparse_block(m));
    apply(global_, m);
    apply(pending_, m);
    const bool map_inside = pending_.sparse_map_inside;
    if (m.entry.nature == artifact::Nature::file && m.entry.name.ends_with('/') && m.type != 'S') m.entry.nature = artifact::Nature::directory;
    pending_ = {};
    if (m.type == 'V' || m.type == 'M') return pass(m);  // volume label, continuation
    names_.see(m.entry, {header_at, 512});
    if (m.entry.nature != artifact::Nature::file) return without_content(m);
    if (!base::fits(at_, m.size, bytes_.size())) {
      sink_.label({at_, bytes_.size() - at_}, Label::handed_on, "tar member");
      auto given = sink_.child(m.entry, base::slice(bytes_, at_));
      at_ = bytes_.size();
      structure_ = at_;
      CHECK_OK(given);
      return base::fail(Trouble::truncated, "the tar member {} ends behind the file", base::printable(m.entry.name));
    }
    const base::Range content{at_, m.size};
    label_structure(at_);
    sink_.label(content, Label::handed_on, "tar member");
    structure_ = at_ = content.end();
    if (m.sparse) CHECK_OK(give_sparse(m, base::slice(bytes_, content.offset, content.size), map_inside));
    else CHECK_OK(give_plain(m, base::slice(bytes_, content.offset, content.size)));
    return skip_padding();
  }

  base::Result<> give_plain(const Member& m, base::Bytes content) {
    CHECK_OK(sink_.spend(content.size()));
    return sink_.child(m.entry, content);
  }

  base::Result<> give_sparse(Member& m, base::Bytes content, bool map_inside) {
    if (map_inside) {
      m.map.clear();
      content = content.subspan(TRY(read_sparse_map(content, m.map)));
    }
    Child child(sink_, m.entry);
    CHECK_OK(child.begun());
    static constexpr std::array<std::uint8_t, 65536> zeros{};
    std::uint64_t made = 0;
    const auto fill = [&](std::uint64_t to) -> base::Result<> {
      while (made < to) {
        const auto n = std::min<std::uint64_t>(to - made, zeros.size());
        CHECK_OK(child.give(base::Bytes(zeros).first(n)));
        made += n;
      }
      return {};
    };
    for (const auto& run : m.map) {
      if (run.offset < made || run.size > content.size()) return base::fail(Trouble::malformed, "the sparse map of {} contradicts itself", base::printable(m.entry.name));
      CHECK_OK(fill(run.offset));
      CHECK_OK(child.give(content.first(run.size)));
      content = content.subspan(run.size);
      made += run.size;
    }
    return fill(m.real_size);
  }

  // Links, folders and devices have no content, but old writers give a size all the same: content
  // is only there when the next block is no header.
  base::Result<> without_content(const Member& m) {
    CHECK_OK(sink_.child(m.entry, {}));
    if (m.size == 0) return {};
    const auto next = base::slice(bytes_, at_, 512);
    if (m.type != 'D' && (next.empty() || is_end_block(next) || checksum_holds(next))) return {};
    const bool content_of_link = m.type == '1' && base::fits(at_, m.size, bytes_.size());
    if (!content_of_link) return pass(m);
    // A hard link with content of its own: some readers write it, others don't.
    label_structure(at_);
    const base::Range content{at_, m.size};
    sink_.label(content, Label::handed_on, "content of a hard link");
    artifact::Entry entry = m.entry;
    entry.nature = artifact::Nature::file;
    entry.origin = artifact::Origin::hidden;
    structure_ = at_ = content.end();
    CHECK_OK(sink_.child(entry, base::slice(bytes_, content.offset, content.size)));
    return skip_padding();
  }

  // Content that no reader shows: a table of contents, a label. Left to the search for patterns.
  base::Result<> pass(const Member& m) {
    if (!base::fits(at_, m.size, bytes_.size())) return base::fail(Trouble::truncated, "the tar member {} ends behind the file", base::printable(m.entry.name));
    label_structure(at_);
    structure_ = at_ += m.size;
    return skip_padding();
  }

  base::Result<> extended(const Member& m) {
    if (!base::fits(at_, m.size, bytes_.size())) return base::fail(Trouble::truncated, "an extended tar header ends behind the file");
    if (m.size > (4u << 20)) return base::fail(Trouble::limit, "an extended tar header of {} bytes", m.size);
    const auto content = base::slice(bytes_, at_, m.size);
    at_ += m.size;
    if (m.type == 'L' || m.type == 'K') {
      const auto text = base::text_of(content);
      (m.type == 'L' ? pending_.path : pending_.link) = std::string(text.substr(0, text.find('\0')));
    } else {
      CHECK_OK(read_pax(content, m.type == 'g' ? global_ : pending_));
      global_.map.clear();
      global_.sparse = false;
    }
    return skip_padding();
  }

  base::Result<> sparse_block(Member& m) {
    const auto block = base::slice(bytes_, at_, 512);
    if (block.size() < 512) return base::fail(Trouble::truncated, "a sparse map ends behind the file");
    at_ += 512;
    for (int i = 0; i < 21; ++i) {
      const auto offset = number(block.subspan(24 * i, 12)), run = number(block.subspan(24 * i + 12, 12));
      if (!offset || !run) return base::fail(Trouble::malformed, "a sparse map holds no number");
      if (*run || *offset) m.map.push_back({*offset, *run});
    }
    if (m.map.size() > most_runs) return base::fail(Trouble::limit, "a sparse file of more than {} runs", most_runs);
    m.old_gnu_sparse = block[504] != 0;
    return sink_.spend(512);
  }

  base::Result<> skip_padding() {
    const std::uint64_t odd = at_ % 512;
    if (odd == 0) return {};
    const auto padding = base::slice(bytes_, at_, 512 - odd);
    if (!all_zero(padding)) {
      label_structure(at_);
      structure_ = at_ + padding.size();
      state_mismatch(sink_, fmt::format("{} bytes of padding are not zero", padding.size()), "bytes that no reader shows", Confidence::low, {at_, padding.size()});
    }
    at_ += padding.size();
    return {};
  }

  void label_structure(std::uint64_t to) {
    if (to > structure_) sink_.label({structure_, to - structure_}, Label::structure, "tar headers");
    structure_ = std::max(structure_, to);
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  base::Bytes bytes_;
  NameWatch names_;
  std::uint64_t at_ = 0;
  std::uint64_t structure_ = 0;   ///< first byte not yet labelled
  std::uint64_t after_zero_ = 0;  ///< where the bytes behind a lone zero block begin
  Extended pending_, global_;
};

class Tar final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "tar",
        .finds = "Members of tar archives (also npm packages, crates, gems), with what stands behind the end and in the padding.",
        .kinds = {"tar", "npm", "crate", "gem", "oci-image"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Members that continue on another volume are not joined.", "Extended attributes and ACLs in pax headers are not stated."},
        .references = "POSIX.1-2017 pax; GNU tar manual, Basic Tar Format",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return TarWalk(view, sink).run(); }
};

}  // namespace

const evidence::Reader& tar() {
  static const Tar reader;
  return reader;
}

}  // namespace unpack
