// See volume.h.
#include "unpack/uefi/volume.h"

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/uefi/guid.h"

namespace unpack::uefi_format {

using base::Trouble;

bool Volume::has_files() const {
  return file_system == "7A9354D9-0468-444A-81CE-0BF617D890DF" || file_system == "8C8CE578-8A3D-4F1C-9935-896185C32DD3" || large_files() ||
         // Two file systems of one maker's boot volumes, laid out as FFS 2.
         file_system == "04ADEEAD-61FF-4D31-B6BA-64F8BF901F5A" || file_system == "BD001B8C-6A71-487B-A14F-0C2A2DCF7A5D";
}
bool Volume::large_files() const { return file_system == "5473C07A-3DCB-4DCA-BD6F-1E9689E7349A"; }
bool Volume::has_variables() const { return file_system == "FFF12B8D-7696-4C8B-A985-2747075B4F50"; }

std::optional<Volume> read_volume(base::Bytes bytes, std::uint64_t at) {
  base::Cursor in(base::slice(bytes, at));
  in.skip(16);
  Volume out;
  out.file_system = guid_text(in.take(16));
  const auto length = in.u64();
  if (base::text_of(in.take(4)) != "_FVH") return std::nullopt;
  const auto attributes = in.u32();
  out.header = in.u16();
  in.skip(2);
  const auto extended = in.u16();
  const auto reserved = in.u8(), revision = in.u8();
  if (!in.ok() || reserved != 0 || revision < 1 || revision > 2) return std::nullopt;
  if (out.header < 0x40 || out.header % 2 || length < out.header || length > (1ull << 32) || extended >= length) return std::nullopt;
  out.range = {at, length};
  out.erased = attributes & 0x800 ? 0xFF : 0;
  const auto header = base::slice(bytes, at, out.header);
  out.checksum_holds = header.size() == out.header && sum16(header) == 0;
  out.files = at + out.header;
  if (revision == 2 && extended >= out.header) {
    base::Cursor more(base::slice(bytes, at + extended));
    out.name = guid_text(more.take(16));
    out.extended_size = more.u32();
    if (more.ok() && out.extended_size >= 20 && base::fits(extended, out.extended_size, length)) {
      out.extended = at + extended;
      out.files = out.extended + out.extended_size;
    }
  }
  out.files = at + (out.files - at + 7) / 8 * 8;
  return out;
}

base::Result<File> read_file(base::Bytes bytes, std::uint64_t at, const Volume& volume) {
  const auto start = base::slice(bytes, at);
  base::Cursor in(start);
  File out;
  out.guid = guid_text(in.take(16));
  in.skip(1);  // the header's sum: it makes the sum zero
  const auto data_sum = in.u8();
  out.type = in.u8();
  out.attributes = in.u8();
  const std::uint64_t low = in.u16();
  std::uint64_t size = low | std::uint64_t{in.u8()} << 16;
  const auto state = static_cast<std::uint8_t>(in.u8() ^ volume.erased);
  if ((out.attributes & 1) && volume.large_files()) {
    size = in.u64();
    out.header = 32;
  }
  CHECK_OK(in.status("the header of a firmware file"));
  const auto left = volume.range.end() - at;
  if (size < out.header || size > left) return base::fail(Trouble::malformed, "the firmware file {} at 0x{:x} says that it is {} bytes long", out.guid, at, size);
  out.range = {at, size};
  out.deleted = (state & 0x10) != 0;
  // The header's sum leaves out the state and the sum of the content.
  const auto header = base::slice(start, 0, out.header);
  out.header_checksum_holds = static_cast<std::uint8_t>(sum8(header) - header[23] - data_sum) == 0;
  const auto body = base::slice(start, out.header, size - out.header);
  if (out.attributes & 0x40) out.data_checksum_holds = static_cast<std::uint8_t>(sum8(body) + data_sum) == 0;
  else out.data_checksum_holds = data_sum == 0xAA || data_sum == 0x5A;
  return out;
}

base::Result<Section> read_section(base::Bytes bytes, std::uint64_t at, std::uint64_t end) {
  const auto start = base::slice(bytes, at, end - std::min(at, end));
  base::Cursor in(start);
  Section out;
  const std::uint64_t low = in.u16();
  std::uint64_t size = low | std::uint64_t{in.u8()} << 16;
  out.type = in.u8();
  if (size == 0xFFFFFF) size = in.u32();
  using namespace section_type;
  switch (out.type) {
    case compression:
      out.uncompressed = in.u32();
      out.compression = in.u8();
      break;
    case guid_defined: {
      out.guid = guid_text(in.take(16));
      const auto data = in.u16();
      out.attributes = in.u16();
      if (in.ok() && data >= in.position() && data <= start.size()) in.seek(data);
      break;
    }
    case freeform: out.guid = guid_text(in.take(16)); break;
    case disposable: case pe32: case pic: case te: case dxe_depex: case version: case user_interface: case compatibility16: case volume_image: case raw: case pei_depex: case mm_depex: break;
    default:
      if (out.type < 0xC0 || size == 0xFFFFFF) return base::fail(Trouble::malformed, "a firmware section of type 0x{:02x} at 0x{:x}", out.type, at);
  }
  CHECK_OK(in.status("the header of a firmware section"));
  out.header = in.position();
  if (size < out.header || size > start.size()) return base::fail(Trouble::malformed, "a firmware section at 0x{:x} says that it is {} bytes long", at, size);
  out.range = {at, size};
  return out;
}

bool are_sections(base::Bytes bytes) {
  std::uint64_t at = 0;
  for (int i = 0; i < 64 && at < bytes.size(); ++i) {
    const auto section = read_section(bytes, at, bytes.size());
    if (!section || section->type >= 0xC0) return false;
    at = (section->range.end() + 3) / 4 * 4;
  }
  return !bytes.empty();
}

}  // namespace unpack::uefi_format
