// ar archives, and Debian packages, which are ar archives of three members.
// https://man.freebsd.org/cgi/man.cgi?query=ar&sektion=5 and deb(5).
// Reads the common header, GNU long names ("//", "/12"), BSD long names ("#1/20"), symbol tables
// (structure). Does not read the members of thin archives: they are not in the file.
#include <charconv>

#include "unpack/member.h"

namespace unpack {
namespace {

using evidence::Confidence;
using evidence::Label;

std::string_view unpadded(std::string_view field) {
  const auto end = field.find_last_not_of(' ');
  return end == field.npos ? std::string_view{} : field.substr(0, end + 1);
}

std::optional<std::uint64_t> ar_number(std::string_view field, int radix) {
  field = unpadded(field);
  std::uint64_t out = 0;
  if (field.empty()) return 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), out, radix);
  if (error != std::errc() || end != field.data() + field.size()) return std::nullopt;
  return out;
}

struct ArMember {
  artifact::Entry entry;
  base::Range content;
  bool table = false;  ///< a symbol or name table
};

class ArWalk {
 public:
  ArWalk(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), names_(sink, view.kind == "deb" ? std::optional(Confidence::medium) : std::nullopt) {}  // libraries hold many objects of one name

  base::Result<> run() {
    const bool thin = base::starts_with(view_.bytes, "!<thin>\n");
    if (!thin && !base::starts_with(view_.bytes, "!<arch>\n")) return base::fail(base::Trouble::malformed, "the ar magic is missing");
    std::uint64_t at = 8;
    std::uint64_t structure = 0;
    while (at < view_.bytes.size()) {
      CHECK_OK(sink_.spend(64));
      const auto rest = base::slice(view_.bytes, at);
      if (rest.size() < 60 || rest[58] != 0x60 || rest[59] != '\n') {
        if (structure < at) sink_.label({structure, at - structure}, Label::structure, "ar headers");
        if (at == 8) return base::fail(base::Trouble::malformed, "the first ar header is damaged");
        return ended_at(at);
      }
      auto member = TRY(header(at, thin));
      const auto end = member.content.end();
      const bool empty = thin && !member.table;
      if (!empty && end > view_.bytes.size()) {
        sink_.label({structure, at + 60 - structure}, Label::structure, "ar headers");
        return base::fail(base::Trouble::truncated, "the ar member {} ends behind the file", base::printable(member.entry.name));
      }
      if (member.table) {
        if (member.entry.name == "//") long_names_ = base::text_of(base::slice(view_.bytes, member.content.offset, member.content.size));
      } else {
        CHECK_OK(give(member, {at, 60}, empty));
      }
      at = empty ? at + 60 : end + (end & 1);  // members start on even offsets
      at = std::min<std::uint64_t>(at, view_.bytes.size());
    }
    sink_.label({0, view_.bytes.size()}, Label::structure, "ar headers");
    return {};
  }

 private:
  base::Result<ArMember> header(std::uint64_t at, bool thin) {
    const auto text = base::text_of(base::slice(view_.bytes, at, 60));
    ArMember m;
    const auto size = ar_number(text.substr(48, 10), 10);
    if (!size) return base::fail(base::Trouble::malformed, "the size of the ar member at {} is no number", at);
    m.entry.uid = ar_number(text.substr(28, 6), 10).value_or(0);
    m.entry.gid = ar_number(text.substr(34, 6), 10).value_or(0);
    m.entry.mode = static_cast<std::uint32_t>(ar_number(text.substr(40, 8), 8).value_or(0) & 07777);
    m.content = {at + 60, *size};
    const auto name = unpadded(text.substr(0, 16));
    if (name == "/" || name == "/SYM64/" || name == "__.SYMDEF" || name == "//") {
      m.table = true;
      m.entry.name = name;
    } else if (name.starts_with("#1/") && !thin) {
      const auto length = ar_number(name.substr(3), 10);
      if (!length || *length > *size || *length > 65536) return base::fail(base::Trouble::malformed, "a long name at {} is longer than its member", at);
      const auto raw = base::text_of(base::slice(view_.bytes, at + 60, *length));
      m.entry.name = raw.substr(0, raw.find('\0'));
      m.content = {at + 60 + *length, *size - *length};
      m.table = m.entry.name.starts_with("__.SYMDEF");
    } else if (name.size() > 1 && name[0] == '/' && name[1] >= '0' && name[1] <= '9') {
      const auto offset = ar_number(name.substr(1), 10);
      if (!offset || *offset >= long_names_.size()) return base::fail(base::Trouble::malformed, "a long name at {} lies outside the name table", at);
      auto entry = long_names_.substr(*offset);
      entry = entry.substr(0, entry.find('\n'));
      if (entry.ends_with('/')) entry.remove_suffix(1);
      m.entry.name = entry;
    } else {
      m.entry.name = name.ends_with('/') && name.size() > 1 ? name.substr(0, name.size() - 1) : name;
    }
    return m;
  }

  base::Result<> give(const ArMember& m, base::Range header, bool empty) {
    names_.see(m.entry, header);
    if (view_.kind == "deb") check_deb(m, header);
    ++count_;
    if (empty) return sink_.child(m.entry, {});
    sink_.label(m.content, Label::handed_on, "ar member");
    return sink_.child(m.entry, base::slice(view_.bytes, m.content.offset, m.content.size));
  }

  // dpkg reads debian-binary, control.tar, data.tar in this order and passes over the rest.
  void check_deb(const ArMember& m, base::Range header) {
    const std::string_view n = m.entry.name;
    const bool expected = count_ == 0 ? n == "debian-binary" : count_ == 1 ? n.starts_with("control.tar") : count_ == 2 && n.starts_with("data.tar");
    if (expected) return;
    if (n.starts_with("control.tar") || n.starts_with("data.tar"))
      state_mismatch(sink_, std::string(n), "a second or misplaced part of the package", Confidence::medium, header);
    else
      state_mismatch(sink_, std::string(n), "a member that the installer passes over", n.starts_with('_') ? Confidence::low : Confidence::medium, header);
  }

  base::Result<> ended_at(std::uint64_t at) { return hand_on_rest(view_, sink_, at, Confidence::medium); }

  const evidence::View& view_;
  evidence::Sink& sink_;
  NameWatch names_;
  std::string_view long_names_;
  unsigned count_ = 0;
};

class Ar final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "ar",
        .finds = "Members of ar archives and of Debian packages, and members that the installer would pass over.",
        .kinds = {"ar", "deb"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Members of a thin archive are outside the file and not read.", "The symbol table is not compared with the members."},
        .references = "deb(5), ar(5)",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return ArWalk(view, sink).run(); }
};

}  // namespace

const evidence::Reader& ar() {
  static const Ar reader;
  return reader;
}

}  // namespace unpack
