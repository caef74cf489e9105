// What the header of a firmware image says of the bytes: which parts stand where, and which sums
// they must have. A reader of one header format answers with a Layout when the structure proves
// that format; recognisers ask whether there is one, the unpacker hands its parts on and computes
// its sums. Pure functions of the bytes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace parse::firmware {

struct Part {
  enum class Role {
    member,     ///< handed on under `name`
    structure,  ///< `name` says of what
    padding,
    encrypted,  ///< can't be read
    unsupported,
  };
  std::string name;
  base::Range range;
  Role role = Role::member;
  std::string kind = {};  ///< the kind that the header proves, "" where the part says it itself
  /// Undoes an obfuscation that needs no secret; nothing for parts that stand as they are.
  base::Buffer (*decode)(base::Bytes) = nullptr;
};

enum class Sum { crc32, crc32_unfinished, crc32_forward, crc16_xmodem, md5, sha1, sha256, sha384, sha512, sum8, sum16, sum32, adler32, xor8 };
std::string_view name_of(Sum sum);

/// Bytes under a sum: a range, as many bytes of one value (a sum's own field counts as zeros), or
/// bytes that the image doesn't hold.
struct Piece {
  base::Range range;
  int instead = -1;
  base::Buffer literal = {};
};

struct Check {
  std::string what;                ///< "header", "kernel"
  Sum sum = Sum::crc32;
  std::vector<Piece> over = {};
  base::Buffer stated = {};        ///< as to_bytes() or as the digest writes it
  base::Range at = {};             ///< where the image states it
  std::vector<Piece> or_over = {};  ///< what other makers of the format sum instead
};

struct Layout {
  std::string kind;
  std::string detail;
  unsigned strength = 0;           ///< bits of agreeing structure
  std::vector<Part> parts = {};
  std::vector<Check> checks = {};
  std::map<std::string, std::string> facts = {};  ///< attributes of the format fact: model, version
  std::uint64_t end = 0;           ///< where the image ends; more bytes may follow
};

/// The four bytes of a number, the most significant first.
base::Buffer to_bytes(std::uint32_t value);
base::Buffer compute(Sum sum, base::Bytes image, const std::vector<Piece>& over);

/// The text of a field that is filled with zeros, made printable.
std::string field_text(base::Bytes field);

}  // namespace parse::firmware
