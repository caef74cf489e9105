// ARJ archives: stored members and methods 1 to 4, by own bounded reader. ARJ's TECHNOTE.TXT.
// Encrypted members and archives over several files are not read further than their headers.
#include <zlib.h>

#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/codec/methods.h"
#include "unpack/ledger.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;

struct ArjHeader {
  std::uint64_t size = 0;  ///< with its extensions; 0 for the end of the archive
  unsigned flags = 0, method = 0, type = 0, host = 0, mode = 0;
  std::uint64_t packed = 0, plain = 0;
  std::uint32_t crc = 0;
  bool sound = true;
  std::string_view name, comment;
};

base::Result<ArjHeader> arj_header(base::Bytes bytes, std::uint64_t offset) {
  base::Cursor at(base::slice(bytes, offset));
  if (at.u16() != 0xEA60) return base::fail(at.ok() ? Trouble::malformed : Trouble::truncated, "no ARJ header stands at {}", offset);
  ArjHeader h;
  const auto basic = at.u16();
  if (basic == 0 && at.ok()) return h;
  const auto body = at.take(basic);
  const auto crc = at.u32();
  h.sound = at.ok() && crc == crc32(0, body.data(), static_cast<uInt>(body.size()));
  for (auto extension = at.u16(); extension && at.ok(); extension = at.u16()) at.skip(extension + 4u);
  CHECK_OK(at.status("an ARJ header"));
  h.size = at.position();
  base::Cursor in(body);
  const auto first = in.u8();
  in.skip(2);
  h.host = in.u8();
  h.flags = in.u8();
  h.method = in.u8();
  h.type = in.u8();
  in.skip(5);
  h.packed = in.u32();
  h.plain = in.u32();
  h.crc = in.u32();
  in.skip(2);
  h.mode = in.u16();
  in.seek(first);
  h.name = in.c_string();
  h.comment = in.c_string();
  if (!in.ok()) return base::fail(Trouble::malformed, "an ARJ header's name has no end");
  return h;
}

class ArjRead {
 public:
  ArjRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), bytes_(view.bytes), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    const auto main = TRY(arj_header(bytes_, 0));
    ledger_.structure({0, main.size}, "ARJ header");
    if (!main.sound) state_trouble(sink_, "malformed", "the archive's header has a wrong checksum");
    auto at = main.size;
    while (true) {
      CHECK_OK(sink_.spend(64));
      const auto h = arj_header(bytes_, at);
      if (!h) {
        state_trouble(sink_, "truncated", h.error().what, {std::min<std::uint64_t>(at, bytes_.size()), 0});
        break;
      }
      ledger_.structure({at, h->size ? h->size : 4}, "ARJ header");
      if (h->size == 0) {
        at += 4;
        break;
      }
      if (!h->sound) state_trouble(sink_, "malformed", fmt::format("{}: the header has a wrong checksum", base::printable(h->name)));
      const auto data = at + h->size;  // the header says how much there is; what is there may be less
      CHECK_OK(member(*h, {data, base::slice(bytes_, data, h->packed).size()}));
      at += h->size + h->packed;
    }
    return hand_on_rest(view_, sink_, std::min<std::uint64_t>(at, bytes_.size()), evidence::Confidence::low);
  }

 private:
  base::Result<> member(const ArjHeader& h, base::Range range) {
    artifact::Entry entry;
    entry.name = h.name;
    if (h.host != 2 && h.host != 8) std::ranges::replace(entry.name, '\\', '/');
    else entry.mode = h.mode & 07777;
    names_.see(entry, {range.offset - h.size, h.size});
    if (h.type == 3) {
      entry.nature = artifact::Nature::directory;
      return sink_.child(entry, {});
    }
    if (h.flags & 0x0C) state_trouble(sink_, "truncated", fmt::format("{} spans several files", base::printable(h.name)));
    if (h.flags & 1) {
      ledger_.opaque(range, "encrypted");
      state_trouble(sink_, "encrypted", base::printable(h.name));
      return {};
    }
    if (h.method > 4) {
      ledger_.opaque(range, "unsupported");
      state_trouble(sink_, "unsupported", fmt::format("{}: ARJ method {} is not read", base::printable(h.name), h.method));
      return {};
    }
    if (h.plain > sink_.room()) {
      state_trouble(sink_, "limit", fmt::format("{} says it holds {} bytes", base::printable(h.name), h.plain));
      ledger_.opaque(range, "limit");
      return {};
    }
    return content(h, entry, range);
  }

  base::Result<> content(const ArjHeader& h, const artifact::Entry& entry, base::Range range) {
    const auto packed = base::slice(bytes_, range.offset, range.size);
    stream::Decoded done;
    uLong crc = crc32(0, nullptr, 0);
    {
      Child child(sink_, entry);
      CHECK_OK(child.begun());
      const stream::Take take = [&](base::Bytes b) {
        crc = crc32_z(crc, b.data(), b.size());
        return child.give(b);
      };
      if (h.method == 0) {
        done.consumed = packed.size();
        if (!packed.empty()) done.end = take(packed);
        if (done.end && packed.size() < h.packed) done.end = base::fail(Trouble::truncated, "the data end early");
      } else {
        done = h.method == 4 ? codec::arj_fastest(packed, h.plain, take) : codec::lzh(packed, 15, 5, h.plain, take);
      }
    }
    if (!done.end) {
      if (done.end.error().trouble == Trouble::limit) return done.end;
      ledger_.opaque(range, "damaged");
      state_trouble(sink_, name_of(done.end.error().trouble), fmt::format("{}: {}", base::printable(h.name), done.end.error().what));
      return {};
    }
    ledger_.content(range, "ARJ data");
    if (crc != h.crc) state_trouble(sink_, "malformed", fmt::format("{}: the checksum is wrong", base::printable(h.name)), {range.offset, packed.size()});
    // A byte or two fill up the last bits.
    if (done.consumed + 4 < packed.size()) state_mismatch(sink_, fmt::format("{}: {} bytes behind the end of its stream", base::printable(h.name), packed.size() - done.consumed), "bytes that no reader shows", evidence::Confidence::low, range);
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  base::Bytes bytes_;
  Ledger ledger_;
  NameWatch names_;
};

class Arj final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "arj",
        .finds = "Members of ARJ archives, and bytes behind their end.",
        .kinds = {"arj"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Encrypted members are not read.", "Archives over several files are not joined.", "Comments are labelled as structure and not handed on."},
        .references = "ARJ TECHNOTE.TXT",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return ArjRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& arj() {
  static const Arj reader;
  return reader;
}

}  // namespace unpack
