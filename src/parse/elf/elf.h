// A bounded, tolerant reader of ELF files: 32 and 64 bit, both byte orders, any machine.
// https://gabi.xinuos.com/ and the processor supplements; GNU extensions as in binutils' elf/common.h.
// What the loader uses (program headers, PT_DYNAMIC) comes first; section headers, which nothing at
// run time needs, are read beside it, and what contradicts or leaves the file is kept as an anomaly
// instead of ending the reading. It does not disassemble and does not read DWARF.
//
// Texts are views into the bytes read: a File lives no longer than they do.
#pragma once

#include <bit>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace parse::elf {

inline constexpr std::size_t most_sections = 65536, most_symbols = 1'000'000, most_relocations = 1'000'000, most_dynamic = 10000;

struct Segment {
  std::uint32_t type = 0, flags = 0;
  std::uint64_t offset = 0, address = 0, file_size = 0, memory_size = 0, alignment = 0;
  base::Range range;  ///< the part of the file, cut to what exists
  bool readable() const { return flags & 4; }
  bool writable() const { return flags & 2; }
  bool executable() const { return flags & 1; }
};
enum : std::uint32_t { pt_load = 1, pt_dynamic = 2, pt_interp = 3, pt_note = 4, pt_tls = 7, pt_gnu_stack = 0x6474e551, pt_gnu_relro = 0x6474e552, pt_gnu_property = 0x6474e553 };

struct Section {
  std::string_view name;
  std::uint32_t type = 0, link = 0, info = 0;
  std::uint64_t flags = 0, address = 0, offset = 0, size = 0, alignment = 0, entry_size = 0;
  base::Range range;  ///< cut to the file; empty for NOBITS
  bool executable() const { return flags & 4; }
  bool writable() const { return flags & 1; }
  bool allocated() const { return flags & 2; }
};
enum : std::uint32_t { sht_progbits = 1, sht_symtab = 2, sht_strtab = 3, sht_rela = 4, sht_hash = 5, sht_dynamic = 6, sht_note = 7, sht_nobits = 8, sht_rel = 9, sht_dynsym = 11,
  sht_gnu_hash = 0x6ffffff6, sht_verdef = 0x6ffffffd, sht_verneed = 0x6ffffffe, sht_versym = 0x6fffffff };

struct Symbol {
  std::string_view name;
  std::string_view version;  ///< "GLIBC_2.34"; "" where there is none
  std::string_view library;  ///< of an import: the needed library that the version names
  std::uint64_t value = 0, size = 0;
  std::uint8_t type = 0;     ///< STT_: 0 none, 1 object, 2 function, 6 TLS, 10 IFUNC
  std::uint8_t bind = 0;     ///< STB_: 0 local, 1 global, 2 weak, 10 unique
  std::uint8_t visibility = 0;
  std::uint16_t section = 0; ///< 0 = undefined
  bool imported() const { return section == 0 && bind != 0 && !name.empty(); }
  bool exported() const { return section != 0 && bind != 0 && visibility != 1 && visibility != 2 && !name.empty(); }
  bool function() const { return type == 2 || type == 10; }
  bool ifunc() const { return type == 10; }
};

struct Relocation {
  std::uint64_t address = 0;  ///< virtual; in an object file an offset in `section`
  std::uint32_t type = 0, symbol = 0;
  std::int64_t addend = 0;    ///< 0 for REL, whose addend stands at the address
  std::uint32_t section = 0;  ///< of object files: the section that it applies to
  bool dynamic = true;        ///< symbol counts in the dynamic table, else in symbols
};

struct Note {
  std::string_view owner;
  std::uint32_t type = 0;
  base::Bytes content;
};

struct Part {  ///< a run of bytes that this reader has decoded
  base::Range range;
  std::string_view what;  ///< "program headers", "symbol names", ...
};

struct Dynamic {
  std::uint64_t tag = 0, value = 0;
};

struct File {
  bool wide = false;
  std::endian endian = std::endian::little;
  std::uint8_t os_abi = 0;
  std::uint16_t type = 0;  ///< 1 relocatable, 2 executable, 3 shared, 4 core
  std::uint16_t machine = 0;
  std::uint32_t flags = 0;
  std::uint64_t entry = 0;
  std::uint64_t size = 0;  ///< of the file
  std::vector<Segment> segments;
  std::vector<Section> sections;
  std::vector<Dynamic> dynamic;
  std::vector<Symbol> dynamic_symbols, symbols;
  std::vector<Relocation> relocations;
  std::vector<Note> notes;
  std::vector<std::string_view> needed;
  std::string_view soname, rpath, runpath, interpreter;
  std::vector<std::uint64_t> init_array, fini_array;  ///< addresses; 0 and -1 left out
  std::uint64_t dynamic_flags = 0, dynamic_flags_1 = 0;
  std::string build_id;          ///< hex
  std::optional<std::uint32_t> x86_features, arm_features;  ///< GNU property AND bits: IBT 1, SHSTK 2; BTI 1, PAC 2
  std::string_view go_version;   ///< "go1.22.1"
  std::string_view go_module;    ///< the module text: path, mod, dep, build lines
  std::string_view comment;      ///< .comment: compilers, NUL between them
  std::uint64_t extent = 0;      ///< end of the last byte that any header accounts for, at most size
  std::vector<Part> parts;
  std::vector<std::string> anomalies;

  bool relocatable() const { return type == 1; }
  std::string machine_name() const;  ///< "x86-64", "ARM", ...; "machine 123"
  std::string_view type_name() const;
  /// Where an address stands in the file; nothing for addresses without file bytes.
  std::optional<std::uint64_t> offset_of(std::uint64_t address) const;
  std::optional<std::uint64_t> address_of(std::uint64_t offset) const;
  std::optional<std::uint64_t> dynamic_value(std::uint64_t tag) const;
  const Section* section_named(std::string_view name) const;
  /// The function symbol that covers or starts at an address; nullptr when none does.
  const Symbol* symbol_at(std::uint64_t address) const;
};

/// Error: malformed or truncated, when not even the ELF header can be read.
base::Result<File> read(base::Bytes bytes);

}  // namespace parse::elf
