// A recogniser knows one kind, or one family of kinds, by content. Stateless.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace identify {

struct Sample {
  base::Bytes bytes;       ///< the whole content
  std::string_view name;   ///< file name without directories; a hint that only text kinds may use
};

struct Identity {
  std::string kind;        ///< "elf", "deb", "script/shell", "text", "unknown"
  std::string detail;      ///< one phrase for people: "ELF 64-bit x86-64 shared object"
  /// How sure: bits of agreeing structure. 16 a two-byte magic, 32 a four-byte one, more with
  /// checked structure; text kinds below 16. The highest wins; a second one of 32 or more that
  /// is not the same family is stated as a polyglot.
  unsigned strength = 0;
};

struct RecogniserCard {
  std::string_view name;
  std::vector<std::string_view> kinds;       ///< all it may answer
  std::vector<std::string_view> extensions;  ///< usual for these kinds, without the dot: what a name that lies is judged by
};

class Recogniser {
 public:
  virtual ~Recogniser() = default;
  virtual const RecogniserCard& card() const = 0;
  virtual std::optional<Identity> recognise(const Sample& sample) const = 0;
};

}  // namespace identify
