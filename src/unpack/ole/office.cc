// See office.h.
#include "unpack/ole/office.h"

#include "base/checked.h"
#include "base/cursor.h"

namespace unpack::office_format {

base::Result<Packaged> packaged_file(base::Bytes stream) {
  base::Cursor at(stream);
  const std::uint64_t whole = at.u32();
  const auto kind = at.u16();
  Packaged out;
  if (kind == 2) {  // a file by the object packager: label, path, temporary path, bytes
    out.name = at.c_string(1024);
    (void)at.c_string(4096);
    at.skip(4);
    at.skip(at.u32());
    const std::uint64_t size = at.u32();
    if (at.ok() && base::fits(at.position(), size, stream.size())) {
      out.range = {at.position(), size};
      return out;
    }
  }
  if (!base::fits(4, whole, stream.size())) return base::fail(base::Trouble::truncated, "a packaged file is cut");
  return Packaged{"native-data", {4, whole}};
}

std::vector<PptObject> presentation_objects(base::Bytes stream) {
  std::vector<PptObject> out;
  base::Cursor at(stream);
  // Containers are entered by going on behind their header, so that no depth needs to be kept.
  while (at.left() >= 8 && out.size() < 1000) {
    const auto version = at.u16();
    const auto type = at.u16();
    const std::uint64_t size = at.u32();
    if ((version & 15) == 15) continue;
    const auto here = at.position();
    if (type == 0x1011 && base::fits(here, size, stream.size()) && size > 4) {
      const bool packed = version >> 4 == 1;
      out.push_back({{here + (packed ? 4 : 0), size - (packed ? 4 : 0)}, packed});
    }
    at.skip(size);
    if (!at.ok()) break;
  }
  return out;
}

}  // namespace unpack::office_format
