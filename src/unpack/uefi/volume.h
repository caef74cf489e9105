// Headers of firmware volumes, firmware files and sections. UEFI Platform Initialization
// specification 1.7, volume 3, chapters 2 and 3. Bounded, opinion-free.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace unpack::uefi_format {

/// A firmware volume (EFI_FIRMWARE_VOLUME_HEADER, 3.2.1). Offsets are those of the bytes given.
struct Volume {
  base::Range range;            ///< as the header says; the caller cuts it
  std::uint64_t header = 0;     ///< size
  std::uint64_t extended = 0;   ///< offset of the extended header; 0 for none
  std::uint64_t extended_size = 0;
  std::uint64_t files = 0;      ///< offset of the first file
  std::string file_system;      ///< GUID
  std::string name;             ///< GUID of the extended header, or ""
  std::uint8_t erased = 0xFF;   ///< what erased bytes hold
  bool checksum_holds = false;

  bool has_files() const;       ///< the file system is FFS 1, 2 or 3
  bool large_files() const;     ///< FFS 3
  bool has_variables() const;   ///< the file system is the NVRAM one
};
/// Nothing where the signature or the sizes are wrong. A volume may say that it ends behind the bytes.
std::optional<Volume> read_volume(base::Bytes bytes, std::uint64_t at);

/// A firmware file (EFI_FFS_FILE_HEADER, 3.2.3).
struct File {
  base::Range range;  ///< the whole file with its header
  std::uint64_t header = 24;
  std::string guid;
  std::uint8_t type = 0;
  std::uint8_t attributes = 0;
  bool deleted = false;
  bool header_checksum_holds = false, data_checksum_holds = false;
  std::uint64_t body() const { return range.offset + header; }

  bool is_pad() const { return type == 0xF0; }
  bool is_raw() const { return type == 0x01; }
};
base::Result<File> read_file(base::Bytes bytes, std::uint64_t at, const Volume& volume);

/// A section of a file (EFI_COMMON_SECTION_HEADER, 3.2.4).
struct Section {
  base::Range range;
  std::uint64_t header = 4;  ///< with what the type adds to the common header
  std::uint8_t type = 0;
  std::string guid;          ///< of a GUID-defined or a free-form section
  std::uint16_t attributes = 0;   ///< of a GUID-defined section
  std::uint8_t compression = 0;   ///< of a compressed section
  std::uint32_t uncompressed = 0;
  base::Range body() const { return {range.offset + header, range.size - header}; }
};
namespace section_type {
inline constexpr std::uint8_t compression = 0x01, guid_defined = 0x02, disposable = 0x03, pe32 = 0x10, pic = 0x11, te = 0x12, dxe_depex = 0x13, version = 0x14,
                              user_interface = 0x15, compatibility16 = 0x16, volume_image = 0x17, freeform = 0x18, raw = 0x19, pei_depex = 0x1B, mm_depex = 0x1C;
}
/// The section at `at`, which must end before `end`. An error where none stands.
base::Result<Section> read_section(base::Bytes bytes, std::uint64_t at, std::uint64_t end);

/// True if sections of known types stand one behind the other up to the end (looks at 64 at most).
bool are_sections(base::Bytes bytes);

}  // namespace unpack::uefi_format
