// cpio in its three forms: new (070701, 070702), octal (070707) and binary of either byte order.
// https://man.freebsd.org/cgi/man.cgi?query=cpio&sektion=5
// Hard links of the new form keep their content with the last name; the others are given as links.
// RPM's form for files above 4 GiB (07070X) is not read.
#include <map>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Confidence;
using evidence::Label;

struct CpioMember {
  artifact::Entry entry;
  std::uint64_t header = 0;  ///< offset of the header
  base::Range content;
  std::uint64_t next = 0;
  std::uint64_t links = 1;
  std::string file_id;       ///< device and inode
};

std::optional<std::uint64_t> digits(base::Cursor& at, std::size_t n, unsigned radix) {
  std::uint64_t out = 0;
  for (const auto c : at.take(n)) {
    unsigned d = 99;
    if (c >= '0' && c <= '9') d = c - '0';
    else if ((c | 32) >= 'a' && (c | 32) <= 'f') d = (c | 32) - 'a' + 10u;
    if (d >= radix) return std::nullopt;
    out = out * radix + d;
  }
  return out;
}

void set_mode(artifact::Entry& entry, std::uint64_t mode) {
  using enum artifact::Nature;
  entry.mode = static_cast<std::uint32_t>(mode & 07777);
  switch (mode & 0170000) {
    case 0040000: entry.nature = directory; break;
    case 0120000: entry.nature = symlink; break;
    case 0020000: case 0060000: entry.nature = device; break;
    case 0010000: entry.nature = fifo; break;
    case 0140000: entry.nature = socket; break;
    default: entry.nature = file;
  }
}

struct Fields {
  std::uint64_t mode = 0, uid = 0, gid = 0, links = 1, size = 0, name = 0, dev = 0, ino = 0;
  std::uint64_t align = 1;
  std::uint64_t header = 0;
};

base::Result<Fields> numbers(base::Cursor& at, std::initializer_list<std::pair<std::uint64_t*, std::size_t>> fields, unsigned radix) {
  for (const auto& [to, width] : fields) {
    const auto n = digits(at, width, radix);
    if (!n || !at.ok()) return base::fail(at.ok() ? Trouble::malformed : Trouble::truncated, "a cpio header's number is damaged");
    *to = *n;
  }
  return Fields{};
}

base::Result<Fields> fields_at(base::Bytes bytes, std::uint64_t offset) {
  const auto rest = base::slice(bytes, offset);
  base::Cursor at(rest);
  Fields f;
  std::uint64_t skip = 0, high = 0;
  const auto magic = base::text_of(base::slice(rest, 0, 6));
  if (magic == "070701" || magic == "070702") {
    at.skip(6);
    f.align = 4, f.header = 110;
    (void)TRY(numbers(at, {{&f.ino, 8}, {&f.mode, 8}, {&f.uid, 8}, {&f.gid, 8}, {&f.links, 8}, {&skip, 8}, {&f.size, 8}, {&high, 8}, {&f.dev, 8},
                           {&skip, 8}, {&skip, 8}, {&f.name, 8}, {&skip, 8}}, 16));
    f.dev |= high << 32;
  } else if (magic == "070707") {
    at.skip(6);
    f.header = 76;
    (void)TRY(numbers(at, {{&f.dev, 6}, {&f.ino, 6}, {&f.mode, 6}, {&f.uid, 6}, {&f.gid, 6}, {&f.links, 6}, {&skip, 6}, {&skip, 11}, {&f.name, 6}, {&f.size, 11}}, 8));
  } else if (rest.size() >= 2 && ((rest[0] == 0xc7 && rest[1] == 0x71) || (rest[0] == 0x71 && rest[1] == 0xc7))) {
    at.set_endian(rest[0] == 0xc7 ? std::endian::little : std::endian::big);
    at.skip(2);
    f.align = 2, f.header = 26;
    f.dev = at.u16(), f.ino = at.u16(), f.mode = at.u16(), f.uid = at.u16(), f.gid = at.u16(), f.links = at.u16();
    at.skip(6);
    f.name = at.u16();
    high = at.u16();
    f.size = high << 16 | at.u16();
    CHECK_OK(at.status("a cpio header"));
  } else {
    return base::fail(Trouble::malformed, "no cpio header at byte {}", offset);
  }
  return f;
}

