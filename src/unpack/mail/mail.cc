// Mail messages and mailboxes: the parts of each message, decoded. RFC 5322, RFC 2045 to 2047, RFC 4155.
// Header fields go to the examiners as text. Parts that are encrypted or signed are handed on as they stand.
#include <algorithm>

#include "unpack/codec/textcodes.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Label;
using Text = std::string_view;

constexpr int most_mail_depth = 40;
constexpr unsigned most_mail_parts = 100'000;

bool equal_ignoring_case(Text a, Text b) {
  return std::ranges::equal(a, b, [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == (y >= 'A' && y <= 'Z' ? y + 32 : y); });
}
Text trimmed(Text t) {
  while (!t.empty() && Text(" \t\r\n").find(t.front()) != Text::npos) t.remove_prefix(1);
  while (!t.empty() && Text(" \t\r\n").find(t.back()) != Text::npos) t.remove_suffix(1);
  return t;
}

// A field's value, its continuation lines included; "" where there is none.
Text mail_field(Text headers, Text name) {
  for (std::size_t at = 0; at < headers.size();) {
    const auto start = at;
    const auto line = codec::next_line(headers, at);
    if (line.size() <= name.size() || line[name.size()] != ':' || !equal_ignoring_case(line.substr(0, name.size()), name)) continue;
    while (at < headers.size() && (headers[at] == ' ' || headers[at] == '\t')) (void)codec::next_line(headers, at);
    return trimmed(headers.substr(start + name.size() + 1, at - start - name.size() - 1));
  }
  return {};
}

// A parameter of a structured field: `name="clam.exe"`. Encoded forms stay as they are.
std::string mail_parameter(Text field, Text name) {
  for (auto at = field.find(';'); at != Text::npos; at = field.find(';', at + 1)) {
    const auto rest = trimmed(field.substr(at + 1));
    if (rest.size() <= name.size() || !equal_ignoring_case(rest.substr(0, name.size()), name)) continue;
    auto value = trimmed(rest.substr(name.size()));
    if (!value.starts_with('=')) continue;
    value = trimmed(value.substr(1));
    if (value.starts_with('"')) return std::string(value.substr(1, value.find('"', 1) - 1));
    return std::string(trimmed(value.substr(0, value.find(';'))));
  }
  return {};
}

// Where the headers end: at the first empty line, or before a line that is no header.
std::size_t end_of_headers(Text message) {
  for (std::size_t at = 0; at < message.size();) {
    if (codec::next_line(message, at).empty()) return at;
  }
  return message.size();
}

class MailRead {
 public:
  MailRead(const evidence::View& view, evidence::Sink& sink) : text_(base::text_of(view.bytes)), sink_(sink), names_(sink, std::nullopt) {}

  base::Result<> run() {
    CHECK_OK(sink_.spend(text_.size() * 2 + 1));
    if (!text_.starts_with("From ")) return message(text_, "", 0);
    // A mailbox: each message begins with a line "From ", in front of which stands an empty one.
    unsigned number = 0;
    for (std::size_t start = 0; start < text_.size();) {
      auto next = text_.find("\nFrom ", start);
      while (next != Text::npos && next > 0 && text_[next - 1] != '\n' && text_[next - 1] != '\r') next = text_.find("\nFrom ", next + 1);
      const auto end = next == Text::npos ? text_.size() : next + 1;
      auto at = start;
      (void)codec::next_line(text_, at);
      label(text_.substr(start, at - start), Label::structure, "line between messages");
      CHECK_OK(message(text_.substr(at, end - std::min(at, end)), number ? fmt::format("message-{}/", number + 1) : "", 0));
      ++number;
      start = end;
    }
    return {};
  }

 private:
  // Texts are views into the whole, so that a part's place is known.
  void label(Text part, Label label, Text why) {
    if (!part.empty()) sink_.label({static_cast<std::uint64_t>(part.data() - text_.data()), part.size()}, label, why);
  }

  base::Result<> message(Text whole, const std::string& folder, int depth) {
    const auto body_at = end_of_headers(whole);
    const auto headers = whole.substr(0, body_at), body = whole.substr(body_at);
    label(headers, Label::handed_on, "mail headers");
    CHECK_OK(give(folder + "headers", base::bytes_of(headers), artifact::Origin::member, "text"));  // by themselves they look like a mail
    const auto type = mail_field(headers, "Content-Type");
    if (const auto boundary = mail_parameter(type, "boundary"); type.size() > 10 && equal_ignoring_case(type.substr(0, 10), "multipart/") && !boundary.empty())
      return parts(body, boundary, folder, depth);
    return leaf(headers, type, body, folder, depth);
  }

