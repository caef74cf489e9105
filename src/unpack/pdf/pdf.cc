// What a PDF carries besides its pages: embedded files, and JavaScript in streams and strings.
// ISO 32000-1, 7.3, 7.5.7, 7.11.4, 12.6.4.16. Own scan for "stream" in place of the cross-reference
// table, which hostile files forge: every stream is seen, also those that no object names.
// Reads FlateDecode streams without predictors; encrypted documents are not read. Pages, fonts and
// pictures are left as they are.
#include <algorithm>

#include "unpack/member.h"
#include "unpack/stream.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Label;
using Text = std::string_view;

bool is_delimiter(char c) { return Text(" \t\r\n\f\0<>[]/()%", 15).find(c) != Text::npos; }

// True if the dictionary has this name as a whole word ("/JS", not "/JSx").
std::size_t find_name(Text dictionary, Text name, std::size_t from = 0) {
  for (auto at = dictionary.find(name, from); at != Text::npos; at = dictionary.find(name, at + 1))
    if (at + name.size() >= dictionary.size() || is_delimiter(dictionary[at + name.size()])) return at;
  return Text::npos;
}
bool has_name(Text dictionary, Text name) { return find_name(dictionary, name) != Text::npos; }

struct PdfStream {
  unsigned object = 0;
  Text dictionary;
  base::Range content;
};

unsigned number_before(Text text, std::size_t end) {
  // "12 0 obj": the object's number stands two numbers before the keyword.
  const auto digits = [&](std::size_t& at) -> Text {
    while (at && (text[at - 1] == ' ' || text[at - 1] == '\n' || text[at - 1] == '\r')) --at;
    const auto stop = at;
    while (at && text[at - 1] >= '0' && text[at - 1] <= '9' && stop - at < 9) --at;
    return text.substr(at, stop - at);
  };
  (void)digits(end);
  unsigned out = 0;
  for (const char c : digits(end)) out = out * 10 + static_cast<unsigned>(c - '0');
  return out;
}

// A string in parentheses or angle brackets, unescaped; at most 1 MiB.
std::string string_at(Text text) {
  std::string out;
  if (text.starts_with('<')) {
    int high = -1;
    for (const char c : text.substr(1, 2u << 20)) {
      if (c == '>') break;
      const auto digit = Text("0123456789abcdef").find(static_cast<char>(c | 32));
      if (digit == Text::npos) continue;
      if (high < 0) high = static_cast<int>(digit);
      else out += static_cast<char>(high << 4 | static_cast<int>(digit)), high = -1;
    }
    return out;
  }
  int depth = 0;
  for (std::size_t i = 0; i < text.size() && i < (1u << 20); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      const char next = text[++i];
      const auto kind = Text("nrtbf").find(next);
      if (kind != Text::npos) {
        out += "\n\r\t\b\f"[kind];
      } else if (next >= '0' && next <= '7') {
        unsigned value = 0;
        std::size_t n = 0;
        for (; n < 3 && i + n < text.size() && text[i + n] >= '0' && text[i + n] <= '7'; ++n) value = value * 8 + static_cast<unsigned>(text[i + n] - '0');
        i += n - 1;
        out += static_cast<char>(value);
      } else if (next != '\n' && next != '\r') {
        out += next;
      }
      continue;
    }
    if (c == '(' && ++depth == 1) continue;
    if (c == ')' && --depth == 0) break;
    out += c;
  }
  return out;
}

// UTF-16 with its mark, as PDF writes texts, made UTF-8 for what is ASCII in it.
std::string plain(std::string text) {
  if (!text.starts_with("\xFE\xFF")) return text;
  std::string out;
  for (std::size_t i = 2; i + 1 < text.size(); i += 2) out += text[i] == 0 ? text[i + 1] : '?';
  return out;
}

class PdfScan {
 public:
  PdfScan(const evidence::View& view, evidence::Sink& sink) : text_(base::text_of(view.bytes)), bytes_(view.bytes), sink_(sink) {}

  base::Result<> run() {
    CHECK_OK(sink_.spend(bytes_.size() * 2));
    if (has_name(text_, "/Encrypt")) state_trouble(sink_, "encrypted", "the document's strings and streams");
    find_streams();
    CHECK_OK(scripts_in(text_));
    // Compressed object streams hold dictionaries, hence scripts and references to scripts.
    for (const auto& s : streams_)
      if (has_name(s.dictionary, "/ObjStm")) {
        std::string objects;
        CHECK_OK(decode(s, [&](base::Bytes b) -> base::Result<> {
          if (objects.size() < (16u << 20)) objects += base::text_of(b);
          return sink_.spend(b.size());
        }));
        CHECK_OK(scripts_in(objects));
      }
    for (const auto& s : streams_) CHECK_OK(give(s));
    return {};
  }