base::Result<CpioMember> member_at(base::Bytes bytes, std::uint64_t offset) {
  const auto f = TRY(fields_at(bytes, offset));
  const auto round = [&](std::uint64_t n) { return (n + f.align - 1) / f.align * f.align; };
  CpioMember m;
  m.header = offset;
  if (f.name == 0 || f.name > 65536 || !base::fits(offset + f.header, f.name, bytes.size())) return base::fail(Trouble::truncated, "a cpio name at byte {} ends behind the file", offset);
  const auto name = base::text_of(base::slice(bytes, offset + f.header, f.name));
  m.entry.name = name.substr(0, name.find('\0'));
  m.entry.uid = f.uid;
  m.entry.gid = f.gid;
  set_mode(m.entry, f.mode);
  m.links = f.links;
  m.file_id = fmt::format("{}:{}", f.dev, f.ino);
  // Alignment counts from the header in all forms, since headers themselves are aligned.
  const auto content = offset + round(f.header + f.name);
  if (!base::fits(content, f.size, bytes.size())) return base::fail(Trouble::truncated, "the cpio member {} ends behind the file", base::printable(m.entry.name));
  m.content = {content, f.size};
  m.next = std::min<std::uint64_t>(content + round(f.size), bytes.size());
  return m;
}

class CpioWalk {
 public:
  CpioWalk(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), names_(sink) {}

  base::Result<> run() {
    std::uint64_t at = 0;
    auto done = walk(at);
    sink_.label({0, at}, Label::structure, "cpio headers");
    CHECK_OK(give_waiting());
    if (!done) return done;
    return hand_on_rest(view_, sink_, at, Confidence::low);  // an initial RAM disk is several archives in a row
  }

 private:
  base::Result<> walk(std::uint64_t& at) {
    while (at < view_.bytes.size()) {
      CHECK_OK(sink_.spend(128));
      auto m = TRY(member_at(view_.bytes, at));
      at = m.next;
      if (m.entry.name == "TRAILER!!!") return {};
      names_.see(m.entry, {m.header, 6});
      CHECK_OK(give(m));
    }
    return base::fail(Trouble::truncated, "the cpio archive has no trailer");
  }

  base::Result<> give(CpioMember& m) {
    const auto content = base::slice(view_.bytes, m.content.offset, m.content.size);
    if (m.entry.nature == artifact::Nature::symlink) {
      m.entry.link = base::text_of(base::slice(content, 0, 65536));
      return sink_.child(m.entry, {});
    }
    if (m.entry.nature != artifact::Nature::file) return sink_.child(m.entry, {});
    if (m.links > 1 && content.empty()) {
      waiting_[m.file_id].push_back(m.entry);
      return {};
    }
    sink_.label(m.content, Label::handed_on, "cpio member");
    CHECK_OK(sink_.spend(content.size()));
    CHECK_OK(sink_.child(m.entry, content));
    const auto others = waiting_.find(m.file_id);
    if (others == waiting_.end()) return {};
    for (auto& entry : others->second) {
      entry.nature = artifact::Nature::hardlink;
      entry.link = m.entry.name;
      CHECK_OK(sink_.child(entry, {}));
    }
    waiting_.erase(others);
    return {};
  }

  // Names whose content never came: empty files.
  base::Result<> give_waiting() {
    for (const auto& [id, entries] : waiting_)
      for (const auto& entry : entries) CHECK_OK(sink_.child(entry, {}));
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  NameWatch names_;
  std::map<std::string, std::vector<artifact::Entry>> waiting_;
};

class Cpio final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "cpio",
        .finds = "Members of cpio archives, and what stands behind the trailer.",
        .kinds = {"cpio"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"RPM's own form for files above 4 GiB (07070X) is not read.", "Bytes of alignment between members are taken as structure without a look."},
        .references = "cpio(5)",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return CpioWalk(view, sink).run(); }
};

}  // namespace

const evidence::Reader& cpio() {
  static const Cpio reader;
  return reader;
}

}  // namespace unpack
