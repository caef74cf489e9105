// ZOO archives: stored, LZW and LZH members, deleted ones too. Facts: R. Dhesi's zoo 2.10, zoo.h and its notes.
#include <algorithm>
#include <set>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/codec/bits.h"
#include "unpack/codec/methods.h"
#include "unpack/codec/window.h"
#include "unpack/ledger.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;

// LZW with codes of 9 to 13 bits, 256 to clear, 257 to end.
stream::Decoded zoo_lzw(base::Bytes bytes, std::uint64_t size, const stream::Take& take) {
  constexpr unsigned clear = 256, stop = 257, first = 258, most = 8192;
  codec::Bits<codec::Order::lsb> in(bytes);
  codec::Window out(8192, size, take);
  std::vector<std::uint16_t> parent(most);
  std::vector<std::uint8_t> letter(most), text;
  unsigned width = 9, free = first;
  int before = -1;
  std::uint8_t last = 0;
  stream::Decoded done;
  while (!out.full() && !out.failed()) {
    const auto code = in.get(width);
    if (in.overrun()) {
      done.end = base::fail(Trouble::truncated, "the LZW data end early");
      break;
    }
    if (code == stop) break;
    if (code == clear) {
      width = 9;
      free = first;
      before = -1;
      continue;
    }
    if (code > free || (code == free && before < 0) || (code >= first && before < 0)) {
      done.end = base::fail(Trouble::malformed, "an LZW code that was not made yet");
      break;
    }
    text.clear();
    auto at = code;
    if (code == free) {
      text.push_back(last);
      at = static_cast<unsigned>(before);
    }
    for (; at >= first; at = parent[at]) text.push_back(letter[at]);  // parents are smaller than their codes
    text.push_back(static_cast<std::uint8_t>(at));
    last = text.back();
    for (auto i = text.size(); i-- > 0 && !out.full();) out.literal(text[i]);
    if (before >= 0 && free < most) {
      parent[free] = static_cast<std::uint16_t>(before);
      letter[free] = last;
      if (++free >= 1u << width && width < 13) ++width;
    }
    before = static_cast<int>(code);
  }
  if (const auto rest = out.finish(); !rest) done.end = rest;
  done.consumed = in.used();
  done.produced = out.made();
  return done;
}

std::uint16_t zoo_crc(std::uint16_t crc, base::Bytes bytes) {
  for (const auto b : bytes) {
    crc ^= b;
    for (int i = 0; i < 8; ++i) crc = static_cast<std::uint16_t>(crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1);
  }
  return crc;
}

struct ZooEntry {
  std::uint64_t next = 0, offset = 0, plain = 0, packed = 0, size = 0;
  unsigned method = 0;
  std::uint16_t crc = 0;
  bool deleted = false;
  base::Range comment;
  std::string name;
};

