// Formats that are known and not read: their bytes are opaque, and the verdict says so. A format that
// gets a reader leaves this list.
#include "unpack/member.h"

namespace unpack {
namespace {

class Unread final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "unread",
        .finds = "Archives of known formats that no unpacker reads, so that they count as unread.",
        .kinds = {"lrzip", "rzip", "zpaq"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"lrzip, rzip and ZPAQ archives are named and not read."},
        .references = "",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    sink.label({0, view.bytes.size()}, evidence::Label::opaque, "unsupported");
    return base::fail(base::Trouble::unsupported, "{} archives are not read", view.kind);
  }
};

}  // namespace

const evidence::Reader& unread() {
  static const Unread reader;
  return reader;
}

}  // namespace unpack
