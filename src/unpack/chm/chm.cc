// Compiled HTML help (ITSF): the directory, and its files, most of them in one LZX stream.
// Facts: the public notes on the CHM format by M. Russotto; LZX as in unpack/codec/lzx.h.
#include <algorithm>
#include <bit>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/codec/lzx.h"
#include "unpack/ledger.h"
#include "unpack/member.h"
#include "unpack/solid.h"

namespace unpack {
namespace {

using base::Trouble;

constexpr std::string_view content_stream = "::DataSpace/Storage/MSCompressed/Content";
constexpr std::string_view control_data = "::DataSpace/Storage/MSCompressed/ControlData";
constexpr std::string_view reset_table_end = "/InstanceData/ResetTable";

// Seven bits a byte, the highest first.
std::uint64_t packed_number(base::Cursor& at) {
  std::uint64_t value = 0;
  for (int i = 0; i < 9 && at.left(); ++i) {
    const auto b = at.u8();
    value = value << 7 | (b & 0x7F);
    if (!(b & 0x80)) break;
  }
  return value;
}

class ChmRead {
 public:
  ChmRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), bytes_(view.bytes), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    base::Cursor at(bytes_);
    at.skip(4);
    const auto version = at.u32();
    const std::uint64_t header = at.u32();
    at.seek(0x38);
    const auto first = at.u64(), first_size = at.u64(), directory = at.u64(), directory_size = at.u64();
    CHECK_OK(at.status("the help file's header"));
    content_ = version >= 3 && header >= 0x60 ? at.u64() : base::checked_add(directory, directory_size).value_or(UINT64_MAX);
    ledger_.structure({0, header}, "CHM header");
    ledger_.structure({first, first_size}, "CHM header");
    CHECK_OK(list(directory, directory_size));
    CHECK_OK(compressed());
    return ledger_.close("unused");
  }

 private:
  base::Result<> list(std::uint64_t directory, std::uint64_t size) {
    base::Cursor at(base::slice(bytes_, directory, size));
    at.skip(8);
    const std::uint64_t header = at.u32();
    at.skip(4);
    const std::uint64_t block = at.u32();
    if (!at.ok() || block < 64 || header > size) return base::fail(Trouble::malformed, "the help file's directory is damaged");
    ledger_.structure({directory, size}, "CHM directory");
    const auto count = (size - header) / block;
    for (std::uint64_t i = 0; i < count; ++i) {
      CHECK_OK(sink_.spend(block));
      CHECK_OK(entries(base::slice(bytes_, directory + header + i * block, block)));
    }
    return {};
  }

  base::Result<> entries(base::Bytes block) {
    base::Cursor at(block);
    if (!base::starts_with(block, "PMGL")) return {};  // an index of the lists
    at.skip(4);
    const std::uint64_t free = at.u32();
    at.seek(20);
    while (at.ok() && at.position() + free < block.size()) {
      const auto name = base::text_of(at.take(packed_number(at)));
      const auto section = packed_number(at), offset = packed_number(at), size = packed_number(at);
      if (!at.ok()) return base::fail(Trouble::malformed, "the help file's directory is damaged");
      CHECK_OK(entry(name, section, offset, size));
    }
    return {};
  }

  base::Result<> entry(std::string_view name, std::uint64_t section, std::uint64_t offset, std::uint64_t size) {
    const auto place = base::checked_add(content_, offset).value_or(UINT64_MAX);
    if (name.starts_with("::")) {
      if (name == content_stream) stream_ = {place, size};
      else if (section == 0) {
        if (name == control_data) control_ = {place, size};
        if (name.ends_with(reset_table_end)) resets_ = {place, size};
        ledger_.structure({place, size}, "CHM control data");
      }
      return {};
    }
    SolidMember member;
    member.entry.name = name.starts_with('/') ? name.substr(1) : name;
    member.offset = offset;
    member.size = size;
    if (member.entry.name.empty()) return {};
    if (name.ends_with('/') && size == 0) {
      member.entry.nature = artifact::Nature::directory;
      return sink_.child(member.entry, {});
    }
    names_.see(member.entry, {});
    if (section == 1) {
      members_.push_back(std::move(member));
      return {};
    }
    const Extent piece{place, size};
    return ledger_.give(member.entry, {&piece, 1}, size);
  }

  base::Result<> compressed() {
    if (members_.empty() && stream_.size == 0) return {};
    base::Cursor control(base::slice(bytes_, control_.offset, control_.size));
    control.skip(4);
    const bool lzx = base::text_of(control.take(4)) == "LZXC";
    const auto version = control.u32();
    std::uint64_t interval = control.u32(), window = control.u32();
    if (version >= 2) interval *= Lzx::frame_size, window *= Lzx::frame_size;
    base::Cursor resets(base::slice(bytes_, resets_.offset, resets_.size));
    resets.skip(16);
    const auto plain = resets.u64();
    const auto packed = base::slice(bytes_, stream_.offset, stream_.size);
    if (!control.ok() || !lzx || !resets.ok() || interval < Lzx::frame_size || window == 0) {
      ledger_.opaque(stream_, "damaged");
      state_trouble(sink_, "malformed", "the help file's control data are damaged");
      return {};
    }
    std::uint64_t most_used = 0;
    const auto decode = [&](const stream::Take& take) -> base::Result<> {
      auto decoder = TRY(Lzx::open(static_cast<unsigned>(std::bit_width(window) - 1)));
      std::uint64_t at = 0;
      for (std::uint64_t made = 0; made < plain;) {
        if (made % interval == 0) decoder.reset();
        const auto frame = TRY(decoder.frame(base::slice(packed, at), std::min(plain - made, Lzx::frame_size)));
        at += frame.used;
        made += frame.bytes.size();
        most_used = std::max(most_used, at);
        CHECK_OK(take(frame.bytes));
      }
      return {};
    };
    CHECK_OK(split_solid(sink_, std::move(members_), "unnamed", decode));
    ledger_.content({stream_.offset, std::min<std::uint64_t>(most_used, stream_.size)}, "LZX data");
    if (most_used == 0) ledger_.opaque(stream_, "damaged");
    return {};
  }

  using Lzx = codec::Lzx;
  const evidence::View& view_;
  evidence::Sink& sink_;
  base::Bytes bytes_;
  Ledger ledger_;
  NameWatch names_;
  std::uint64_t content_ = 0;
  base::Range stream_, control_, resets_;
  std::vector<SolidMember> members_;
};

class Chm final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "chm",
        .finds = "Pages and files of compiled HTML help.",
        .kinds = {"chm"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Index and search tables of the help file are handed on as they stand."},
        .references = "Public notes on the CHM format; Microsoft LZX Data Compression Format",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return ChmRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& chm() {
  static const Chm reader;
  return reader;
}

}  // namespace unpack
