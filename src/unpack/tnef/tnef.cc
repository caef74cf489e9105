// Transport-neutral encapsulation ("winmail.dat"): attachments and message properties. MS-OXTNEF.
#include "base/cursor.h"
#include "unpack/ledger.h"
#include "unpack/member.h"

namespace unpack {
namespace {

constexpr std::uint16_t attachment_title = 0x8010, attachment_data = 0x800F, attachment_begin = 0x9002;

class Tnef final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "tnef",
        .finds = "Attachments and properties of TNEF messages (winmail.dat).",
        .kinds = {"tnef"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"MAPI properties are handed on as they stand; compressed RTF in them is not decoded."},
        .references = "MS-OXTNEF",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    Ledger ledger(view, sink);
    NameWatch names(sink, std::nullopt);
    base::Cursor at(view.bytes);
    at.skip(6);
    ledger.structure({0, 6}, "TNEF header");
    struct Attachment {
      std::string title;
      base::Range data;
    };
    std::vector<Attachment> attachments;
    while (at.left() >= 11) {
      CHECK_OK(sink.spend(16));
      const auto start = at.position();
      const auto level = at.u8();
      const auto id = at.u16();
      at.skip(2);
      const std::uint64_t size = at.u32();
      const base::Range value{at.position(), size};
      const auto bytes = at.take(size);
      const auto sum = at.u16();
      if (!at.ok() || (level != 1 && level != 2)) {
        state_trouble(sink, at.ok() ? "malformed" : "truncated", "an attribute leaves the message", {start, 0});
        at = base::Cursor(view.bytes);
        at.seek(start);
        break;
      }
      CHECK_OK(sink.spend(size));
      std::uint16_t real = 0;
      for (const auto b : bytes) real = static_cast<std::uint16_t>(real + b);
      if (real != sum) state_trouble(sink, "malformed", fmt::format("attribute 0x{:04x} has a wrong checksum", id), value);
      ledger.structure({start, 9}, "TNEF attribute");
      ledger.structure({value.end(), 2}, "TNEF attribute");
      if (level == 2 && (id == attachment_begin || attachments.empty())) attachments.emplace_back();
      if (level == 2 && id == attachment_title) {
        const auto text = base::text_of(bytes);
        attachments.back().title = text.substr(0, text.find('\0'));
        ledger.structure(value, "name of an attachment");
      } else if (level == 2 && id == attachment_data) {
        attachments.back().data = value;
      } else if (size >= 32) {
        artifact::Entry entry;
        entry.name = fmt::format("attribute-{:04x}@0x{:x}", id, value.offset);
        entry.origin = artifact::Origin::embedded;
        ledger.content(value, "TNEF attribute");
        CHECK_OK(sink.child(entry, bytes));
      } else {
        ledger.structure(value, "TNEF attribute");
      }
    }
    for (const auto& a : attachments) {
      if (!a.data.size) continue;
      artifact::Entry entry;
      entry.name = a.title.empty() ? "attachment" : a.title;
      names.see(entry, {a.data.offset, 0});
      const Extent piece{a.data.offset, a.data.size};
      CHECK_OK(ledger.give(entry, {&piece, 1}, piece.size));
    }
    return hand_on_rest(view, sink, at.position(), evidence::Confidence::low);
  }
};

}  // namespace

const evidence::Reader& tnef() {
  static const Tnef reader;
  return reader;
}

}  // namespace unpack
