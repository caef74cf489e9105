// OLE compound files (old Office documents, MSI packages): streams as members, by own bounded reader.
// https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb. Chains that loop or leave the file
// are malformed. Macros inside a stream stay compressed (MS-OVBA). Of Windows Installer packages the tables
// are printed and scripts in them handed on; of Office documents the files packaged in streams.
#include <algorithm>
#include <set>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/ledger.h"
#include "unpack/member.h"
#include "unpack/ole/msi.h"
#include "unpack/ole/office.h"
#include "unpack/stream.h"

namespace unpack {
namespace {

using base::Trouble;

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
  OleFile(const evidence::View& view, evidence::Sink& sink) : bytes_(view.bytes), sink_(sink), ledger_(view, sink) {}

  base::Result<> run() {
    CHECK_OK(header());
    const auto directory = TRY(chain(first_directory_, sectors_, "directory"));
    std::uint64_t entries = 0;
    for (const auto s : directory) {
      base::Cursor at(sector(s));
      ledger_.structure(range_of(s), "OLE directory");
      for (std::uint64_t i = 0; i < sector_size() / 128; ++i, ++entries) entries_.push_back(entry(at.take(128)));
    }
    if (entries_.empty() || entries_[0].type != 5) return base::fail(Trouble::malformed, "the OLE root entry is missing");
    mini_stream_ = TRY(chain(entries_[0].start, sectors_, "mini stream"));
    for (const auto s : TRY(chain(first_mini_fat_, sectors_, "mini table"))) {
      ledger_.structure(range_of(s), "OLE tables");
      base::Cursor at(sector(s));
      while (at.left() >= 4) mini_fat_.push_back(at.u32());
    }
    CHECK_OK(walk());
    CHECK_OK(installer());
    CHECK_OK(documents());
    return ledger_.close("unused");
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
    ledger_.structure({0, std::min<std::uint64_t>(sector_size(), bytes_.size())}, "OLE header");
    std::vector<std::uint32_t> tables;
    for (int i = 0; i < 109; ++i) tables.push_back(at.u32());
    std::set<std::uint32_t> seen;
    while (difat < sectors_ && seen.insert(difat).second) {
      ledger_.structure(range_of(difat), "OLE tables");
      base::Cursor list(sector(difat));
      while (list.left() > 4) tables.push_back(list.u32());
      difat = list.u32();
    }
    if (difat < sectors_) return base::fail(Trouble::malformed, "the OLE table of tables loops");
    for (const auto s : tables) {
      if (s >= sectors_ || fat_.size() / (sector_size() / 4) >= fat_count) continue;
      ledger_.structure(range_of(s), "OLE tables");
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
    // Streams that are read further: a package's tables, objects in documents.
    const bool read_on = e.name.starts_with('!') || e.name == "\1Ole10Native" || e.name == "PowerPoint Document";
    auto* keep = read_on && e.size <= most_kept - kept_size_ ? &kept_[member.name] : nullptr;
    if (keep) kept_size_ += e.size;
    Child child(sink_, member);
    CHECK_OK(child.begun());
    auto left = e.size;
    for (const auto s : list) {
      if (left == 0) break;
      const auto range = mini ? mini_range(s) : range_of(s);
      const auto n = std::min<std::uint64_t>(left, range.size);
      ledger_.content({range.offset, n}, "OLE stream");
      const auto piece = base::slice(bytes_, range.offset, n);
      CHECK_OK(child.give(piece));
      if (keep) keep->insert(keep->end(), piece.begin(), piece.end());
      left -= n;
    }
    if (left) state_trouble(sink_, "truncated", fmt::format("{}: {} bytes are missing", base::printable(member.name), left));
    return {};
  }

  base::Result<> embedded(std::string name, base::Bytes bytes, artifact::Origin origin = artifact::Origin::embedded) {
    artifact::Entry entry;
    entry.name = std::move(name);
    entry.origin = origin;
    CHECK_OK(sink_.spend(bytes.size() + 1));
    return sink_.child(entry, bytes);
  }

  // A Windows Installer package: its tables as text, what runs at installation, scripts in the tables.
  base::Result<> installer() {
    if (!kept_.contains("!_StringPool")) return {};
    const auto database = msi_format::read_database(kept_);
    if (!database) {
      state_trouble(sink_, name_of(database.error().trouble), database.error().what);
      return {};
    }
    CHECK_OK(embedded("msi-tables.txt", base::bytes_of(database->listing)));
    for (const auto& action : database->actions) {
      CHECK_OK(sink_.spend(64));
      if (!action.runs()) continue;
      evidence::Item item;
      item.facet = evidence::Facet::step;
      item.word = "install";
      item.value = fmt::format("{}: {} {}", action.name, action.source, action.target);
      item.attributes["type"] = fmt::format("{}", action.type);
      sink_.state(std::move(item));
      if (const auto script = action.inline_script(); !script.empty()) CHECK_OK(embedded(fmt::format("CustomAction-{}.{}", action.name, script), base::bytes_of(action.target)));
    }
    return {};
  }

  base::Result<> documents() {
    for (const auto& [name, bytes] : kept_) {
      if (name.ends_with("\1Ole10Native")) {
        if (const auto file = office_format::packaged_file(bytes)) CHECK_OK(embedded(name.substr(0, name.size() - 12) + file->name, base::slice(bytes, file->range.offset, file->range.size)));
      } else if (name.ends_with("PowerPoint Document")) {
        unsigned number = 0;
        for (const auto& object : office_format::presentation_objects(bytes)) CHECK_OK(presentation_object(base::slice(bytes, object.range.offset, object.range.size), object.packed, ++number));
      }
    }
    return {};
  }
  base::Result<> presentation_object(base::Bytes bytes, bool packed, unsigned number) {
    if (!packed) return embedded(fmt::format("object-{}", number), bytes);
    artifact::Entry entry;
    entry.name = fmt::format("object-{}", number);
    entry.origin = artifact::Origin::embedded;
    Child child(sink_, entry);
    CHECK_OK(child.begun());
    const auto done = stream::zlib(bytes, [&](base::Bytes b) { return child.give(b); });
    if (done.end) return {};
    if (done.end.error().trouble == Trouble::limit) return done.end;
    state_trouble(sink_, name_of(done.end.error().trouble), fmt::format("object {}: {}", number, done.end.error().what));
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
  Ledger ledger_;
  static constexpr std::uint64_t most_kept = 256ull << 20;
  std::uint64_t kept_size_ = 0;
  std::map<std::string, base::Buffer> kept_;
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
        .finds = "Streams of OLE compound files: old Office documents, Windows Installer packages; tables and scripts of packages, files packaged in documents, unused sectors.",
        .kinds = {"ole"},
        .states = {evidence::Facet::concealment, evidence::Facet::step, evidence::Facet::trouble},
        .blind_spots = {"VBA macros stay compressed inside their stream.", "Files of a Windows Installer package are named by their keys in its cabinets; their real names stand in its table File."},
        .references = "MS-CFB; MS-OLEDS; MS-PPT",
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
