// BinHex 4.0 texts and MacBinary files: one file each with a data fork and a resource fork. RFC 1741;
// MacBinary I to III. Both forks are handed on.
#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/codec/textcodes.h"
#include "unpack/ledger.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Label;

// CRC-16 of CCITT as BinHex computes it: from zero, highest bit first.
std::uint16_t binhex_crc(base::Bytes bytes) {
  std::uint32_t crc = 0;
  for (const auto b : bytes) {
    crc ^= static_cast<std::uint32_t>(b) << 8;
    for (int i = 0; i < 8; ++i) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  }
  return static_cast<std::uint16_t>(crc);
}

class Binhex final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "binhex",
        .finds = "The forks of files in BinHex and MacBinary form.",
        .kinds = {"binhex", "macbinary"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Resource forks are handed on as they stand.", "The second header of MacBinary is not read."},
        .references = "RFC 1741; MacBinary II",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    CHECK_OK(sink.spend(view.bytes.size() * 2 + 1));
    return view.kind == "macbinary" ? macbinary(view, sink) : binhex(view, sink);
  }

 private:
  static base::Result<> binhex(const evidence::View& view, evidence::Sink& sink) {
    const auto text = base::text_of(view.bytes);
    const auto mark = text.find("(This file must be converted with BinHex");
    const auto first = mark == text.npos ? text.npos : text.find(':', mark);
    const auto last = first == text.npos ? text.npos : text.find(':', first + 1);
    if (first == text.npos) return base::fail(Trouble::malformed, "the BinHex text has no beginning");
    const auto end = last == text.npos ? text.size() : last + 1;
    sink.label({0, first + 1}, Label::structure, "BinHex line");
    sink.label({first + 1, end - first - 1}, Label::handed_on, "BinHex text");
    const auto bytes = codec::from_binhex(text.substr(first + 1, end - first - 1));
    base::Cursor at(bytes, std::endian::big);
    artifact::Entry entry;
    entry.name = base::text_of(at.take(at.u8()));
    at.skip(1 + 4 + 4 + 2);
    const std::uint64_t data = at.u32(), resource = at.u32();
    at.skip(2);
    CHECK_OK(at.status("the BinHex header"));
    NameWatch names(sink);
    names.see(entry, {});
    for (const auto size : {data, resource}) {
      const auto fork = at.take(std::min<std::uint64_t>(size, at.left()));
      const auto crc = at.u16();
      if (fork.size() < size || !at.ok()) state_trouble(sink, "truncated", fmt::format("{}: a fork is cut", base::printable(entry.name)));
      else if (crc != binhex_crc(fork)) {
        // Makers differ in whether two zeros end the sum.
        base::Buffer padded(fork.begin(), fork.end());
        padded.resize(padded.size() + 2);
        if (crc != binhex_crc(padded)) state_trouble(sink, "malformed", fmt::format("{}: the checksum is wrong", base::printable(entry.name)));
      }
      if (!fork.empty()) CHECK_OK(sink.child(entry, fork));
      entry.name += ".rsrc";
      entry.origin = artifact::Origin::embedded;
    }
    return end < text.size() ? hand_on_rest(view, sink, end, evidence::Confidence::low) : base::Result<>{};
  }

  static base::Result<> macbinary(const evidence::View& view, evidence::Sink& sink) {
    Ledger ledger(view, sink);
    base::Cursor at(view.bytes, std::endian::big);
    at.skip(1);
    artifact::Entry entry;
    const auto length = at.u8();
    entry.name = base::text_of(base::slice(view.bytes, 2, std::min<unsigned>(length, 63)));
    at.seek(83);
    const std::uint64_t data = at.u32(), resource = at.u32();
    CHECK_OK(at.status("the MacBinary header"));
    ledger.structure({0, 128}, "MacBinary header");
    NameWatch names(sink);
    names.see(entry, {0, 128});
    std::uint64_t from = 128;
    for (const auto size : {data, resource}) {
      const Extent fork{from, size};
      if (size) CHECK_OK(ledger.give(entry, {&fork, 1}, size));
      from += (size + 127) / 128 * 128;
      entry.name += ".rsrc";
      entry.origin = artifact::Origin::embedded;
    }
    const auto end = std::min<std::uint64_t>(from, view.bytes.size());
    CHECK_OK(ledger.close(0, end, "unused"));
    return hand_on_rest(view, sink, end, evidence::Confidence::low);
  }
};

}  // namespace

const evidence::Reader& binhex() {
  static const Binhex reader;
  return reader;
}

}  // namespace unpack
