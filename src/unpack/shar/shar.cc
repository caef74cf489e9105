// Shell archives: scripts that carry files as here-documents, plain with a letter in front of each line or
// uuencoded. GNU sharutils and the older forms. The script itself stays for the examiners; nothing is run.
#include "unpack/codec/textcodes.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using Text = std::string_view;

// The word behind "<<", its quotes removed; "" where there is none.
Text end_word(Text line, bool& indented) {
  const auto at = line.find("<<");
  if (at == Text::npos || line.substr(at).starts_with("<<<")) return {};
  auto rest = line.substr(at + 2);
  indented = rest.starts_with('-');
  if (indented) rest.remove_prefix(1);
  while (!rest.empty() && Text(" \t'\"\\").find(rest.front()) != Text::npos) rest.remove_prefix(1);
  return rest.substr(0, rest.find_first_of(" \t'\"&|;>)"));
}

// The file that the line writes to: `> 'a b'`.
std::string target(Text line) {
  for (auto at = line.find('>'); at != Text::npos; at = line.find('>', at + 1)) {
    auto rest = line.substr(at + 1);
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '>')) rest.remove_prefix(1);
    if (rest.empty() || rest.front() == '&') continue;
    const char quote = rest.front();
    if (quote == '\'' || quote == '"') return std::string(rest.substr(1, rest.find(quote, 1) - 1));
    return std::string(rest.substr(0, rest.find_first_of(" \t&|;<")));
  }
  return {};
}

class Shar final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "shar",
        .finds = "Files inside shell archives.",
        .kinds = {"script/shell"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Files that a shell archive compresses before encoding come out compressed.", "Shell scripts that don't say they are archives are left to the examiners."},
        .references = "GNU sharutils",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    const auto text = base::text_of(view.bytes);
    const auto opening = text.substr(0, 4096);
    if (opening.find("shell archive") == Text::npos && opening.find("This is a shar") == Text::npos) return {};
    CHECK_OK(sink.spend(text.size() * 2 + 1));
    NameWatch names(sink);
    for (std::size_t at = 0; at < text.size();) {
      const auto line = codec::next_line(text, at);
      bool indented = false;
      const auto word = end_word(line, indented);
      if (word.empty()) continue;
      const auto start = at;
      auto end = at;
      bool closed = false;
      while (at < text.size() && !closed) {
        end = at;
        const auto next = codec::next_line(text, at);
        closed = next == word || (indented && next.find_first_not_of('\t') != Text::npos && next.substr(next.find_first_not_of('\t')) == word);
      }
      const bool encoded = line.find("uudecode") != Text::npos;
      auto name = target(line);
      if (name.empty() && !encoded) continue;  // input of some other command
      if (!closed) {
        state_trouble(sink, "truncated", fmt::format("{} has no end", base::printable(name)), {start, text.size() - start});
        end = text.size();
      }
      CHECK_OK(give(sink, names, text, {start, end - start}, line, std::move(name), encoded));
    }
    return {};
  }

 private:
  static base::Result<> give(evidence::Sink& sink, NameWatch& names, Text text, base::Range range, Text line, std::string name, bool encoded) {
    const auto body = text.substr(range.offset, range.size);
    const auto quoted = line.find("s/^");  // sed takes this letter from the front of each line
    const char front = quoted != Text::npos && quoted + 3 < line.size() ? line[quoted + 3] : '\0';
    std::string plain;
    for (std::size_t at = 0; at < body.size();) {
      auto l = codec::next_line(body, at);
      if (encoded && l.starts_with("begin ") && name.empty()) name = l.substr(std::min(l.size(), l.find(' ', 6) + 1));
      if (front && l.starts_with(front)) l.remove_prefix(1);
      plain.append(l).append("\n");
    }
    artifact::Entry entry;
    base::Buffer bytes;
    if (encoded) {
      const auto begin = plain.find("begin "), lines = begin == plain.npos ? plain.npos : plain.find('\n', begin);
      if (lines == plain.npos) return {};
      const auto first = Text(plain).substr(begin, lines - begin);
      if (name.empty()) name = first.substr(std::min(first.size(), first.find(' ', 6) + 1));
      bytes = codec::from_uu(Text(plain).substr(lines + 1, plain.find("\nend", lines) - lines));
    } else {
      bytes.assign(plain.begin(), plain.end());
    }
    entry.name = std::move(name);
    names.see(entry, range);
    sink.label(range, evidence::Label::handed_on, "file of a shell archive");
    CHECK_OK(sink.spend(bytes.size() + 1));
    return sink.child(entry, bytes);
  }
};

}  // namespace

const evidence::Reader& shar() {
  static const Shar reader;
  return reader;
}

}  // namespace unpack
