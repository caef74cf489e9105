// Binaries written as records: Intel HEX, Motorola S-records, Tektronix hex, UF2. The memory that
// they describe is given in regions named by address. Forms: see parse/hex/hex.h.
#include "parse/hex/hex.h"

#include <algorithm>

#include "unpack/firmware.h"
#include "unpack/hex_records/regions.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using namespace parse::hex;

constexpr int most_statements = 20;

class HexWalk {
 public:
  HexWalk(const evidence::View& view, evidence::Sink& sink, Form form) : view_(view), sink_(sink), ledger_(view, sink), form_(form) {}

  base::Result<> run() {
    CHECK_OK(sink_.spend(2 * view_.bytes.size()));
    const auto text = base::text_of(view_.bytes);
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find_first_of("\r\n", at), text.size());
      auto next = end;
      while (next < text.size() && (text[next] == '\r' || text[next] == '\n')) ++next;
      if (ended_) break;
      if (end == at) ledger_.structure({at, next - at}, "end of line");
      else line(text.substr(at, end - at), {at, next - at});
      at = next;
    }
    if (wrong_ > most_statements) state_mismatch(sink_, fmt::format("{} records with wrong sums in all", wrong_), "a sum does not match", evidence::Confidence::medium);
    if (!ended_) state_trouble(sink_, "truncated", fmt::format("the {} have no end record", name_of(form_)));
    CHECK_OK(regions_.give(sink_));
    const auto end = ended_ ? stop_ : view_.bytes.size();
    CHECK_OK(ledger_.close(0, end, "no-record"));
    return hand_on_rest(view_, sink_, end, evidence::Confidence::medium);
  }

 private:
  void line(std::string_view text, base::Range where) {
    auto record = read(form_, text);
    if (!record) {
      if (++odd_ <= most_statements) state_trouble(sink_, "malformed", "a line is no record", where);
      return;
    }
    if (!record->sum_is_right && ++wrong_ <= most_statements)
      state_mismatch(sink_, fmt::format("the sum of the record for address 0x{:x} is wrong", base_ + record->address), "a sum does not match", evidence::Confidence::medium, where);
    switch (record->role) {
      case Record::Role::data:
        ledger_.content(where, "hex records");
        regions_.add(base_ + record->address, std::move(record->data));
        break;
      case Record::Role::base:
        ledger_.structure(where, "hex records");
        base_ = record->address;
        break;
      case Record::Role::header:
        ledger_.structure(where, "hex records");
        state_format(sink_, "header of S-records", {{"text", parse::firmware::field_text(record->data)}}, where);
        break;
      case Record::Role::end:
        ledger_.structure(where, "hex records");
        ended_ = true;
        stop_ = where.end();
        break;
      case Record::Role::other: ledger_.structure(where, "hex records"); break;
    }
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  Form form_;
  hex_format::Regions regions_;
  std::uint64_t base_ = 0, stop_ = 0;
  int wrong_ = 0, odd_ = 0;
  bool ended_ = false;
};

// UF2 holds the same in blocks instead of lines.
base::Result<> read_uf2(const evidence::View& view, evidence::Sink& sink) {
  using namespace hex_format;
  Ledger ledger(view, sink);
  Regions regions;
  std::uint64_t at = 0, sound = 0;
  const auto first = uf2(base::slice(view.bytes, 0, uf2_block));
  for (; at + uf2_block <= view.bytes.size(); at += uf2_block) {
    CHECK_OK(sink.spend(uf2_block));
    const auto block = uf2(view.bytes.subspan(at, uf2_block));
    if (!block.sound) break;
    ++sound;
    const auto data = base::Range{at + 32, block.data.size()};
    ledger.structure({at, 32}, "UF2 block");
    ledger.structure({at + uf2_block - 4, 4}, "UF2 block");
    if (!block.for_memory) continue;  // a comment: close() hands it on
    ledger.content(data, "UF2 data");
    regions.add(block.address, {block.data.begin(), block.data.end()});
  }
  state_format(sink, "UF2 blocks", {{"family", fmt::format("0x{:08x}", first.family)}, {"blocks", fmt::format("{}", sound)}});
  if (sound < first.count) state_trouble(sink, "truncated", fmt::format("{} of {} UF2 blocks", sound, first.count));
  CHECK_OK(regions.give(sink));
  CHECK_OK(ledger.close(0, at, "unused"));
  return hand_on_rest(view, sink, at, evidence::Confidence::medium);
}

class HexRecords final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "hex_records",
        .finds = "The memory regions of Intel HEX, Motorola S-record, Tektronix hex and UF2 files, and records with wrong sums.",
        .kinds = {"intel-hex", "srec", "tektronix-hex", "uf2"},
        .states = {evidence::Facet::concealment, evidence::Facet::property, evidence::Facet::trouble},
        .blind_spots = {"Gaps of up to 1,024 bytes between records are filled with 0xFF.", "Symbols of Tektronix files are passed over."},
        .references = "Intel Hexadecimal Object File Format Specification A; Motorola S-record; Tektronix Extended HEX; https://github.com/microsoft/uf2",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    if (hex_format::uf2(base::slice(view.bytes, 0, hex_format::uf2_block)).sound) return read_uf2(view, sink);
    const auto form = form_of(view.bytes);
    if (!form) return base::fail(base::Trouble::malformed, "no hex records");
    return HexWalk(view, sink, *form).run();
  }
};

}  // namespace

const evidence::Reader& hex_records() {
  static const HexRecords reader;
  return reader;
}

}  // namespace unpack
