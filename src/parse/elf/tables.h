// Inside parse/elf: the steps of the reader, in the order that read() takes them.
#pragma once

#include "base/cursor.h"
#include "parse/elf/elf.h"

namespace parse::elf {

void read_dynamic(base::Bytes bytes, File& file);
void read_symbols(base::Bytes bytes, File& file);
void read_relocations(base::Bytes bytes, File& file);
void read_notes(base::Bytes bytes, File& file);
void read_build_facts(base::Bytes bytes, File& file);

/// A run of the file at an address: to the end of its segment, at most `size`.
base::Bytes mapped(base::Bytes bytes, const File& file, std::uint64_t address, std::uint64_t size = UINT64_MAX);

/// NUL-terminated text in a table; "" when the offset or the end lies outside.
inline std::string_view text_at(base::Bytes table, std::uint64_t offset) {
  base::Cursor in(base::slice(table, offset));
  return in.c_string(4096);
}

inline void note_part(File& file, base::Range range, std::string_view what) {
  if (range.size) file.parts.push_back({range, what});
}

/// An anomaly; only the first hundred are kept.
template <class... Args>
void odd(File& file, fmt::format_string<Args...> text, Args&&... args) {
  if (file.anomalies.size() < 100) file.anomalies.push_back(fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace parse::elf
