// COFF object files (.obj): header, sections, symbols, relocations.
// https://learn.microsoft.com/windows/win32/debug/pe-format#coff-file-header-object-and-image
// "Big" objects (/bigobj) are not read.
#pragma once

#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace parse::pe {

struct CoffSection {
  std::string_view name;
  std::uint32_t flags = 0;
  base::Range range;
  bool executable() const { return flags & 0x20000000; }
};

struct CoffSymbol {
  std::string_view name;
  std::uint32_t value = 0;
  std::int16_t section = 0;    ///< from 1; 0 undefined, -1 absolute, -2 debug
  std::uint16_t type = 0;
  std::uint8_t storage = 0;    ///< 2 external, 3 static
  bool imported() const { return storage == 2 && section == 0 && value == 0; }
  bool exported() const { return storage == 2 && section > 0; }
  bool function() const { return type == 0x20; }
};

struct CoffRelocation {
  std::uint32_t section = 0;   ///< index into sections: what it applies to
  std::uint32_t offset = 0, symbol = 0;
  std::uint16_t type = 0;
};

struct Object {
  std::uint16_t machine = 0;
  std::vector<CoffSection> sections;
  std::vector<CoffSymbol> symbols;  ///< index as in the file: auxiliary records are there with storage 0xff
  std::vector<CoffRelocation> relocations;
  std::vector<base::Range> parts;   ///< headers and tables
  std::uint64_t extent = 0;
};

base::Result<Object> read_object(base::Bytes bytes);

}  // namespace parse::pe
