// OLE compound files (old Office documents, MSI packages): streams as members, by own bounded reader.
// https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb. Chains that loop or leave the file
// are malformed. Macros inside a stream stay compressed (MS-OVBA); names of MSI streams are decoded.
#include <algorithm>
#include <set>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Label;

constexpr std::uint32_t end_of_chain = 0xFFFFFFFE, no_stream = 0xFFFFFFFF;

struct OleEntry {
  std::string name;
  unsigned type = 0;
  std::uint32_t left = no_stream, right = no_stream, child = no_stream, start = end_of_chain;
  std::uint64_t size = 0;
};

void add_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) out += static_cast<char>(c);
  else if (c < 0x800) out += static_cast<char>(0xC0 | c >> 6), out += static_cast<char>(0x80 | (c & 0x3F));
  else out += static_cast<char>(0xE0 | c >> 12), out += static_cast<char>(0x80 | (c >> 6 & 0x3F)), out += static_cast<char>(0x80 | (c & 0x3F));
}

// MSI packs two letters into one character of 0x3800 to 0x47FF, one into 0x4800 to 0x483F.
std::string name_from(base::Bytes raw, std::uint16_t size) {
  static constexpr std::string_view letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
  std::string out;
  base::Cursor at(raw);
  for (int i = 0; i + 2 < size && i < 62; i += 2) {
    const auto c = at.u16();
    if (c >= 0x3800 && c < 0x4800) out += letters[(c - 0x3800u) & 0x3F], out += letters[(c - 0x3800u) >> 6];
    else if (c >= 0x4800 && c < 0x4840) out += letters[c - 0x4800u];
    else if (c == 0x4840) out += '!';
    else add_utf8(out, c);
  }
  return out;
}

class OleFile {
 public:
  OleFile(const evidence::View& view, evidence::Sink& sink) : bytes_(view.bytes), sink_(sink) {}

  base::Result<> run() {
    CHECK_OK(header());
    const auto directory = TRY(chain(first_directory_, sectors_, "directory"));
    std::uint64_t entries = 0;
    for (const auto s : directory) {
      base::Cursor at(sector(s));
      sink_.label(range_of(s), Label::structure, "OLE directory");
      for (std::uint64_t i = 0; i < sector_size() / 128; ++i, ++entries) entries_.push_back(entry(at.take(128)));
    }
    if (entries_.empty() || entries_[0].type != 5) return base::fail(Trouble::malformed, "the OLE root entry is missing");
    mini_stream_ = TRY(chain(entries_[0].start, sectors_, "mini stream"));
    for (const auto s : TRY(chain(first_mini_fat_, sectors_, "mini table"))) {
      sink_.label(range_of(s), Label::structure, "OLE tables");
      base::Cursor at(sector(s));
      while (at.left() >= 4) mini_fat_.push_back(at.u32());
    }
    return walk();
  }

 private:
  base::Result<> header() {
    base::Cursor at(bytes_);
    at.skip(26);
    major_ = at.u16();
    at.skip(2);
    shift_ = at.u16();
    mini_shift_ = at.u16();
    at.skip(10);
    const auto fat_count = at.u32();
    first_directory_ = at.u32();
    at.skip(4);
    cutoff_ = at.u32();
    first_mini_fat_ = at.u32();
    at.skip(4);
    auto difat = at.u32();
    at.skip(4);
    CHECK_OK(at.status("the OLE header"));
    if ((shift_ != 9 && shift_ != 12) || mini_shift_ != 6) return base::fail(Trouble::malformed, "OLE sectors of 2^{} bytes", shift_);
    sectors_ = bytes_.size() / sector_size();
    sink_.label({0, std::min<std::uint64_t>(sector_size(), bytes_.size())}, Label::structure, "OLE header");
    std::vector<std::uint32_t> tables;
    for (int i = 0; i < 109; ++i) tables.push_back(at.u32());
    std::set<std::uint32_t> seen;
    while (difat < sectors_ && seen.insert(difat).second) {
      sink_.label(range_of(difat), Label::structure, "OLE tables");
      base::Cursor list(sector(difat));
      while (list.left() > 4) tables.push_back(list.u32());
      difat = list.u32();
    }
    if (difat < sectors_) return base::fail(Trouble::malformed, "the OLE table of tables loops");
    for (const auto s : tables) {
      if (s >= sectors_ || fat_.size() / (sector_size() / 4) >= fat_count) continue;
      sink_.label(range_of(s), Label::structure, "OLE tables");
      base::Cursor list(sector(s));
      while (list.left() >= 4) fat_.push_back(list.u32());
    }
    return sink_.spend(fat_.size() + 1);
  }

  OleEntry entry(base::Bytes raw) const {
    base::Cursor at(raw);
    const auto name = at.take(64);
    OleEntry e;
    e.name = name_from(name, at.u16());
    e.type = at.u8();
    at.skip(1);
    e.left = at.u32();
    e.right = at.u32();
    e.child = at.u32();
    at.skip(36);
    e.start = at.u32();
    e.size = at.u64();
    if (major_ < 4) e.size &= 0xFFFFFFFF;
    return e;
  }

