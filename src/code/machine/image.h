// A program laid out as it stands in memory, in terms that all file formats and processors share:
// what the shallow code reader works on. Made from the readers of parse/; owns no product bytes
// except where relocations had to be written into a copy.
#pragma once

#include <bit>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "parse/elf/elf.h"
#include "parse/macho/macho.h"
#include "parse/pe/coff.h"
#include "parse/pe/pe.h"

namespace code::machine {

enum class Cpu { x86, x86_64, arm, arm64, mips, ppc, ppc64, s390x };

struct Region {
  std::uint64_t address = 0;
  base::Bytes bytes;
  std::uint64_t offset = 0;   ///< of the first byte in the file
  bool code = false, writable = false;
};

struct Image {
  Cpu cpu = Cpu::x86_64;
  std::endian endian = std::endian::little;
  bool wide = true;           ///< 8-byte pointers
  bool windows = false;       ///< Windows' calling convention
  bool elf_v2 = false;        ///< PowerPC64: no function descriptors
  std::vector<Region> regions;                      ///< code regions without overlap
  std::map<std::uint64_t, std::string> functions;   ///< entry or stub address -> plain name
  std::map<std::uint64_t, std::string> slots;       ///< address of a pointer that the loader fills -> plain name
  std::map<std::uint64_t, std::uint64_t> pointers;  ///< address of a pointer that the loader relocates -> its value
  std::map<std::string, std::uint64_t> own;         ///< plain name -> entry of a function defined here: what a stub of that name leads to
  std::set<std::uint64_t> starts;                   ///< where functions start, as far as the file tells
  std::set<std::uint64_t> thumb;                    ///< starts in Thumb code
  std::uint64_t global_pointer = 0;                 ///< MIPS $gp, PowerPC64 r2, i386 PIC's ebx
  std::vector<base::Buffer> owned;

  unsigned word() const { return wide ? 8 : 4; }
  const Region* region_at(std::uint64_t address) const;
  std::optional<std::uint64_t> word_at(std::uint64_t address) const;   ///< relocated, unless the loader fills it
  /// Printable NUL-terminated text of 1 to 200 characters, one or two bytes each; nothing else.
  std::optional<std::string> text_at(std::uint64_t address) const;
  std::optional<std::uint64_t> offset_of(std::uint64_t address) const;
};

/// Nothing where the processor isn't one of Cpu.
std::optional<Image> image_of(base::Bytes bytes, const parse::elf::File& file);
std::optional<Image> image_of(base::Bytes bytes, const parse::pe::Image& file);
std::optional<Image> image_of(base::Bytes bytes, const parse::macho::Image& file);
std::optional<Image> image_of(base::Bytes bytes, const parse::pe::Object& object);

}  // namespace code::machine
