// Characters in code that people do not see or see in another order: bidirectional controls that do
// not end in their line (trojansource.codes), letters of two scripts in one word, and long runs of
// characters without width that carry bytes.
#include <array>

#include "examine/concealment/part.h"

namespace examine::concealment_parts {
namespace {

using evidence::Confidence;

struct Character {
  char32_t code = 0;
  unsigned size = 1;
};

Character decode(base::Bytes bytes, std::size_t at) {
  const auto b = bytes[at];
  const unsigned size = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : b >= 0xc2 ? 2 : 1;
  if (size == 1 || at + size > bytes.size()) return {b, 1};
  char32_t code = b & (0xff >> (size + 1));
  for (unsigned i = 1; i < size; ++i) {
    if ((bytes[at + i] & 0xc0) != 0x80) return {b, 1};
    code = code << 6 | (bytes[at + i] & 0x3f);
  }
  return {code, size};
}

bool embeds(char32_t c) { return c == 0x202a || c == 0x202b || c == 0x202d || c == 0x202e; }
bool isolates(char32_t c) { return c >= 0x2066 && c <= 0x2068; }
bool has_no_width(char32_t c) {
  return (c >= 0x200b && c <= 0x200d) || c == 0x2060 || c == 0xfeff || c == 0x180e || (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0000 && c <= 0xe01ef) || c == 0x3164 || c == 0x115f || c == 0x1160;
}

enum Script { none, latin, cyrillic, greek };
Script script_of(char32_t c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return latin;
  if (c >= 0x400 && c <= 0x4ff) return cyrillic;
  if (c >= 0x391 && c <= 0x3c9) return greek;
  return none;
}

struct Line {
  int embedded = 0, isolated = 0;
  std::size_t first = 0;  // offset of the first control
  bool overrides = false;
};

void close_line(Line& line, std::size_t at, evidence::Sink& sink, unsigned& stated) {
  // An override that is closed but stands in code is still an order that nobody sees.
  if ((line.embedded > 0 || line.isolated > 0 || line.overrides) && stated < 100) {
    ++stated;
    state(sink, "mismatch", "bidirectional control", {line.first, at - line.first}, Confidence::medium, {{"why", "code is read in another order than it is shown"}});
  }
  line = {};
}

}  // namespace

base::Result<> find_invisible_text(const evidence::View& view, evidence::Sink& sink) {
  if (!is_code(view)) return {};
  const auto bytes = view.bytes;
  Line line;
  unsigned stated = 0, run = 0;
  std::size_t run_begin = 0, word_begin = 0;
  std::array<unsigned, 4> letters{};
  const auto close_word = [&](std::size_t at) {
    if (letters[latin] && (letters[cyrillic] || letters[greek]) && letters[latin] + letters[cyrillic] + letters[greek] >= 4 && letters[cyrillic] + letters[greek] < letters[latin] && stated < 100) {
      ++stated;
      state(sink, "mismatch", "letters of two scripts in one word", {word_begin, at - word_begin}, Confidence::low, {{"why", "a word that looks like another"}});
    }
    letters = {};
  };
  const auto close_run = [&](std::size_t at) {
    if (run >= 16 && stated < 100) {
      ++stated;
      state(sink, "steganography", "characters without width", {run_begin, at - run_begin}, Confidence::medium, {{"characters", std::to_string(run)}});
    }
    run = 0;
  };
  for (std::size_t at = 0; at < bytes.size();) {
    const auto c = decode(bytes, at);
    if (c.code == '\n') close_line(line, at, sink, stated);
    if (c.size == 3 && (embeds(c.code) || isolates(c.code))) {
      if (!line.embedded && !line.isolated && !line.overrides) line.first = at;
      (embeds(c.code) ? line.embedded : line.isolated)++;
      line.overrides |= c.code == 0x202d || c.code == 0x202e;
    }
    if (c.code == 0x202c && line.embedded) --line.embedded;
    if (c.code == 0x2069 && line.isolated) --line.isolated;
    if (c.size > 1 && has_no_width(c.code)) {
      if (!run++) run_begin = at;
    } else {
      close_run(at);
    }
    if (const auto s = script_of(c.code); s != none) {
      if (!letters[latin] && !letters[cyrillic] && !letters[greek]) word_begin = at;
      ++letters[s];
    } else if (c.size == 1 && c.code != '_') {
      close_word(at);
    }
    at += c.size;
  }
  close_line(line, bytes.size(), sink, stated);
  close_run(bytes.size());
  close_word(bytes.size());
  return {};
}

}  // namespace examine::concealment_parts
