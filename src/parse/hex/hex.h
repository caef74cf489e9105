// Records of binaries written as text: Intel HEX, Motorola S-records, Tektronix hex (standard and
// extended). One line a record, each with its sum.
// Intel Hexadecimal Object File Format Specification A, 1988; Motorola M68000 S-record format;
// Tektronix 4051 hex format and Tektronix Extended HEX.
#pragma once

#include <optional>

#include "base/bytes.h"

namespace parse::hex {

enum class Form { intel, motorola, tektronix, tektronix_extended };
std::string_view name_of(Form form);
std::string_view kind_of(Form form);

struct Record {
  enum class Role { data, base, header, end, other };
  Role role = Role::other;
  std::uint64_t address = 0;  ///< of data; for a base what is added to later ones
  base::Buffer data;
  bool sum_is_right = false;
};

/// One line without its end. Nothing when it isn't a record of that form.
std::optional<Record> read(Form form, std::string_view line);
/// The form of a text by its first lines, which have to be records with right sums.
std::optional<Form> form_of(base::Bytes bytes);

}  // namespace parse::hex
