// lzop files: header, blocks with their sums, several parts one behind the other.
// The format is described with lzop (https://www.lzop.org, "format" in its documentation and
// conf.h); the blocks are LZO1X. The filters of its early versions and encryption are not read.
#include <zlib.h>

#include "base/cursor.h"
#include "unpack/decode/lzo.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Label;

constexpr std::string_view magic("\x89LZO\0\r\n\x1a\n", 9);

enum Flag : std::uint32_t { adler_content = 1, adler_packed = 2, extra_field = 0x40, crc_content = 0x100, crc_packed = 0x200, filtered = 0x800, header_crc = 0x1000 };

struct Header {
  std::uint8_t method = 0;
  std::uint32_t flags = 0, mode = 0;
  std::string name;
  std::uint64_t size = 0;
};

base::Result<Header> header(base::Bytes bytes) {
  base::Cursor at(bytes, std::endian::big);
  at.skip(magic.size());
  Header out;
  const auto version = at.u16();
  at.skip(2);
  const bool late = version >= 0x0940;
  if (late) at.skip(2);
  out.method = at.u8();
  if (late) at.skip(1);
  out.flags = at.u32();
  if (out.flags & filtered) at.skip(4);
  out.mode = at.u32();
  at.skip(late ? 8 : 4);
  out.name = base::text_of(at.take(at.u8()));
  const auto summed = at.position();
  const auto sum = at.u32();
  CHECK_OK(at.status("the lzop header"));
  const auto part = bytes.subspan(magic.size(), summed - magic.size());
  const auto size = static_cast<uInt>(part.size());
  if (sum != (out.flags & header_crc ? crc32(0, part.data(), size) : adler32(1, part.data(), size))) return base::fail(Trouble::malformed, "the lzop header's sum is wrong");
  if (out.flags & extra_field) {
    at.skip(at.u32());
    at.skip(4);
  }
  CHECK_OK(at.status("the lzop header"));
  out.size = at.position();
  if (out.method < 1 || out.method > 3) return base::fail(Trouble::unsupported, "lzop method {}", out.method);
  if (out.flags & filtered) return base::fail(Trouble::unsupported, "an lzop filter");
  return out;
}

class Parts {
 public:
  Parts(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink) {}

  base::Result<> run() {
    std::uint64_t at = 0;
    for (bool first = true; base::starts_with(base::slice(view_.bytes, at), magic); first = false) {
      CHECK_OK(sink_.spend(64));
      auto head = header(base::slice(view_.bytes, at));
      if (!head) return spoilt(at, head.error());
      sink_.label({at, head->size}, Label::structure, "lzop header");
      at += head->size;
      artifact::Entry entry;
      entry.name = first ? layer_name(view_) : "";
      if (entry.name.empty()) entry.name = head->name.substr(head->name.rfind('/') + 1);
      entry.origin = artifact::Origin::layer;
      entry.mode = head->mode & 07777;
      Child child(sink_, entry);
      CHECK_OK(child.begun());
      if (auto done = blocks(*head, at, child); !done) return spoilt(at, done.error());
    }
    return hand_on_rest(view_, sink_, at, evidence::Confidence::medium);
  }

 private:
  std::unexpected<base::Error> spoilt(std::uint64_t at, const base::Error& error) {
    const auto why = error.trouble == Trouble::limit ? "limit" : error.trouble == Trouble::unsupported ? "unsupported" : "damaged";
    if (at < view_.bytes.size()) sink_.label({at, view_.bytes.size() - at}, Label::opaque, why);
    return std::unexpected(error);
  }

  base::Result<> blocks(const Header& head, std::uint64_t& at, Child& child) {
    while (true) {
      base::Cursor in(base::slice(view_.bytes, at), std::endian::big);
      const auto size = in.u32();
      if (in.ok() && size == 0) {
        sink_.label({at, 4}, Label::structure, "lzop block");
        at += 4;
        return {};
      }
      const auto packed = in.u32();
      const auto adler = head.flags & adler_content ? in.u32() : 0;
      const auto crc = head.flags & crc_content ? in.u32() : 0;
      if (packed < size) in.skip((head.flags & adler_packed ? 4u : 0u) + (head.flags & crc_packed ? 4u : 0u));
      const auto start = in.position();
      const auto bytes = in.take(packed);
      CHECK_OK(in.status("an lzop block"));
      if (packed > size || size > (64u << 20)) return base::fail(Trouble::malformed, "an lzop block of {} bytes out of {}", size, packed);
      base::Buffer unpacked;
      if (packed < size) unpacked = TRY(stream::lzo1x(bytes, size));
      const auto content = packed < size ? base::Bytes(unpacked) : bytes;
      const auto length = static_cast<uInt>(content.size());
      if (content.size() != size || (head.flags & adler_content && adler != adler32(1, content.data(), length)) || (head.flags & crc_content && crc != crc32(0, content.data(), length)))
        return base::fail(Trouble::malformed, "an lzop block's sum is wrong");
      CHECK_OK(child.give(content));
      sink_.label({at, start}, Label::structure, "lzop block");
      sink_.label({at + start, packed}, Label::handed_on, "lzop");
      at += start + packed;
    }
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
};

class Lzop final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "lzop",
        .finds = "The content of each part of an lzop file, and bytes behind it.",
        .kinds = {"lzop"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Filtered and deflated lzop files are not read."},
        .references = "lzop 1.04 file format; https://docs.kernel.org/staging/lzo.html",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return Parts(view, sink).run(); }
};

}  // namespace

const evidence::Reader& lzop() {
  static const Lzop reader;
  return reader;
}

}  // namespace unpack
