// See layer.h.
#include "unpack/layer.h"

#include "unpack/member.h"

namespace unpack {

std::uint64_t nothing_between(base::Bytes) { return 0; }

base::Result<> read_layer(const evidence::View& view, evidence::Sink& sink, const LayerFormat& format, std::string name) {
  using evidence::Label;
  artifact::Entry entry;
  entry.name = name.empty() ? layer_name(view) : std::move(name);
  entry.origin = artifact::Origin::layer;
  entry.mode = view.entry.mode;
  std::uint64_t at = 0;
  {
    Child child(sink, entry);
    CHECK_OK(child.begun());
    const stream::Take take = [&](base::Bytes bytes) { return child.give(bytes); };
    do {
      if (const auto gap = format.between(base::slice(view.bytes, at))) {
        sink.label({at, gap}, Label::structure, format.what);
        at += gap;
        if (!format.more(base::slice(view.bytes, at))) break;
      }
      const auto decoded = format.decode(base::slice(view.bytes, at), take);
      sink.label({at, decoded.consumed}, Label::handed_on, format.what);
      at += decoded.consumed;
      if (!decoded.end) {
        const bool limit = decoded.end.error().trouble == base::Trouble::limit;
        if (at < view.bytes.size()) sink.label({at, view.bytes.size() - at}, Label::opaque, limit ? "limit" : "damaged");
        return decoded.end;
      }
      if (decoded.consumed == 0) return base::fail(base::Trouble::malformed, "an empty {} stream", format.what);
      CHECK_OK(sink.spend(64));
    } while (format.more(base::slice(view.bytes, at)) || format.between(base::slice(view.bytes, at)));
  }
  return hand_on_rest(view, sink, at, evidence::Confidence::medium);
}

}  // namespace unpack
