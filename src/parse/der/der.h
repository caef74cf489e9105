// A bounded reader of DER and BER tag-length-value structures (ITU-T X.690).
// https://www.itu.int/rec/T-REC-X.690
// It checks lengths and depth, not types; indefinite lengths (BER) are refused as unsupported.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace parse::der {

inline constexpr unsigned most_depth = 64;

enum Tag : std::uint8_t {
  boolean = 0x01, integer = 0x02, bit_string = 0x03, octet_string = 0x04, null = 0x05, oid = 0x06,
  utf8_string = 0x0c, printable_string = 0x13, t61_string = 0x14, ia5_string = 0x16, utc_time = 0x17,
  generalized_time = 0x18, universal_string = 0x1c, bmp_string = 0x1e, sequence = 0x30, set = 0x31,
};

struct Element {
  std::uint8_t tag = 0;        ///< the identifier octet: class, constructed bit and number; 0x1f for a high number
  std::uint64_t number = 0;    ///< tag number, also of high-number tags
  base::Bytes content;
  base::Bytes whole;           ///< with tag and length
  bool is(std::uint8_t t) const { return tag == t; }
  bool constructed() const { return tag & 0x20; }
  /// [n] of the context class, constructed or primitive.
  bool context(std::uint8_t n) const { return (tag & 0xc0) == 0x80 && number == n; }
};

/// The element that starts the bytes; what follows it is not looked at.
base::Result<Element> first(base::Bytes bytes);

/// The elements one after the other; at most `most`.
base::Result<std::vector<Element>> all(base::Bytes bytes, std::size_t most = 65536);

/// Visits depth first; a visitor that returns false keeps its element closed. Error: malformed,
/// truncated, or limit for more than most_depth levels or `most` elements.
base::Result<> walk(base::Bytes bytes, const std::function<bool(const Element&, unsigned depth)>& visit, std::size_t most = 100000);

/// "1.2.840.113549.1.1.1"; "" when the content is no OID.
std::string oid_text(base::Bytes content);

/// Text of any ASN.1 string type as UTF-8, unescaped; at most 1024 bytes.
std::string string_text(const Element& element);

/// "YYYY-MM-DD" from UTCTime or GeneralizedTime; "" when it is none.
std::string date_text(const Element& element);

/// Bits of an INTEGER without its leading zeros; 0 for zero and for negative numbers.
unsigned integer_bits(base::Bytes content);

}  // namespace parse::der