class ZooRead {
 public:
  ZooRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), bytes_(view.bytes), ledger_(view, sink), names_(sink, std::nullopt) {}

  base::Result<> run() {
    base::Cursor head(bytes_);
    head.seek(24);
    std::uint64_t at = head.u32();
    CHECK_OK(head.status("the ZOO header"));
    ledger_.structure({0, std::min<std::uint64_t>(at, 64)}, "ZOO header");
    std::set<std::uint64_t> seen;
    while (seen.insert(at).second) {
      CHECK_OK(sink_.spend(64));
      const auto e = entry(at);
      if (!e) {
        state_trouble(sink_, name_of(e.error().trouble), e.error().what, {std::min<std::uint64_t>(at, bytes_.size()), 0});
        break;
      }
      ledger_.structure({at, e->size}, "ZOO entry");
      if (e->next == 0) break;
      CHECK_OK(member(*e));
      at = e->next;
    }
    return ledger_.close("unused");
  }

 private:
  base::Result<ZooEntry> entry(std::uint64_t offset) const {
    base::Cursor at(base::slice(bytes_, offset));
    if (at.u32() != 0xFDC4A7DC) return base::fail(at.ok() ? Trouble::malformed : Trouble::truncated, "no ZOO entry stands where the one before says");
    ZooEntry e;
    const auto type = at.u8();
    e.method = at.u8();
    e.next = at.u32();
    e.offset = at.u32();
    at.skip(4);
    e.crc = at.u16();
    e.plain = at.u32();
    e.packed = at.u32();
    at.skip(2);
    e.deleted = at.u8() == 1;
    at.skip(1);
    const std::uint64_t comment = at.u32();
    e.comment = {comment, at.u16()};
    const auto name = base::text_of(at.take(13));
    e.name = name.substr(0, name.find('\0'));
    if (!at.ok()) return base::fail(Trouble::truncated, "a ZOO entry is cut");
    if (type == 2) {
      const auto more = at.u16();
      at.skip(3);
      base::Cursor variable(at.take(more));
      const auto long_size = variable.u8(), folder_size = variable.u8();
      const auto cut = [](std::string_view t) { return t.substr(0, t.find('\0')); };
      const auto long_name = cut(base::text_of(variable.take(long_size))), folder = cut(base::text_of(variable.take(folder_size)));
      if (!long_name.empty()) e.name = long_name;
      if (!folder.empty()) e.name = std::string(folder) + "/" + e.name;
    }
    e.size = at.position();
    return e;
  }

  base::Result<> member(const ZooEntry& e) {
    artifact::Entry out;
    out.name = e.name;
    if (e.deleted) out.origin = artifact::Origin::hidden;
    names_.see(out, {});
    const base::Range range{e.offset, e.packed};
    if (e.comment.size) {
      artifact::Entry comment;
      comment.name = e.name + ".comment";
      comment.origin = artifact::Origin::embedded;
      const Extent piece{e.comment.offset, e.comment.size};
      CHECK_OK(ledger_.give(comment, {&piece, 1}, piece.size));
    }
    if (e.method > 2 || e.plain > sink_.room()) {
      state_trouble(sink_, e.method > 2 ? "unsupported" : "limit", fmt::format("{}: method {}, {} bytes", base::printable(e.name), e.method, e.plain));
      ledger_.opaque(range, e.method > 2 ? "unsupported" : "limit");
      return {};
    }
    const auto packed = base::slice(bytes_, range.offset, range.size);
    std::uint16_t crc = 0;
    stream::Decoded done;
    {
      Child child(sink_, out);
      CHECK_OK(child.begun());
      const stream::Take take = [&](base::Bytes b) {
        crc = zoo_crc(crc, b);
        return child.give(b);
      };
      if (e.method == 0) {
        if (!packed.empty()) done.end = take(packed);
        if (done.end && packed.size() < e.packed) done.end = base::fail(Trouble::truncated, "the data end early");
      } else {
        done = e.method == 1 ? zoo_lzw(packed, e.plain, take) : codec::lzh(packed, 13, 4, e.plain, take);
      }
    }
    if (!done.end && done.end.error().trouble == Trouble::limit) return done.end;
    if (!done.end) {
      ledger_.opaque(range, "damaged");
      state_trouble(sink_, name_of(done.end.error().trouble), fmt::format("{}: {}", base::printable(e.name), done.end.error().what), {std::min<std::uint64_t>(range.offset, bytes_.size()), packed.size()});
      return {};
    }
    ledger_.content(range, "ZOO data");
    if (crc != e.crc) state_trouble(sink_, "malformed", fmt::format("{}: the checksum is wrong", base::printable(e.name)));
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  base::Bytes bytes_;
  Ledger ledger_;
  NameWatch names_;
};

class Zoo final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "zoo",
        .finds = "Members of ZOO archives, deleted ones and comments too.",
        .kinds = {"zoo"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Permissions in ZOO entries are not read."},
        .references = "zoo 2.10, zoo.h",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return ZooRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& zoo() {
  static const Zoo reader;
  return reader;
}

}  // namespace unpack
