// Objects embedded in RTF texts: the hexadecimal data of \objdata groups, as OLE 1.0 objects. RTF 1.9.1;
// MS-OLEDS 2.2. The text itself is left to the examiners; other destinations are not decoded.
#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/member.h"
#include "unpack/ole/office.h"

namespace unpack {
namespace {

using evidence::Label;
using Text = std::string_view;

// Hex digits up to the group's end; control words and groups in between are skipped, as Word does.
std::size_t hex_group(Text text, std::size_t at, base::Buffer& out) {
  int high = -1, depth = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '{') ++depth;
    else if (c == '}' && depth-- == 0) break;
    else if (c == '\\') {
      while (at + 1 < text.size() && Text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-*'").find(text[at + 1]) != Text::npos) ++at;
    } else if (depth <= 0) {
      const int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
      if (digit < 0) continue;
      if (high < 0) high = digit;
      else out.push_back(static_cast<std::uint8_t>(high << 4 | digit)), high = -1;
    }
  }
  return at;
}

class Rtf final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "rtf",
        .finds = "Objects embedded in RTF texts.",
        .kinds = {"rtf"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Objects whose digits come from other control words (\\bin, \\'hh) are read in part.", "Pictures are not handed on."},
        .references = "RTF 1.9.1; MS-OLEDS",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    const auto text = base::text_of(view.bytes);
    CHECK_OK(sink.spend(text.size() * 2 + 1));
    unsigned number = 0;
    for (auto at = text.find("\\objdata"); at != Text::npos; at = text.find("\\objdata", at)) {
      at += 8;
      base::Buffer bytes;
      const auto end = hex_group(text, at, bytes);
      if (++number > 10'000) return base::fail(base::Trouble::limit, "more than 10,000 objects");
      sink.label({at, end - at}, Label::handed_on, "embedded object");
      CHECK_OK(give(sink, fmt::format("object-{}", number), bytes));
      if (const auto file = packaged(bytes)) CHECK_OK(give(sink, fmt::format("object-{}/{}", number, file->name), base::slice(bytes, file->range.offset, file->range.size)));
      at = end;
    }
    return {};
  }

 private:
  static base::Result<> give(evidence::Sink& sink, std::string name, base::Bytes bytes) {
    artifact::Entry entry;
    entry.name = std::move(name);
    entry.origin = artifact::Origin::embedded;
    CHECK_OK(sink.spend(bytes.size() + 1));
    return sink.child(entry, bytes);
  }
  // Version, format, class, topic, item, then native data: a compound file, or a packaged file.
  static std::optional<office_format::Packaged> packaged(base::Bytes bytes) {
    base::Cursor at(bytes);
    at.skip(4);
    if (at.u32() != 2) return std::nullopt;
    const auto name = base::text_of(at.take(at.u32()));
    at.skip(at.u32());
    at.skip(at.u32());
    const auto start = at.position();
    const std::uint64_t size = at.u32();
    if (!at.ok() || !base::fits(start + 4, size, bytes.size())) return std::nullopt;
    if (name.starts_with("Package")) {
      auto file = office_format::packaged_file(base::slice(bytes, start, size + 4));
      if (!file) return std::nullopt;
      file->range.offset += start;
      return *file;
    }
    return office_format::Packaged{"native-data", {start + 4, size}};
  }
};

}  // namespace

const evidence::Reader& rtf() {
  static const Rtf reader;
  return reader;
}

}  // namespace unpack
