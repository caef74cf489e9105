// Virtual hard disks of the second form. [MS-VHDX] 8.0. The log is not replayed: where it isn't
// empty that is stated, and the disk is given as it stands without it. Parents are named.
#include <algorithm>
#include <array>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/member.h"
#include "unpack/uefi/guid.h"
#include "unpack/virtual_disk.h"

namespace unpack {
namespace {

using base::Trouble;
using uefi_format::guid_text;

constexpr std::uint64_t mebibyte = 1u << 20;

// CRC-32C (Castagnoli) with the four bytes at `hole` taken as zeros.
std::uint32_t crc32c(base::Bytes bytes, std::size_t hole) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      auto c = i;
      for (int k = 0; k < 8; ++k) c = c & 1 ? c >> 1 ^ 0x82F63B78u : c >> 1;
      t[i] = c;
    }
    return t;
  }();
  std::uint32_t c = 0xFFFFFFFF;
  for (std::size_t i = 0; i < bytes.size(); ++i) c = c >> 8 ^ table[(c ^ (i - hole < 4 ? 0 : bytes[i])) & 0xFF];
  return ~c;
}

struct Part {
  std::uint64_t offset = 0, size = 0;
};

class VhdxRead {
 public:
  VhdxRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink) {}

  base::Result<> run() {
    ledger_.structure({0, 520}, "disk image header");
    CHECK_OK(headers());
    CHECK_OK(regions());
    CHECK_OK(metadata());
    CHECK_OK(blocks());
    return ledger_.close("unused-block");
  }

 private:
  base::Result<> headers() {
    std::optional<std::uint64_t> newest;
    for (const std::uint64_t at : {std::uint64_t{64 * 1024}, std::uint64_t{128 * 1024}}) {
      const auto whole = base::slice(view_.bytes, at, 4096);
      base::Cursor in(whole);
      if (base::text_of(in.take(4)) != "head") continue;
      const auto sum = in.u32();
      const auto sequence = in.u64();
      in.skip(32);
      const auto log = in.take(16);
      in.skip(4);
      const Part log_part{0, in.u32()};
      const auto log_at = in.u64();
      ledger_.structure({at, 80}, "disk image header");
      CHECK_OK(sink_.spend(4096));
      if (!in.ok() || whole.size() < 4096 || crc32c(whole, 4) != sum || (newest && sequence < *newest)) continue;
      newest = sequence;
      log_in_use_ = !all_zero(log);
      log_ = {log_at, log_part.size};
    }
    if (!newest) return base::fail(Trouble::malformed, "no header of the virtual hard disk is sound");
    if (log_in_use_) state_trouble(sink_, "unsupported", "the log of the virtual hard disk is not empty and is not replayed");
    else ledger_.padding({log_.offset, log_.size}, "empty log");
    return {};
  }

  base::Result<> regions() {
    for (const std::uint64_t at : {std::uint64_t{192 * 1024}, std::uint64_t{256 * 1024}}) {
      const auto whole = base::slice(view_.bytes, at, 65536);
      base::Cursor in(whole);
      if (base::text_of(in.take(4)) != "regi") continue;
      const auto sum = in.u32(), count = in.u32();
      in.skip(4);
      CHECK_OK(sink_.spend(65536));
      if (count > 2047) continue;
      ledger_.structure({at, 16 + 32ull * count}, "region table");
      if (whole.size() < 65536 || crc32c(whole, 4) != sum || table_.size) continue;
      for (std::uint32_t i = 0; i < count; ++i) {
        const auto guid = guid_text(in.take(16));
        const auto offset = in.u64();
        const std::uint64_t size = in.u32();
        const bool required = in.u32() & 1;
        if (guid == "2DC27766-F623-4200-9D64-115E9BFD4A08") table_ = {offset, size};
        else if (guid == "8B7CA206-4790-4B9A-B8FE-575F050F886E") metadata_ = {offset, size};
        else if (required) state_trouble(sink_, "unsupported", fmt::format("the region {} of a virtual hard disk", guid));
      }
    }
    if (!table_.size || !metadata_.size) return base::fail(Trouble::malformed, "the virtual hard disk has no sound table of regions");
    return {};
  }

  base::Result<> metadata() {
    base::Cursor in(base::slice(view_.bytes, metadata_.offset, metadata_.size));
    if (base::text_of(in.take(8)) != "metadata") return base::fail(Trouble::malformed, "the metadata of the virtual hard disk is missing");
    in.skip(2);
    const unsigned count = in.u16();
    in.skip(20);
    if (count > 2047) return base::fail(Trouble::malformed, "a virtual hard disk with {} items of metadata", count);
    ledger_.structure({metadata_.offset, 32 + 32ull * count}, "metadata");
    for (unsigned i = 0; i < count; ++i) {
      const auto guid = guid_text(in.take(16));
      const std::uint64_t offset = in.u32(), size = in.u32();
      in.skip(8);
      if (!in.ok()) break;
      const base::Range range{metadata_.offset + offset, size};
      const auto body = base::slice(view_.bytes, range.offset, range.size);
      base::Cursor value(body);
      if (guid == "CAA16737-FA36-4D43-B3B6-33F0AA44E76B") {
        block_ = value.u32();
        has_parent_ = value.u32() & 2;
      } else if (guid == "2FA54224-CD1B-4876-B211-5DBED83BF4B8") {
        size_ = value.u64();
      } else if (guid == "8141BF1D-A96F-4709-BA47-F233A8FAAB5F") {
        sector_ = value.u32();
      } else if (guid == "A8D35F2D-B30B-454D-ABF7-D3D84834AB0C") {
        parent(body);
      } else if (guid != "BECA12AB-B2E6-4523-93EF-C309E000C746" && guid != "CDA348C7-445D-4471-9CC9-E9885251C556") {
        continue;  // a user's own item: handed on by close()
      }
      ledger_.structure(range, "metadata");
    }
    if (block_ < mebibyte || block_ > 256 * mebibyte || (block_ & (block_ - 1)) || (sector_ != 512 && sector_ != 4096) || size_ > (1ull << 46))
      return base::fail(Trouble::malformed, "a virtual hard disk of {} bytes with blocks of {}", size_, block_);
    return {};
  }

  // Keys and values in UTF-16: the parent's paths among them.
  void parent(base::Bytes body) {
    base::Cursor in(body);
    in.skip(18);
    const unsigned count = in.u16();
    for (unsigned i = 0; i < count && i < 16; ++i) {
      const std::uint64_t key = in.u32(), value = in.u32(), key_size = in.u16(), value_size = in.u16();
      if (!in.ok()) return;
      const auto name = uefi_format::utf16_text(base::slice(body, key, key_size));
      if (name == "relative_path" || name == "absolute_win32_path") state_other_file(sink_, "the disk builds on the file", uefi_format::utf16_text(base::slice(body, value, value_size)));
    }
  }

  base::Result<> blocks() {
    const auto chunk = (std::uint64_t{sector_} << 23) / block_;  // payload blocks between two bitmaps
    const auto payload = size_ / block_ + (size_ % block_ ? 1 : 0);
    const auto entries = has_parent_ ? (payload / chunk + (payload % chunk ? 1 : 0)) * (chunk + 1) : payload + (payload ? (payload - 1) / chunk : 0);
    if (entries * 8 > table_.size || !ledger_.structure({table_.offset, entries * 8}, "block table")) state_trouble(sink_, "truncated", "the table of blocks is too short");
    base::Cursor in(base::slice(view_.bytes, table_.offset, std::min(entries * 8, table_.size)));
    VirtualDisk disk(view_, sink_, ledger_);
    for (std::uint64_t i = 0; in.left() >= 8; ++i) {
      CHECK_OK(sink_.spend(1));
      const auto entry = in.u64();
      const auto state = entry & 7, offset = entry >> 20 << 20;
      const bool bitmap = i % (chunk + 1) == chunk;
      const auto where = (i - i / (chunk + 1)) * block_;
      if (bitmap) {
        if (state == 6) ledger_.structure({offset, mebibyte}, "sector bitmap");
        continue;
      }
      if (state != 6 && state != 7) continue;
      if (where >= size_) break;
      const auto want = std::min<std::uint64_t>(block_, size_ - where);
      CHECK_OK(state == 6 ? disk.add({where, want, offset, want}) : own_sectors(disk, i, chunk, where, offset, want));
    }
    artifact::Entry entry;
    entry.name = "disk";
    entry.origin = artifact::Origin::layer;
    return has_parent_ ? disk.give_runs(entry, size_) : disk.give(entry, size_);
  }

  // A block that is partly the parent's: the chunk's bitmap says which sectors are its own.
  base::Result<> own_sectors(VirtualDisk& disk, std::uint64_t index, std::uint64_t chunk, std::uint64_t where, std::uint64_t data, std::uint64_t size) {
    const auto number = index / (chunk + 1);
    base::Cursor in(base::slice(view_.bytes, table_.offset + (number * (chunk + 1) + chunk) * 8, 8));
    const auto entry = in.u64();
    if (!in.ok() || (entry & 7) != 6) {
      state_trouble(sink_, "malformed", fmt::format("the bitmap of the block at 0x{:x} is missing", where));
      return {};
    }
    const auto bits = base::slice(view_.bytes, entry >> 20 << 20, mebibyte);
    const auto first = index % (chunk + 1) * (block_ / sector_);
    CHECK_OK(sink_.spend(size / sector_));
    for (std::uint64_t s = 0; s < size / sector_ && (first + s) / 8 < bits.size(); ++s)
      if (bits[(first + s) / 8] >> ((first + s) % 8) & 1) CHECK_OK(disk.add({where + s * sector_, sector_, data + s * sector_, sector_}));
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  Part log_, table_, metadata_;
  bool log_in_use_ = false, has_parent_ = false;
  std::uint64_t block_ = 0, size_ = 0;
  std::uint32_t sector_ = 0;
};

class Vhdx final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "vhdx",
        .finds = "The disk in a virtual hard disk of the second form (VHDX), and blocks that its table does not use.",
        .kinds = {"vhdx"},
        .states = {evidence::Facet::trouble, evidence::Facet::property, evidence::Facet::reference},
        .blind_spots = {"A log that is not empty is not replayed: it is stated, and handed on as bytes.", "The parent of a differencing disk is named, and its content is not part of the disk."},
        .references = "[MS-VHDX] 8.0",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return VhdxRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& vhdx() {
  static const Vhdx reader;
  return reader;
}

}  // namespace unpack
