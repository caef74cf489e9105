// A bounded, tolerant reader of PE images (PE32 and PE32+, .NET headers) and COFF objects.
// https://learn.microsoft.com/windows/win32/debug/pe-format ; .NET: ECMA-335, II.24-25.
// What leaves the file is kept as an anomaly instead of ending the reading. It does not disassemble,
// does not read .NET tables beyond their stream names, and does not check signatures.
//
// Texts are views into the bytes read: an Image lives no longer than they do.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace parse::pe {

inline constexpr std::size_t most_sections = 1000;  ///< each address is looked up in them one by one
inline constexpr std::size_t most_imports = 200000, most_exports = 200000, most_resources = 20000;

struct Section {
  std::string_view name;
  std::uint32_t address = 0, memory_size = 0, offset = 0, file_size = 0, flags = 0;
  base::Range range;  ///< cut to the file
  bool executable() const { return flags & 0x20000000; }
  bool readable() const { return flags & 0x40000000; }
  bool writable() const { return flags & 0x80000000; }
  bool code() const { return flags & 0x20; }
};

struct Import {
  std::string_view library;      ///< as written, with .dll
  std::string_view name;         ///< "" when by ordinal
  std::uint16_t ordinal = 0;
  std::uint64_t slot = 0;        ///< address (image base added) of its import address table entry
  bool delayed = false;
  std::string qualified() const; ///< "kernel32.CreateProcessW", "ws2_32.#3"
};

struct Export {
  std::string_view name;     ///< "" when only by ordinal
  std::uint32_t ordinal = 0, address = 0;
  std::string_view forward;  ///< "NTDLL.RtlX" of a forwarded export
};

struct Resource {
  std::string type, name;    ///< "VERSION", "MANIFEST", "#123", or its own name
  std::uint32_t language = 0;
  base::Range range;         ///< in the file
};

struct Debug {
  std::uint32_t type = 0;
  std::string_view pdb;      ///< path, of CodeView entries
};

struct Dotnet {
  std::string_view version;              ///< "v4.0.30319"
  std::vector<std::string_view> streams; ///< "#~", "#Strings", ...
  std::uint32_t entry_token = 0, flags = 0;
};

struct Part {
  base::Range range;
  std::string_view what;
};

struct Image {
  bool wide = false;
  std::uint16_t machine = 0, subsystem = 0, characteristics = 0, dll_characteristics = 0;
  std::uint32_t timestamp = 0;
  std::uint64_t base = 0;
  std::uint32_t entry = 0;
  std::uint64_t size = 0;
  std::vector<Section> sections;
  std::vector<Import> imports;
  std::vector<Export> exports;
  std::string_view export_name;
  std::vector<Resource> resources;
  std::vector<Debug> debug;
  std::vector<std::uint64_t> tls_callbacks;   ///< addresses
  std::optional<Dotnet> dotnet;
  std::optional<std::uint64_t> security_cookie;  ///< from the load configuration: stack protection
  std::uint32_t guard_flags = 0;
  base::Range certificates;                   ///< attribute certificate table, cut to the file
  std::uint64_t extent = 0;                   ///< end of headers and sections; overlay starts here
  std::vector<Part> parts;
  std::vector<std::string> anomalies;

  bool dll() const { return characteristics & 0x2000; }
  std::string machine_name() const;
  std::string_view subsystem_name() const;
  std::optional<std::uint64_t> offset_of(std::uint32_t rva) const;
  const Section* section_at(std::uint32_t rva) const;
};

/// Error: malformed or truncated, when not even the headers can be read.
base::Result<Image> read(base::Bytes bytes);

std::string machine_name(std::uint16_t machine);

}  // namespace parse::pe
