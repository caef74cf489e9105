// A bounded, tolerant reader of Mach-O files, thin and fat, 32 and 64 bit, both byte orders.
// https://github.com/apple-oss-distributions/xnu (EXTERNAL_HEADERS/mach-o/loader.h, fat.h, nlist.h)
// Imports and exports come from the symbol table; binding opcodes and chained fixups are not
// interpreted. It does not disassemble and does not check signatures.
//
// Texts are views into the bytes read: an Image lives no longer than they do.
#pragma once

#include <bit>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace parse::macho {

inline constexpr std::size_t most_symbols = 1'000'000;

struct Section {
  std::string_view segment, name;
  std::uint64_t address = 0, size = 0;
  std::uint32_t offset = 0, flags = 0, reserved1 = 0, reserved2 = 0;
  std::uint32_t relocations_at = 0, relocation_count = 0;
  base::Range range;  ///< cut to the file; empty for zero-fill
  bool code() const { return flags & 0x80000400; }
  std::uint8_t type() const { return static_cast<std::uint8_t>(flags); }  ///< 6, 7 symbol pointers, 8 stubs, 9 constructors
};

struct Segment {
  std::string_view name;
  std::uint64_t address = 0, memory_size = 0, offset = 0, file_size = 0;
  std::uint32_t most_rights = 0, rights = 0;  ///< 1 read, 2 write, 4 execute
  base::Range range;
};

struct Symbol {
  std::string_view name;     ///< with the leading underscore
  std::uint8_t type = 0, section = 0;
  std::uint16_t description = 0;
  std::uint64_t value = 0;
  bool debug() const { return type & 0xe0; }
  bool imported() const { return !debug() && (type & 0x0e) == 0 && (type & 1) && value == 0; }
  bool exported() const { return !debug() && (type & 0x0e) == 0x0e && (type & 1) && !(type & 0x10); }
  unsigned library() const { return description >> 8; }  ///< of an import: ordinal from 1 into libraries
};

struct Image {
  bool wide = false;
  std::endian endian = std::endian::little;
  std::uint32_t cpu = 0, cpu_sub = 0, type = 0, flags = 0;
  std::uint64_t size = 0;
  std::vector<Segment> segments;
  std::vector<Section> sections;
  std::vector<Symbol> symbols;
  std::vector<std::uint32_t> indirect;     ///< indices into symbols, for stubs and pointers
  std::vector<std::string_view> libraries; ///< LC_LOAD_DYLIB and its kin, in order of their ordinals
  std::vector<std::string_view> run_paths;
  std::string_view identity;               ///< LC_ID_DYLIB
  std::string_view dylinker;
  std::string uuid;                        ///< hex
  std::optional<std::uint64_t> entry;      ///< file offset of main
  std::vector<std::uint64_t> initialisers; ///< addresses in __mod_init_func; offsets of __init_offsets added to __TEXT
  bool chained = false;                    ///< LC_DYLD_CHAINED_FIXUPS: pointers in data are links of a chain
  bool encrypted = false;
  base::Range encrypted_range;
  base::Range signature;                   ///< LC_CODE_SIGNATURE
  std::string_view entitlements;           ///< XML property list inside the signature
  std::uint64_t extent = 0;
  std::vector<base::Range> parts;
  std::vector<std::string> anomalies;

  std::string machine_name() const;
  std::string_view type_name() const;
  std::optional<std::uint64_t> offset_of(std::uint64_t address) const;
  std::string_view library_of(const Symbol& import) const;
};

struct Slice {
  std::uint32_t cpu = 0, cpu_sub = 0;
  base::Range range;  ///< cut to the file
};

struct Fat {
  std::vector<Slice> slices;
  base::Range header;
  std::vector<std::string> anomalies;
};

std::string machine_name(std::uint32_t cpu);

/// Error: malformed or truncated, when the header or a load command can't be read.
base::Result<Image> read(base::Bytes bytes);
base::Result<Fat> read_fat(base::Bytes bytes);

}  // namespace parse::macho
