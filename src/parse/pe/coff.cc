#include "parse/pe/coff.h"

#include <algorithm>
#include <charconv>

#include "base/cursor.h"

namespace parse::pe {
namespace {

using base::Bytes;
using base::Result;
using base::Trouble;

std::string_view short_or_long(std::string_view raw, Bytes texts) {
  base::Cursor in(base::bytes_of(raw));
  if (in.u32() == 0) {
    const auto at = in.u32();
    base::Cursor text(base::slice(texts, at));
    return text.c_string(4096);
  }
  return raw.substr(0, raw.find('\0'));
}

std::string_view section_name(std::string_view raw, Bytes texts) {
  const auto name = raw.substr(0, raw.find('\0'));
  if (name.size() < 2 || name[0] != '/') return name;
  std::uint32_t at = 0;
  if (std::from_chars(name.data() + 1, name.data() + name.size(), at).ec != std::errc()) return name;
  base::Cursor text(base::slice(texts, at));
  return text.c_string(4096);
}

}  // namespace

Result<Object> read_object(Bytes bytes) {
  base::Cursor in(bytes);
  Object out;
  out.machine = in.u16();
  const auto sections = in.u16();
  in.skip(4);
  const auto symbols_at = in.u32(), symbols = in.u32();
  const auto optional = in.u16();
  in.skip(2);
  in.skip(optional);
  CHECK_OK(in.status("the COFF header"));
  const auto table = base::slice(bytes, symbols_at, std::uint64_t{symbols} * 18);
  if (table.size() != std::uint64_t{symbols} * 18) return base::fail(Trouble::truncated, "the COFF symbol table leaves the file");
  const auto texts_at = symbols_at + std::uint64_t{symbols} * 18;
  base::Cursor length(base::slice(bytes, texts_at));
  const auto texts = base::slice(bytes, texts_at, symbols ? length.u32() : 0);

  struct Pending { std::uint32_t at; std::uint16_t count; };
  std::vector<Pending> pending;
  for (int i = 0; i < sections; ++i) {
    const auto raw = base::text_of(in.take(8));
    in.skip(8);
    const auto size = in.u32(), at = in.u32(), relocations = in.u32();
    in.skip(4);
    const auto count = in.u16();
    in.skip(2);
    const auto flags = in.u32();
    CHECK_OK(in.status("the COFF section headers"));
    CoffSection s;
    s.name = section_name(raw, texts);
    s.flags = flags;
    const auto content = base::slice(bytes, at, size);
    if (at && !(flags & 0x80) && !content.empty()) s.range = {at, content.size()};
    if (s.range.size) out.extent = std::max(out.extent, s.range.end());
    out.sections.push_back(s);
    pending.push_back({relocations, count});
  }
  out.parts.push_back({0, in.position()});
  if (!table.empty()) out.parts.push_back({symbols_at, table.size() + texts.size()});
  for (std::size_t i = 0; i < pending.size(); ++i) {
    const auto run = base::slice(bytes, pending[i].at, pending[i].count * 10ull);
    base::Cursor r(run);
    while (r.left() >= 10 && out.relocations.size() < 1'000'000) {  // runs may overlap
      CoffRelocation one;
      one.section = static_cast<std::uint32_t>(i);
      one.offset = r.u32();
      one.symbol = r.u32();
      one.type = r.u16();
      out.relocations.push_back(one);
    }
    if (!run.empty()) {
      out.parts.push_back({pending[i].at, run.size()});
      out.extent = std::max(out.extent, pending[i].at + run.size());
    }
  }
  base::Cursor s(table);
  int auxiliary = 0;
  while (s.left() >= 18) {
    CoffSymbol symbol;
    const auto raw = base::text_of(s.take(8));
    symbol.value = s.u32();
    symbol.section = static_cast<std::int16_t>(s.u16());
    symbol.type = s.u16();
    symbol.storage = s.u8();
    const auto more = s.u8();
    if (auxiliary > 0) {
      --auxiliary;
      symbol = {};
      symbol.storage = 0xff;
    } else {
      symbol.name = short_or_long(raw, texts);
      auxiliary = more;
    }
    out.symbols.push_back(symbol);
  }
  out.extent = std::max({out.extent, in.position(), std::uint64_t{symbols_at} + table.size() + texts.size()});
  return out;
}

}  // namespace parse::pe
