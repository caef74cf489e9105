// The data of NSIS 2 and 3 installers, as they stand behind the installer's program: header, script and
// files, each compressed on its own or all as one stream, by deflate, bzip2 or LZMA in NSIS's own forms.
// Facts: NSIS source, exehead/fileform.h. The script is not run; language tables are not followed.
#include <algorithm>
#include <cstring>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/codec/methods.h"
#include "unpack/ledger.h"
#include "unpack/member.h"
#include "unpack/nsis/script.h"

namespace unpack {
namespace {

using base::Trouble;
using nsis_format::Script;

constexpr std::uint32_t most_header = 64u << 20;

enum class NsisMethod { stored, deflate, bzip2, lzma };

bool is_lzma_start(base::Bytes b) { return b.size() > 7 && b[0] == 0x5D && b[1] == 0 && b[2] == 0 && b[5] == 0; }
bool is_bzip2_start(base::Bytes b) { return b.size() > 2 && b[0] == 0x31 && b[1] < 14; }
std::uint32_t number_at(base::Bytes b, std::uint64_t at) { return base::Cursor(base::slice(b, at, 4)).u32(); }

stream::Decoded nsis_decode(NsisMethod method, base::Bytes bytes, const stream::Take& take) {
  switch (method) {
    case NsisMethod::deflate: return codec::inflate(bytes, codec::Inflate::nsis, take);
    case NsisMethod::bzip2: return codec::bare_bzip2(bytes, take);
    case NsisMethod::lzma: {
      auto out = codec::lzma(base::slice(bytes, 0, 5), base::slice(bytes, 5), UINT64_MAX, take);
      out.consumed += std::min<std::uint64_t>(5, bytes.size());
      return out;
    }
    case NsisMethod::stored: break;
  }
  stream::Decoded out;
  out.consumed = out.produced = bytes.size();
  if (!bytes.empty()) out.end = take(bytes);
  return out;
}

// Cuts a decoded solid stream into its items: a length of four bytes, then the bytes.
class NsisItems {
 public:
  NsisItems(evidence::Sink& sink, const std::map<std::uint32_t, std::string>& names, NameWatch& watch, std::uint64_t skip) : sink_(sink), names_(names), watch_(watch), skip_(skip) {}
  ~NsisItems() { close(); }

  base::Result<> take(base::Bytes bytes) {
    if (skip_) {
      const auto n = std::min<std::uint64_t>(skip_, bytes.size());
      skip_ -= n;
      bytes = bytes.subspan(n);
    }
    while (!bytes.empty()) {
      CHECK_OK(sink_.spend(1));
      if (length_bytes_ < 4) {
        length_ |= static_cast<std::uint32_t>(bytes[0]) << (8 * length_bytes_++);
        bytes = bytes.subspan(1);
        ++at_;
        if (length_bytes_ == 4) CHECK_OK(begin());
        continue;
      }
      const auto now = base::slice(bytes, 0, left_);
      if (open_) {
        CHECK_OK(sink_.spend(now.size()));
        CHECK_OK(sink_.child_bytes(now));
      }
      left_ -= now.size();
      at_ += now.size();
      bytes = bytes.subspan(now.size());
      if (left_ == 0) close();
    }
    return {};
  }
  bool cut() const { return left_ || (length_bytes_ && length_bytes_ < 4); }

  artifact::Entry named(std::uint64_t position) {
    artifact::Entry entry;
    const auto name = names_.find(static_cast<std::uint32_t>(position));
    if (name != names_.end()) {
      entry.name = name->second;
      watch_.see(entry, {});
    } else {
      entry.name = fmt::format("unnamed@0x{:x}", position);
      entry.origin = artifact::Origin::hidden;
    }
    return entry;
  }

 private:
  base::Result<> begin() {
    left_ = length_;
    const auto entry = named(at_ - 4);
    if (left_ > sink_.room()) {
      state_trouble(sink_, "limit", fmt::format("{} says it holds {} bytes", base::printable(entry.name), left_));
      return {};
    }
    open_ = true;
    CHECK_OK(sink_.begin_child(entry));
    if (left_ == 0) close();
    return {};
  }
  void close() {
    if (open_) sink_.end_child();
    open_ = false;
    length_ = 0;
    length_bytes_ = 0;
  }

