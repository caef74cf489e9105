// The payload of Apple's installer packages: "pbzx", then chunks that are xz streams or stand as they
// are, all together one cpio. There is no published specification.
#include "base/cursor.h"
#include "unpack/ledger.h"
#include "unpack/member.h"
#include "unpack/stream.h"

namespace unpack {
namespace {

using base::Trouble;

class Pbzx final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "pbzx",
        .finds = "The content of the payload of an Apple installer package, and bytes behind it.",
        .kinds = {"pbzx"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {},
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    base::Cursor at(view.bytes, std::endian::big);
    at.skip(4);
    auto flags = at.u64();
    CHECK_OK(at.status("the payload's header"));
    sink.label({0, 12}, evidence::Label::structure, "payload header");
    artifact::Entry entry;
    entry.origin = artifact::Origin::layer;
    {
      Child child(sink, entry);
      CHECK_OK(child.begun());
      while (at.left() >= 16 && (flags & (1u << 24))) {
        sink.label({at.position(), 16}, evidence::Label::structure, "payload header");
        flags = at.u64();
        const auto size = at.u64();
        const auto from = at.position();
        const auto chunk = at.take(size);
        if (!at.ok()) return base::fail(Trouble::truncated, "a chunk of the payload ends behind it");
        CHECK_OK(sink.spend(64));
        const bool packed = base::starts_with(chunk, std::string_view("\xFD" "7zXZ\0", 6));
        const auto done = packed ? stream::xz(chunk, [&](base::Bytes b) { return child.give(b); }).end : child.give(chunk);
        if (!done) {
          if (done.error().trouble != Trouble::limit) sink.label({from, chunk.size()}, evidence::Label::opaque, "damaged");
          return done;
        }
        sink.label({from, chunk.size()}, evidence::Label::handed_on, "payload");
      }
    }
    return hand_on_rest(view, sink, at.position(), evidence::Confidence::medium);
  }
};

}  // namespace

const evidence::Reader& pbzx() {
  static const Pbzx reader;
  return reader;
}

}  // namespace unpack
