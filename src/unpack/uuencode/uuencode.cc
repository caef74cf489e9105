// Files written as text by uuencode (both alphabets), yEnc, and shell archives that carry such texts.
// POSIX uuencode; yEnc draft 1.3.
#include "unpack/codec/textcodes.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using evidence::Label;
using Text = std::string_view;

class Uuencode final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "uuencode",
        .finds = "Files inside texts by uuencode and yEnc.",
        .kinds = {"uuencode", "yenc"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"yEnc files of several parts are not joined; their checksums are not compared."},
        .references = "POSIX uuencode; yEnc draft 1.3",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    const auto text = base::text_of(view.bytes);
    CHECK_OK(sink.spend(text.size() * 2 + 1));
    NameWatch names(sink);
    unsigned found = 0;
    for (std::size_t at = 0; at < text.size();) {
      const auto start = at;
      const auto line = codec::next_line(text, at);
      const bool yenc = line.starts_with("=ybegin "), base64 = line.starts_with("begin-base64 ");
      if (!yenc && !base64 && !is_begin(line)) continue;
      const auto [end, after] = find_end(text, at, yenc ? Text("=yend ") : base64 ? Text("====") : Text("end"));
      if (end == text.size()) state_trouble(sink, "truncated", "an encoded file has no end", {start, line.size()});
      artifact::Entry entry;
      const auto name = yenc ? line.find("name=") : line.find(' ', line.find(' ') + 1);
      if (name != Text::npos) entry.name = line.substr(name + (yenc ? 5 : 1));
      names.see(entry, {start, line.size()});
      const auto body = text.substr(at, end - at);
      const auto bytes = yenc ? codec::from_yenc(body) : base64 ? codec::from_base64(body) : codec::from_uu(body);
      sink.label({start, at - start}, Label::structure, "first line of an encoded file");
      sink.label({at, end - at}, Label::handed_on, "encoded file");
      sink.label({end, after - end}, Label::structure, "last line of an encoded file");
      CHECK_OK(sink.spend(bytes.size() + 1));
      CHECK_OK(sink.child(entry, bytes));
      ++found;
      at = after;
    }
    if (!found) return base::fail(base::Trouble::malformed, "no encoded file begins here");
    return {};
  }

 private:
  static bool is_begin(Text line) {
    if (!line.starts_with("begin ") || line.size() < 11) return false;
    for (int i = 6; i < 9; ++i)
      if (line[static_cast<std::size_t>(i)] < '0' || line[static_cast<std::size_t>(i)] > '7') return false;
    return true;
  }
  struct End {
    std::size_t at, after;
  };
  static End find_end(Text text, std::size_t at, Text mark) {
    while (at < text.size()) {
      const auto start = at;
      const auto line = codec::next_line(text, at);
      if (mark == "end" ? line == mark : line.starts_with(mark)) return {start, at};
    }
    return {text.size(), text.size()};
  }
};

}  // namespace

const evidence::Reader& uuencode() {
  static const Uuencode reader;
  return reader;
}

}  // namespace unpack