  // The tree of each storage is a binary tree of its entries; order by name isn't needed here.
  base::Result<> walk() {
    struct Turn {
      std::uint32_t id;
      std::string folder;
    };
    std::vector<Turn> turns = {{entries_[0].child, ""}};
    std::vector<bool> seen(entries_.size());
    NameWatch names(sink_);
    while (!turns.empty()) {
      auto [id, folder] = std::move(turns.back());
      turns.pop_back();
      if (id == no_stream) continue;
      if (id >= entries_.size() || seen[id]) return base::fail(Trouble::malformed, "the OLE directory tree loops or leaves the directory");
      seen[id] = true;
      CHECK_OK(sink_.spend(128));
      const auto& e = entries_[id];
      turns.push_back({e.right, folder});
      turns.push_back({e.left, folder});
      artifact::Entry member;
      member.name = folder + e.name;
      if (e.type == 1) {
        if (folder.size() > 8192) return base::fail(Trouble::limit, "OLE storages nest too deep");
        member.nature = artifact::Nature::directory;
        CHECK_OK(sink_.child(member, {}));
        turns.push_back({e.child, member.name + "/"});
      } else if (e.type == 2) {
        names.see(member, {});
        CHECK_OK(stream(e, member));
      }
    }
    return {};
  }

  base::Result<> stream(const OleEntry& e, const artifact::Entry& member) {
    const bool mini = e.size < cutoff_;
    const auto list = e.size == 0 ? std::vector<std::uint32_t>{} : mini ? TRY(mini_chain(e.start)) : TRY(chain(e.start, sectors_, "stream"));
    Child child(sink_, member);
    CHECK_OK(child.begun());
    auto left = e.size;
    for (const auto s : list) {
      if (left == 0) break;
      const auto range = mini ? mini_range(s) : range_of(s);
      const auto n = std::min<std::uint64_t>(left, range.size);
      sink_.label({range.offset, n}, Label::handed_on, "OLE stream");
      CHECK_OK(child.give(base::slice(bytes_, range.offset, n)));
      left -= n;
    }
    if (left) state_trouble(sink_, "truncated", fmt::format("{}: {} bytes are missing", base::printable(member.name), left));
    return {};
  }

  base::Result<std::vector<std::uint32_t>> chain(std::uint32_t start, std::uint64_t most, std::string_view what) {
    std::vector<std::uint32_t> out;
    for (auto s = start; s < 0xFFFFFFFA;) {
      if (s >= fat_.size() || !base::fits((std::uint64_t{s} + 1) << shift_, 1, bytes_.size())) return base::fail(Trouble::malformed, "an OLE chain of the {} leaves the file", what);
      if (out.size() >= most) return base::fail(Trouble::malformed, "an OLE chain of the {} loops", what);
      out.push_back(s);
      s = fat_[s];
    }
    CHECK_OK(sink_.spend(out.size() + 1));
    return out;
  }
  base::Result<std::vector<std::uint32_t>> mini_chain(std::uint32_t start) {
    std::vector<std::uint32_t> out;
    for (auto s = start; s < 0xFFFFFFFA;) {
      if (s >= mini_fat_.size() || mini_range(s).size == 0) return base::fail(Trouble::malformed, "an OLE mini chain leaves its stream");
      if (out.size() >= mini_fat_.size()) return base::fail(Trouble::malformed, "an OLE mini chain loops");
      out.push_back(s);
      s = mini_fat_[s];
    }
    CHECK_OK(sink_.spend(out.size() + 1));
    return out;
  }

  std::uint64_t sector_size() const { return 1ull << shift_; }
  base::Range range_of(std::uint32_t s) const {
    const auto at = (std::uint64_t{s} + 1) << shift_;
    return at >= bytes_.size() ? base::Range{} : base::Range{at, std::min<std::uint64_t>(sector_size(), bytes_.size() - at)};
  }
  base::Range mini_range(std::uint32_t s) const {
    const auto at = std::uint64_t{s} * 64;
    const auto index = at >> shift_;
    if (index >= mini_stream_.size()) return {};
    const auto in = range_of(mini_stream_[index]);
    const auto offset = at & (sector_size() - 1);
    return offset >= in.size ? base::Range{} : base::Range{in.offset + offset, std::min<std::uint64_t>(64, in.size - offset)};
  }
  base::Bytes sector(std::uint32_t s) const {
    const auto r = range_of(s);
    return base::slice(bytes_, r.offset, r.size);
  }

  base::Bytes bytes_;
  evidence::Sink& sink_;
  unsigned major_ = 3, shift_ = 9, mini_shift_ = 6;
  std::uint64_t sectors_ = 0;
  std::uint32_t first_directory_ = 0, first_mini_fat_ = 0, cutoff_ = 4096;
  std::vector<std::uint32_t> fat_, mini_fat_, mini_stream_;
  std::vector<OleEntry> entries_;
};

class Ole final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "ole",
        .finds = "Streams of OLE compound files: old Office documents, MSI packages.",
        .kinds = {"ole"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"VBA macros stay compressed inside their stream.", "MSI tables are handed on as they stand, not decoded.", "Sectors of no stream are only searched for patterns."},
        .references = "MS-CFB",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return OleFile(view, sink).run(); }
};

}  // namespace

const evidence::Reader& ole() {
  static const Ole reader;
  return reader;
}

}  // namespace unpack