  base::Result<> parts(Text body, const std::string& boundary, const std::string& folder, int depth) {
    if (depth > most_mail_depth) return base::fail(Trouble::limit, "parts nest deeper than {}", most_mail_depth);
    const auto mark = "--" + boundary;
    CHECK_OK(sink_.spend(body.size()));
    std::size_t open = Text::npos;  // where the part that is being read begins
    Text before = body;
    unsigned number = 0;
    for (std::size_t at = 0; at < body.size();) {
      const auto start = at;
      const auto line = codec::next_line(body, at);
      if (!line.starts_with(mark)) continue;
      if (open == Text::npos) before = body.substr(0, start);
      else CHECK_OK(part(body.substr(open, start - open), folder, ++number, depth));
      label(body.substr(start, at - start), Label::structure, "line between parts");
      const bool last = line.substr(mark.size()).starts_with("--");
      open = last ? Text::npos : at;
      if (last) {
        CHECK_OK(around(body.substr(at), folder + "after-the-parts"));
        return around(before, folder + "before-the-parts");
      }
    }
    if (open != Text::npos) {
      state_trouble(sink_, "truncated", "a message of several parts has no end");
      CHECK_OK(part(body.substr(open), folder, ++number, depth));
    }
    return around(before, folder + "before-the-parts");
  }
  base::Result<> part(Text whole, const std::string& folder, unsigned number, int depth) {
    if (++parts_ > most_mail_parts) return base::fail(Trouble::limit, "more than {} parts", most_mail_parts);
    return message(whole, fmt::format("{}part-{}/", folder, number), depth + 1);
  }
  // Text that mail programs don't show: in front of the first part, behind the last.
  base::Result<> around(Text text, const std::string& name) {
    if (trimmed(text).empty()) {
      label(text, Label::padding, "empty lines");
      return {};
    }
    label(text, Label::handed_on, "text outside the parts");
    return give(name, base::bytes_of(text), artifact::Origin::hidden);
  }

  base::Result<> leaf(Text headers, Text type, Text body, const std::string& folder, int depth) {
    label(body, Label::handed_on, "body of a part");
    auto name = mail_parameter(mail_field(headers, "Content-Disposition"), "filename");
    if (name.empty()) name = mail_parameter(type, "name");
    const auto coding = mail_field(headers, "Content-Transfer-Encoding");
    base::Buffer decoded;
    CHECK_OK(sink_.spend(body.size()));
    if (equal_ignoring_case(coding, "base64")) decoded = codec::from_base64(body);
    else if (equal_ignoring_case(coding, "quoted-printable")) decoded = codec::from_quoted_printable(body);
    else if (type.size() >= 14 && equal_ignoring_case(type.substr(0, 14), "message/rfc822") && depth < most_mail_depth) return message(body, folder, depth + 1);
    else return give(folder + (name.empty() ? "body" : name), base::bytes_of(body));  // uuencoded text too: its own unpacker opens it
    return give(folder + (name.empty() ? "body" : name), decoded);
  }

  base::Result<> give(std::string name, base::Bytes bytes, artifact::Origin origin = artifact::Origin::member, std::string kind = {}) {
    artifact::Entry entry;
    entry.kind = std::move(kind);
    entry.name = std::move(name);
    entry.origin = origin;
    names_.see(entry, {});
    CHECK_OK(sink_.spend(bytes.size() + 1));
    return sink_.child(entry, bytes);
  }

  Text text_;
  evidence::Sink& sink_;
  NameWatch names_;
  unsigned parts_ = 0;
};

class Mail final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "mail",
        .finds = "Headers, bodies and attachments of mail messages and mailboxes, and text around the parts that mail programs hide.",
        .kinds = {"mail"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Names in encoded words (RFC 2047, RFC 2231) are not decoded.", "Encrypted messages are handed on as they stand.", "Messages in other character sets than ASCII and UTF-8 are not converted."},
        .references = "RFC 5322, RFC 2045, RFC 4155",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return MailRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& mail() {
  static const Mail reader;
  return reader;
}

}  // namespace unpack
