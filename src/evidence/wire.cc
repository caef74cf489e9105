#include "evidence/wire.h"

namespace evidence::wire {

using base::Trouble;

void Writer::item(const Item& i) {
  u8(static_cast<std::uint8_t>(i.facet));
  text(i.word);
  text(i.value);
  u32(static_cast<std::uint32_t>(i.attributes.size()));
  for (const auto& [name, value] : i.attributes) {
    text(name);
    text(value);
  }
  u64(i.range.offset);
  u64(i.range.size);
  text(i.excerpt);
  text(i.unit);
  u8(static_cast<std::uint8_t>(i.confidence));
  u8(i.secret);
  text(i.examiner);
  u32(i.count);
}

base::Result<Item> item(base::Cursor& in) {
  Item i;
  const auto facet = in.u8();
  if (facet >= all_facets().size()) return base::fail(Trouble::malformed, "an item names facet {}", facet);
  i.facet = static_cast<Facet>(facet);
  i.word = text(in);
  i.value = text(in);
  const auto attributes = in.u32();
  if (attributes > 64) return base::fail(Trouble::malformed, "an item has {} attributes", attributes);
  for (std::uint32_t n = 0; n < attributes && in.ok(); ++n) {
    auto name = text(in);
    i.attributes[std::move(name)] = text(in);
  }
  i.range.offset = in.u64();
  i.range.size = in.u64();
  i.excerpt = text(in);
  i.unit = text(in);
  const auto confidence = in.u8();
  i.secret = in.u8() != 0;
  i.examiner = text(in);
  i.count = in.u32();
  CHECK_OK(in.status("an item"));
  if (confidence > static_cast<std::uint8_t>(Confidence::high)) return base::fail(Trouble::malformed, "an item has confidence {}", confidence);
  i.confidence = static_cast<Confidence>(confidence);
  if (i.value.size() > most_value || i.excerpt.size() > most_excerpt) return base::fail(Trouble::malformed, "an item is too long");
  if (is_closed(i.facet) && !is_word(i.facet, i.word)) return base::fail(Trouble::malformed, "'{}' is no word of {}", base::printable(i.word), name_of(i.facet));
  return i;
}

void Writer::claim(const Claim& c) {
  u64(c.range.offset);
  u64(c.range.size);
  u8(static_cast<std::uint8_t>(c.label));
  text(c.why);
}

base::Result<Claim> claim(base::Cursor& in) {
  Claim c;
  c.range.offset = in.u64();
  c.range.size = in.u64();
  const auto label = in.u8();
  c.why = text(in, 4096);
  CHECK_OK(in.status("a claim"));
  if (label >= label_count) return base::fail(Trouble::malformed, "a claim has label {}", label);
  c.label = static_cast<Label>(label);
  return c;
}

void Writer::entry(const artifact::Entry& e) {
  text(e.name);
  u8(static_cast<std::uint8_t>(e.nature));
  u8(static_cast<std::uint8_t>(e.origin));
  u32(e.mode);
  u64(e.uid);
  u64(e.gid);
  text(e.link);
  text(e.kind);
}

base::Result<artifact::Entry> entry(base::Cursor& in) {
  artifact::Entry e;
  e.name = text(in);
  const auto nature = in.u8();
  const auto origin = in.u8();
  e.mode = in.u32();
  e.uid = in.u64();
  e.gid = in.u64();
  e.link = text(in);
  e.kind = text(in, 64);
  CHECK_OK(in.status("an entry"));
  if (nature > static_cast<std::uint8_t>(artifact::Nature::socket) || origin > static_cast<std::uint8_t>(artifact::Origin::hidden))
    return base::fail(Trouble::malformed, "an entry of nature {} and origin {}", nature, origin);
  e.nature = static_cast<artifact::Nature>(nature);
  e.origin = static_cast<artifact::Origin>(origin);
  return e;
}

}  // namespace evidence::wire
