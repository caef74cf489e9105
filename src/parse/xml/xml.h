// The little XML that property lists and tables of contents are written in: elements, attributes,
// text, CDATA, the five entities and character numbers. XML 1.0, without DTDs (declarations are
// passed over, nothing is fetched or defined). Bounded in depth and number; opinion-free.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace parse::xml {

struct Element {
  std::string_view name;
  std::string_view attributes;  ///< as written
  std::string text;             ///< of this element alone
  std::vector<Element> children;

  /// The first child of this name; nothing when there is none.
  const Element* child(std::string_view of) const;
  /// The text of a child, or "".
  std::string_view text_of(std::string_view of) const;
  /// The value of an attribute, or "".
  std::string_view attribute(std::string_view of) const;
};

/// The root element. Views into the text given.
base::Result<Element> read(std::string_view text);

/// A decimal number; nothing for anything else.
std::optional<std::uint64_t> decimal_of(std::string_view text);
/// Base64 with blanks between; ends at the first character that is none.
std::vector<std::uint8_t> base64_of(std::string_view text);

}  // namespace parse::xml