  evidence::Sink& sink_;
  const std::map<std::uint32_t, std::string>& names_;
  NameWatch& watch_;
  std::uint64_t skip_, at_ = 0, left_ = 0;
  std::uint32_t length_ = 0;
  unsigned length_bytes_ = 0;
  bool open_ = false;
};

class NsisRead {
 public:
  NsisRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), bytes_(view.bytes), ledger_(view, sink), names_(sink, std::nullopt) {}

  base::Result<> run() {
    // The flags in front of the mark are zero more often than not, and may have been taken for padding.
    const std::uint64_t front = base::starts_with(bytes_, "\xEF\xBE\xAD\xDE") ? 0 : 4;
    base::Cursor at(bytes_);
    at.skip(front + 16);
    header_size_ = at.u32();
    const std::uint64_t stated = at.u32();
    CHECK_OK(at.status("the NSIS header"));
    if (header_size_ > most_header) return base::fail(Trouble::limit, "an NSIS header of {} bytes", header_size_);
    start_ = at.position();
    ledger_.structure({0, start_}, "NSIS header");
    end_ = stated < 32 || stated - (4 - front) > bytes_.size() ? bytes_.size() : stated - (4 - front);
    if (end_ == bytes_.size() && stated > end_ + 4) state_trouble(sink_, "truncated", fmt::format("the installer says it has {} bytes", stated));
    choose();
    auto done = solid_ ? solid() : apart();
    if (!done) {
      if (done.error().trouble == Trouble::limit) return done;
      ledger_.opaque({start_, end_ - start_}, done.error().trouble == Trouble::unsupported ? "unsupported" : "damaged");
      return done;
    }
    CHECK_OK(ledger_.close(0, end_, "unused"));
    return hand_on_rest(view_, sink_, end_, evidence::Confidence::low);
  }

 private:
  // Nothing names the method: it shows in the first bytes.
  void choose() {
    const auto b = base::slice(bytes_, start_);
    const auto of = [](base::Bytes c) { return is_lzma_start(c) ? NsisMethod::lzma : is_bzip2_start(c) ? NsisMethod::bzip2 : NsisMethod::deflate; };
    if (number_at(b, 0) == header_size_) {
      solid_ = false;
      method_ = NsisMethod::stored;
    } else if (b.size() > 4 && b[3] == 0x80 && (!is_lzma_start(b) || is_lzma_start(base::slice(b, 4)))) {
      solid_ = false;
      method_ = of(base::slice(b, 4));
    } else {
      method_ = of(b);
    }
  }

  base::Result<Script> script(const base::Buffer& header) {
    auto parsed = TRY(Script::parse(header));
    artifact::Entry entry;
    entry.name = "nsis-script.txt";
    entry.origin = artifact::Origin::embedded;
    const auto text = parsed.listing();
    CHECK_OK(sink_.spend(text.size()));
    CHECK_OK(sink_.child(entry, base::bytes_of(text)));
    entry.name = "nsis-header";
    CHECK_OK(sink_.child(entry, header));
    return parsed;
  }

  base::Result<> solid() {
    const auto packed = base::slice(bytes_, start_, end_ - start_);
    base::Buffer header;
    const std::uint64_t want = std::uint64_t{header_size_} + 4;
    auto first = nsis_decode(method_, packed, [&](base::Bytes b) -> base::Result<> {
      CHECK_OK(sink_.spend(b.size()));
      const auto part = base::slice(b, 0, want - header.size());
      header.insert(header.end(), part.begin(), part.end());
      return header.size() < want ? base::Result<>{} : base::fail(Trouble::usage, "enough");
    });
    if (header.size() < want) return first.end ? base::fail(Trouble::malformed, "the NSIS header is cut") : first.end;
    header.erase(header.begin(), header.begin() + 4);
    const auto parsed = TRY(script(header));
    const auto files = parsed.files();
    stream::Decoded done;
    {
      NsisItems items(sink_, files, names_, want);
      done = nsis_decode(method_, packed, [&](base::Bytes b) { return items.take(b); });
      if (done.end && items.cut()) state_trouble(sink_, "truncated", "the last item of the installer is cut");
    }
    ledger_.content({start_, done.consumed}, "NSIS data");
    if (!done.end) {
      if (done.end.error().trouble == Trouble::limit) return done.end;
      ledger_.opaque({start_ + done.consumed, end_ - start_ - std::min(done.consumed, end_ - start_)}, "damaged");
      state_trouble(sink_, name_of(done.end.error().trouble), done.end.error().what);
      return {};
    }
    checksum(start_ + done.consumed);
    return {};
  }