 private:
  void find_streams() {
    std::size_t object = 0;
    for (std::size_t at = text_.find("stream"); at != Text::npos && streams_.size() < 100'000; at = text_.find("stream", at + 6)) {
      if (at >= 3 && text_.substr(at - 3, 3) == "end") continue;
      std::size_t start = at + 6;
      if (text_.substr(start, 2) == "\r\n") start += 2;
      else if (start < text_.size() && (text_[start] == '\n' || text_[start] == '\r')) start += 1;
      else continue;
      const auto end = text_.find("endstream", start);
      if (end == Text::npos) break;
      // The dictionary stands between the nearest "obj" and the keyword.
      const auto window = text_.substr(object, at - object);
      const auto keyword = window.rfind("obj");
      const auto from = keyword == Text::npos ? object : object + keyword + 3;
      const auto dictionary = text_.substr(from, at - from);
      streams_.push_back({number_before(text_, keyword == Text::npos ? object : object + keyword), dictionary, {start, length(dictionary, start, end)}});
      object = at = end;
    }
  }

  // The stated length where only an end of line stands between it and the keyword; else up to that end of line.
  std::uint64_t length(Text dictionary, std::size_t start, std::size_t end) const {
    const auto found = find_name(dictionary, "/Length");
    if (found != Text::npos) {
      std::uint64_t stated = 0;
      auto at = dictionary.find_first_not_of(" \t\r\n", found + 7);
      for (; at < dictionary.size() && dictionary[at] >= '0' && dictionary[at] <= '9' && stated < (1ull << 40); ++at) stated = stated * 10 + static_cast<unsigned>(dictionary[at] - '0');
      if (stated <= end - start && end - start - stated <= 2 && text_.substr(start + stated, end - start - stated).find_first_not_of("\r\n") == Text::npos) return stated;
    }
    auto size = end - start;
    if (size && text_[start + size - 1] == '\n') --size;
    if (size && text_[start + size - 1] == '\r') --size;
    return size;
  }

  // "/JS (app.alert...)" is given at once; "/JS 12 0 R" is remembered.
  base::Result<> scripts_in(Text text) {
    for (auto at = find_name(text, "/JS"); at != Text::npos && scripts_ < 1000; at = find_name(text, "/JS", at + 3)) {
      auto rest = text.substr(at + 3);
      rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(" \t\r\n")));
      if (rest.starts_with('(') || (rest.starts_with('<') && !rest.starts_with("<<"))) {
        CHECK_OK(give_script(plain(string_at(rest))));
      } else {
        unsigned number = 0;
        for (std::size_t i = 0; i < rest.size() && i < 9 && rest[i] >= '0' && rest[i] <= '9'; ++i) number = number * 10 + static_cast<unsigned>(rest[i] - '0');
        if (number) script_objects_.push_back(number);
      }
    }
    return {};
  }

  base::Result<> give_script(const std::string& script) {
    artifact::Entry entry = named(fmt::format("script-{}.js", scripts_++));
    entry.kind = "script/javascript";
    CHECK_OK(sink_.spend(script.size()));
    return sink_.child(entry, base::bytes_of(script));
  }

  static artifact::Entry named(std::string name) {
    artifact::Entry entry;
    entry.name = std::move(name);
    entry.origin = artifact::Origin::embedded;
    return entry;
  }

  base::Result<> decode(const PdfStream& s, const stream::Take& take) {
    const auto content = base::slice(bytes_, s.content.offset, s.content.size);
    const bool flate = has_name(s.dictionary, "/FlateDecode") || has_name(s.dictionary, "/Fl");
    const bool other = !flate && has_name(s.dictionary, "/Filter");
    const bool several = std::ranges::count(s.dictionary.substr(std::min(s.dictionary.find("/Filter"), s.dictionary.size())), '/') > 2 && has_name(s.dictionary, "/ASCIIHexDecode");
    if (other || several) {
      state_trouble(sink_, "unsupported", "a stream with another filter", s.content);
      return {};
    }
    if (!flate) return take(content);
    const auto done = stream::zlib(content, take);
    if (done.end || done.end.error().trouble == Trouble::limit) return done.end;
    state_trouble(sink_, name_of(done.end.error().trouble), done.end.error().what, s.content);
    return {};
  }

  base::Result<> give(const PdfStream& s) {
    const bool file = has_name(s.dictionary, "/EmbeddedFile");
    const bool script = s.object && std::ranges::find(script_objects_, s.object) != script_objects_.end();
    if (!file && !script) return {};
    sink_.label(s.content, Label::handed_on, file ? "embedded file" : "script");
    auto entry = named(file ? fmt::format("embedded-file-{}", files_++) : fmt::format("script-{}.js", scripts_++));
    if (!file) entry.kind = "script/javascript";
    Child child(sink_, entry);
    CHECK_OK(child.begun());
    return decode(s, [&](base::Bytes b) { return child.give(b); });
  }

  Text text_;
  base::Bytes bytes_;
  evidence::Sink& sink_;
  std::vector<PdfStream> streams_;
  std::vector<unsigned> script_objects_;
  unsigned scripts_ = 0, files_ = 0;
};

class Pdf final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "pdf",
        .finds = "Files and scripts that a PDF carries.",
        .kinds = {"pdf"},
        .states = {evidence::Facet::trouble},
        .blind_spots = {"Encrypted documents are not read.", "Streams under filters other than FlateDecode, or under several filters, are not read.",
                        "XFA forms are not opened.", "A script whose name is written with #xx escapes is not seen."},
        .references = "ISO 32000-1",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return PdfScan(view, sink).run(); }
};

}  // namespace

const evidence::Reader& pdf() {
  static const Pdf reader;
  return reader;
}

}  // namespace unpack
