// See firmware.h.
#include "unpack/firmware.h"

#include "base/checked.h"
#include "unpack/member.h"

namespace unpack {

using parse::firmware::Part;

void state_format(evidence::Sink& sink, std::string value, std::map<std::string, std::string> attributes, base::Range range) {
  evidence::Item item;
  item.facet = evidence::Facet::property;
  item.word = "format";
  item.value = std::move(value);
  item.attributes = std::move(attributes);
  item.range = range;
  sink.state(std::move(item));
}

base::Result<> give_part(Ledger& ledger, std::string name, base::Range range, artifact::Origin origin, std::string kind) {
  artifact::Entry entry;
  entry.name = std::move(name);
  entry.origin = origin;
  entry.kind = std::move(kind);
  const Extent whole[] = {{range.offset, range.size}};
  return ledger.give(entry, whole, range.size);
}

base::Result<> compare_sum(const evidence::View& view, evidence::Sink& sink, const parse::firmware::Check& check) {
  std::uint64_t size = 0;
  for (const auto& piece : check.over) {
    if (!base::fits(piece.range.offset, piece.range.size, view.bytes.size())) return {};
    size += piece.range.size;
  }
  CHECK_OK(sink.spend(size));
  const auto found = parse::firmware::compute(check.sum, view.bytes, check.over);
  if (found == check.stated) return {};
  if (!check.or_over.empty()) {
    CHECK_OK(sink.spend(size));
    if (parse::firmware::compute(check.sum, view.bytes, check.or_over) == check.stated) return {};
  }
  base::Range at = check.at;
  if (!base::fits(at.offset, at.size, view.bytes.size())) at = {};
  state_mismatch(sink, fmt::format("{} of the {}: {} stated, {} computed", name_of(check.sum), check.what, base::to_hex(check.stated), base::to_hex(found)),
                 "a sum does not match", evidence::Confidence::medium, at);
  return {};
}

namespace {

base::Result<> give_decoded(const evidence::View& view, evidence::Sink& sink, Ledger& ledger, const Part& part) {
  const auto packed = base::slice(view.bytes, part.range.offset, part.range.size);
  CHECK_OK(sink.spend(packed.size()));
  const auto bytes = part.decode(packed);
  if (bytes.size() > sink.room()) {
    state_trouble(sink, "limit", fmt::format("{} holds {} bytes", part.name, bytes.size()));
    return {};
  }
  ledger.content(part.range, part.name);
  artifact::Entry entry;
  entry.name = part.name;
  entry.kind = part.kind;
  return sink.child(entry, bytes);
}

}  // namespace

base::Result<> read_parts(const evidence::View& view, evidence::Sink& sink, Ledger& ledger, const parse::firmware::Layout& layout) {
  state_format(sink, layout.detail, layout.facts);
  for (const auto& check : layout.checks) CHECK_OK(compare_sum(view, sink, check));
  for (const auto& part : layout.parts) {
    CHECK_OK(sink.spend(64));
    bool whole = true;
    switch (part.role) {
      case Part::Role::structure: whole = ledger.structure(part.range, part.name); break;
      case Part::Role::padding: whole = ledger.padding(part.range, part.name); break;
      case Part::Role::encrypted:
        whole = ledger.opaque(part.range, "encrypted");
        state_trouble(sink, "encrypted", fmt::format("{} can't be read without its key", part.name));
        break;
      case Part::Role::unsupported:
        whole = ledger.opaque(part.range, "unsupported");
        state_trouble(sink, "unsupported", fmt::format("{} is not read", part.name));
        break;
      case Part::Role::member:
        if (part.decode) CHECK_OK(give_decoded(view, sink, ledger, part));
        else CHECK_OK(give_part(ledger, part.name, part.range, artifact::Origin::member, part.kind));
        break;
    }
    if (!whole) state_trouble(sink, "truncated", fmt::format("{} ends outside the image", part.name));
  }
  return {};
}

base::Result<> read_layout(const evidence::View& view, evidence::Sink& sink, const parse::firmware::Layout& layout) {
  Ledger ledger(view, sink);
  CHECK_OK(read_parts(view, sink, ledger, layout));
  const auto end = std::min<std::uint64_t>(layout.end, view.bytes.size());
  CHECK_OK(ledger.close(0, end, "unused"));
  return hand_on_rest(view, sink, end, evidence::Confidence::low);
}

}  // namespace unpack
