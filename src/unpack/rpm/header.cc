// See header.h.
#include "unpack/rpm/header.h"

#include "base/checked.h"
#include "base/cursor.h"

namespace unpack::rpm_format {

using base::Trouble;

base::Result<Header> read_header(base::Bytes bytes) {
  base::Cursor at(bytes, std::endian::big);
  if (at.u32() != 0x8eade801) return base::fail(Trouble::malformed, "an RPM header's magic is missing");
  at.skip(4);
  const std::uint64_t count = at.u32(), store = at.u32();
  CHECK_OK(at.status("an RPM header"));
  if (count > 65536 || store > (256u << 20)) return base::fail(Trouble::limit, "an RPM header of {} tags and {} bytes", count, store);
  const auto store_at = 16 + 16 * count;
  if (!base::fits(store_at, store, bytes.size())) return base::fail(Trouble::truncated, "an RPM header ends behind the file");
  Header out;
  out.size = store_at + store;
  const auto values = bytes.subspan(store_at, store);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto tag = at.u32(), type = at.u32(), offset = at.u32(), n = at.u32();
    if (offset > store) return base::fail(Trouble::malformed, "RPM tag {} points outside the header", tag);
    out.values.emplace(tag, Value{type, n, base::slice(values, offset)});
  }
  return out;
}

std::vector<std::string_view> Header::texts(std::uint32_t tag) const {
  std::vector<std::string_view> out;
  const auto found = values.find(tag);
  if (found == values.end()) return out;
  const auto& v = found->second;
  if (v.type != 6 && v.type != 8 && v.type != 9) return out;
  base::Cursor at(v.from);
  const auto count = v.type == 6 ? 1 : std::min<std::uint32_t>(v.count, 10000);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto text = at.c_string(16u << 20);
    if (!at.ok()) break;
    out.push_back(text);
  }
  return out;
}

std::string Header::text(std::uint32_t tag) const {
  const auto all = texts(tag);
  return all.empty() ? std::string{} : std::string(all[0]);
}

std::optional<std::uint64_t> Header::number(std::uint32_t tag) const {
  const auto found = values.find(tag);
  if (found == values.end() || found->second.count == 0) return std::nullopt;
  base::Cursor at(found->second.from, std::endian::big);
  const auto value = found->second.type == 4 ? at.u32() : found->second.type == 3 ? at.u16() : found->second.type == 5 ? at.u64() : 0;
  return at.ok() ? std::optional<std::uint64_t>(value) : std::nullopt;
}

}  // namespace unpack::rpm_format
