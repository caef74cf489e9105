// Debian control data (deb-control(5), "deb822"): stanzas of fields, as Packages and Release files
// have them. Views into the text that was read; they live no longer than it.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"

namespace gate {

struct Field {
  std::string_view name;
  std::string_view value;   ///< with its continuation lines, as written; outer blanks cut
};

struct Stanza {
  std::string_view raw;     ///< without the empty line after it, with its last newline when it has one
  std::vector<Field> fields;
  /// Names are compared without case. nullptr: no such field. A field that stands twice: the first.
  const Field* find(std::string_view name) const;
  std::string_view text(std::string_view name) const;   ///< "" = none
  /// Readers differ on which of two equal fields counts, so nothing is decided by such a stanza.
  bool ambiguous() const;
};

inline constexpr std::size_t most_stanzas = 1'000'000;
inline constexpr std::size_t most_fields = 200;

/// Error: malformed: a line that is no field, a continuation of nothing, a NUL byte; limit.
base::Result<std::vector<Stanza>> read_deb822(std::string_view text);

/// One file of a Release file's list: "digest size path" by line.
struct ListedFile {
  std::string_view digest, path;
  std::uint64_t size = 0;
};
base::Result<std::vector<ListedFile>> read_file_list(std::string_view value);

/// The text inside a clear-signed message (RFC 4880, section 7), dash-escapes undone; the text itself when
/// it is none. Checks no signature.
base::Result<std::string> without_signature(std::string_view text);

}  // namespace gate
