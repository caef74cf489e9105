// See layout.h.
#include "unpack/ext/layout.h"

#include <algorithm>

#include "base/cursor.h"
#include "unpack/member.h"

namespace unpack::ext_format {
namespace {

// Adjacent claims of one kind made one, since there is one for each inode and journal block.
class Runs {
 public:
  Runs(Ledger& ledger, evidence::Label label, std::string_view why) : ledger_(ledger), label_(label), why_(why) {}
  ~Runs() { ledger_.claim(run_, label_, why_); }
  Runs(const Runs&) = delete;
  Runs& operator=(const Runs&) = delete;
  void add(base::Range range) {
    if (run_.end() == range.offset) {
      run_.size += range.size;
      return;
    }
    ledger_.claim(run_, label_, why_);
    run_ = range;
  }

 private:
  Ledger& ledger_;
  evidence::Label label_;
  std::string_view why_;
  base::Range run_;
};

bool is_super(const Image& image, std::uint64_t block) {
  base::Cursor at(image.block_bytes(block));
  at.skip(0x38);
  return at.u16() == 0xEF53 && at.ok();
}

// Reserved blocks hold the numbers of further descriptor blocks, or nothing.
bool holds_block_numbers(const Image& image, std::uint64_t block) {
  base::Cursor at(image.block_bytes(block));
  while (at.left() >= 4)
    if (at.u32() >= image.super().blocks) return false;
  return true;
}

void claim_copies(const Image& image, std::uint64_t group, Ledger& ledger) {
  const auto& s = image.super();
  const auto first = image.first_block_of(group);
  const auto a_block = s.block_size / s.descriptor_size, blocks = (image.groups() + a_block - 1) / a_block;
  if (group == 0) ledger.structure({1024, 1024}, "ext superblock");
  else if (is_super(image, first)) ledger.structure({first * s.block_size, 1024}, "ext superblock");
  else return;
  const auto together = s.incompatible & meta_groups ? std::min<std::uint64_t>(s.first_meta_group, blocks) : blocks;
  const auto whole = std::min(together * a_block, image.groups()) * s.descriptor_size;
  const auto descriptors = first + image.in_front(group);
  ledger.structure({descriptors * s.block_size, whole}, "ext group descriptors");
  if (group != 0) return;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(s.reserved_descriptors, 4096); ++i)
    if (holds_block_numbers(image, descriptors + together + i)) ledger.structure(image.block(descriptors + together + i), "ext reserved descriptors");
}

// With meta groups, a descriptor block stands in the first, the second and the last group of each.
void claim_meta_descriptors(const Image& image, std::uint64_t group, Ledger& ledger) {
  const auto& s = image.super();
  const auto a_block = s.block_size / s.descriptor_size, meta = group / a_block, inside = group % a_block;
  if (!(s.incompatible & meta_groups) || meta < s.first_meta_group || (inside > 1 && inside != a_block - 1)) return;
  const auto count = std::min(a_block, image.groups() - meta * a_block);
  const auto at = inside == 0 ? image.descriptor(group).offset : (image.first_block_of(group) + image.has_super(group)) * s.block_size;
  ledger.structure({at, count * s.descriptor_size}, "ext group descriptors");
}

base::Result<> claim_inodes(const Image& image, std::uint64_t group, const Group& g, Ledger& ledger, evidence::Sink& sink, std::vector<std::uint32_t>& in_use) {
  const auto& s = image.super();
  if (g.inode_table == 0 || g.inodes_unset) return {};
  Runs runs(ledger, evidence::Label::structure, "ext inodes");
  for (std::uint32_t i = 0; i < s.inodes_a_group; ++i) {
    CHECK_OK(sink.spend(s.inode_size));
    const auto number = group * s.inodes_a_group + i + 1;
    const auto inode = image.inode(static_cast<std::uint32_t>(number));
    if (!inode) return {};
    if (inode->mode == 0 && inode->deleted == 0 && number >= s.first_inode) continue;
    if (inode->mode != 0) in_use.push_back(inode->number);
    auto used = inode->place;
    const bool strange = inode->tail.size && !all_zero(base::slice(image.bytes(), inode->tail.offset, inode->tail.size));
    if (strange) used.size -= inode->tail.size;
    runs.add(used);
  }
  return {};
}

}  // namespace

base::Result<std::vector<std::uint32_t>> claim_layout(const Image& image, Ledger& ledger, evidence::Sink& sink) {
  const auto& s = image.super();
  std::vector<std::uint32_t> in_use;
  for (std::uint64_t group = 0; group < image.groups(); ++group) {
    CHECK_OK(sink.spend(100));
    const auto place = image.descriptor(group);
    if (place.end() > image.bytes().size()) {
      state_trouble(sink, "truncated", fmt::format("the descriptors of the groups from {} on lie behind the image", group));
      break;
    }
    if (image.has_super(group)) claim_copies(image, group, ledger);
    claim_meta_descriptors(image, group, ledger);
    const auto g = image.group(group);
    if (g.block_bitmap && !g.blocks_unset) ledger.structure({g.block_bitmap * s.block_size, std::min<std::uint64_t>(s.block_size, (std::uint64_t{s.clusters_a_group} + 7) / 8)}, "ext block bitmap");
    if (g.inode_bitmap && !g.inodes_unset) ledger.structure({g.inode_bitmap * s.block_size, std::min<std::uint64_t>(s.block_size, (std::uint64_t{s.inodes_a_group} + 7) / 8)}, "ext inode bitmap");
    CHECK_OK(claim_inodes(image, group, g, ledger, sink, in_use));
  }
  if (s.mmp_block && s.mmp_block < s.blocks) ledger.structure({s.mmp_block * s.block_size, 1024}, "ext mount protection");
  return in_use;
}

base::Result<> claim_journal(const Image& image, const std::vector<Extent>& extents, Ledger& ledger, evidence::Sink& sink) {
  const auto size = image.super().block_size;
  Runs own(ledger, evidence::Label::structure, "ext journal");
  Runs copies(ledger, evidence::Label::scanned, "ext journal");
  for (const auto& e : extents) {
    if (e.hole) continue;
    for (auto at = e.offset; at < e.offset + e.size && at < image.bytes().size(); at += size) {
      CHECK_OK(sink.spend(size));
      const auto block = base::slice(image.bytes(), at, size);
      if (base::starts_with(block, "\xC0\x3B\x39\x98")) own.add({at, block.size()});
      else if (!all_zero(block)) copies.add({at, block.size()});
    }
  }
  return {};
}

}  // namespace unpack::ext_format