  base::Result<> apart() {
    const auto size = number_at(bytes_, start_) & 0x7FFFFFFF;
    const auto packed = base::slice(bytes_, start_ + 4, size);
    base::Buffer header;
    const auto first = nsis_decode(method_, packed, [&](base::Bytes b) -> base::Result<> {
      CHECK_OK(sink_.spend(b.size()));
      header.insert(header.end(), b.begin(), b.end());
      return header.size() <= most_header ? base::Result<>{} : base::fail(Trouble::limit, "an NSIS header above {} bytes", most_header);
    });
    if (header.size() < header_size_) return first.end ? base::fail(Trouble::malformed, "the NSIS header is cut") : first.end;
    ledger_.content({start_, 4 + packed.size()}, "NSIS script");
    const auto parsed = TRY(script(header));
    const auto files = parsed.files();
    NsisItems names(sink_, files, names_, 0);
    const auto data = start_ + 4 + packed.size();
    auto at = data;
    while (at + 8 <= end_) {
      CHECK_OK(sink_.spend(16));
      const auto length = number_at(bytes_, at);
      const std::uint64_t stored = length & 0x7FFFFFFF;
      if (!base::fits(at + 4, stored, end_)) break;
      const auto entry = names.named(at - data);
      CHECK_OK(item(entry, {at + 4, stored}, length >> 31));
      ledger_.structure({at, 4}, "length of an item");
      at += 4 + stored;
    }
    for (const auto& [position, name] : files)
      if (position != 0xFFFFFFFF && data + position >= end_) state_trouble(sink_, "truncated", fmt::format("{} lies behind the end", base::printable(name)));
    checksum(at);
    return {};
  }

  base::Result<> item(const artifact::Entry& entry, base::Range range, bool packed) {
    stream::Decoded done;
    {
      Child child(sink_, entry);
      CHECK_OK(child.begun());
      done = nsis_decode(packed ? method_ : NsisMethod::stored, base::slice(bytes_, range.offset, range.size), [&](base::Bytes b) { return child.give(b); });
    }
    if (!done.end) {
      if (done.end.error().trouble == Trouble::limit) return done.end;
      ledger_.opaque(range, "damaged");
      state_trouble(sink_, name_of(done.end.error().trouble), fmt::format("{}: {}", base::printable(entry.name), done.end.error().what), range);
      return {};
    }
    ledger_.content(range, "NSIS item");
    return {};
  }

  // A checksum of four bytes ends the installer.
  void checksum(std::uint64_t at) {
    if (at < end_ && end_ - at <= 4) ledger_.structure({at, end_ - at}, "checksum of the installer");
    else if (end_ >= 4) ledger_.structure({end_ - 4, 4}, "checksum of the installer");
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  base::Bytes bytes_;
  Ledger ledger_;
  NameWatch names_;
  std::uint32_t header_size_ = 0;
  std::uint64_t start_ = 0, end_ = 0;
  bool solid_ = true;
  NsisMethod method_ = NsisMethod::deflate;
};

class Nsis final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "nsis",
        .finds = "Files and script of NSIS installers, and items that the script never writes.",
        .kinds = {"nsis"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Texts of NSIS language tables are listed as strings, not put into the instructions.", "Instructions of builds with other numbers than the usual are listed under wrong names.",
                        "LZMA with a filter in front is not read."},
        .references = "NSIS source, exehead/fileform.h",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return NsisRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& nsis() {
  static const Nsis reader;
  return reader;
}

}  // namespace unpack
