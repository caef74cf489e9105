// Files compressed by MS-DOS's and Windows' COMPRESS: SZDD and KWAJ, one content each. Facts: the public
// notes on both formats by S. Wood and the KWAJ notes of the cabextract project.
// KWAJ's LZH method is not read.
#include "base/cursor.h"
#include "unpack/codec/methods.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Label;

class Szdd final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "szdd",
        .finds = "The content of SZDD and KWAJ files.",
        .kinds = {"szdd", "kwaj"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"KWAJ files by LZH or MSZIP are not read."},
        .references = "https://www.cabextract.org.uk/libmspack/doc/szdd_kwaj_format.html",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    base::Cursor at(view.bytes);
    at.skip(8);
    return view.kind == "szdd" ? szdd(view, sink, at) : kwaj(view, sink, at);
  }

 private:
  static base::Result<> szdd(const evidence::View& view, evidence::Sink& sink, base::Cursor at) {
    const bool old = base::starts_with(view.bytes, "SZ ");
    const auto last = old ? std::uint8_t{0} : (at.skip(1), at.u8());
    const std::uint64_t size = at.u32();
    CHECK_OK(at.status("the SZDD header"));
    // The last letter of the name is kept in the header: SETUP.EX_ was SETUP.EXE.
    auto name = std::string(view.place.file_name());
    if (name.ends_with('_') && last > ' ' && last < 0x7F) name.back() = static_cast<char>(last);
    return content(view, sink, at.position(), size, old ? 4096 - 18 : 4096 - 16, std::move(name));
  }

  static base::Result<> kwaj(const evidence::View& view, evidence::Sink& sink, base::Cursor at) {
    const auto method = at.u16();
    const std::uint64_t start = at.u16();
    const auto flags = at.u16();
    std::uint64_t size = UINT64_MAX;
    if (flags & 1) size = at.u32();
    if (flags & 2) at.skip(2);
    if (flags & 4) at.skip(at.u16());
    std::string name(flags & 8 ? at.c_string(16) : std::string_view{});
    if (flags & 16) name.append(".").append(at.c_string(8));
    CHECK_OK(at.status("the KWAJ header"));
    if (method == 2) return content(view, sink, start, size, 4096 - 18, std::move(name));
    if (method > 2) {
      sink.label({0, std::min<std::uint64_t>(start, view.bytes.size())}, Label::structure, "KWAJ header");
      if (start < view.bytes.size()) sink.label({start, view.bytes.size() - start}, Label::opaque, "unsupported");
      return base::fail(Trouble::unsupported, "KWAJ method {} is not read", method);
    }
    base::Buffer plain;
    for (const auto b : base::slice(view.bytes, start)) plain.push_back(method == 1 ? static_cast<std::uint8_t>(b ^ 0xFF) : b);
    sink.label({0, std::min<std::uint64_t>(start, view.bytes.size())}, Label::structure, "KWAJ header");
    if (start < view.bytes.size()) sink.label({start, view.bytes.size() - start}, Label::handed_on, "KWAJ content");
    CHECK_OK(sink.spend(plain.size() + 1));
    artifact::Entry entry;
    entry.name = std::move(name);
    entry.origin = artifact::Origin::layer;
    return sink.child(entry, plain);
  }

  static base::Result<> content(const evidence::View& view, evidence::Sink& sink, std::uint64_t start, std::uint64_t size, unsigned ring, std::string name) {
    sink.label({0, std::min<std::uint64_t>(start, view.bytes.size())}, Label::structure, "header");
    if (size != UINT64_MAX && size > sink.room()) return base::fail(Trouble::limit, "the file says it holds {} bytes", size);
    artifact::Entry entry;
    entry.name = std::move(name);
    entry.origin = artifact::Origin::layer;
    stream::Decoded done;
    {
      Child child(sink, entry);
      CHECK_OK(child.begun());
      done = codec::lzss(base::slice(view.bytes, start), ring, size, [&](base::Bytes b) { return child.give(b); });
    }
    sink.label({start, done.consumed}, Label::handed_on, "LZSS data");
    if (!done.end) {
      const auto end = start + done.consumed;
      if (end < view.bytes.size()) sink.label({end, view.bytes.size() - end}, Label::opaque, "damaged");
      return done.end;
    }
    return hand_on_rest(view, sink, start + done.consumed, evidence::Confidence::medium);
  }
};

}  // namespace

const evidence::Reader& szdd() {
  static const Szdd reader;
  return reader;
}

}  // namespace unpack
