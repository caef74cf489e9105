// The one interface of unpackers and examiners: a stateless object with a card, and one function
// that states what it sees. An error means "not fully read" and is recorded as evidence; silence
// means "looked, not there".
#pragma once

#include <any>
#include <map>
#include <span>
#include <string_view>
#include <typeindex>
#include <vector>

#include "artifact/place.h"
#include "base/bytes.h"
#include "evidence/sink.h"

namespace evidence {

enum class Scope { artifact, product };

/// All data: the catalogue and docs/known-misses.md are printed from it.
struct Card {
  std::string_view name;    ///< the folder's name
  std::string_view finds;   ///< one sentence
  /// Kinds read: exact ("deb"), family ("script/*") or "*" for every artifact with content.
  std::vector<std::string_view> kinds;
  std::vector<Facet> states;  ///< facets that it may state; anything else is a bug in the verdict
  std::vector<std::string_view> blind_spots;  ///< what it is known not to see, one sentence each
  std::uint32_t version = 1;  ///< raised when equal bytes give other evidence: part of the cache key
  std::string_view references = {};  ///< specification followed
  /// Looks for patterns in any bytes: of a container it is given only what no unpacker handed on,
  /// joined. False: it needs the artifact as it is.
  bool of_remainder = false;
};

/// One artifact as a reader sees it. Lives as long as the read call.
struct View {
  base::Bytes bytes;        ///< the whole content; empty for an empty file
  artifact::Place place;    ///< from the product down; the last link is this artifact, its kind set
  artifact::Entry entry;    ///< what the container says of it
  std::string kind;         ///< from identify, e.g. "elf"
  /// The parts that no unpacker handed on or proved constant, sorted and apart: what examiners that
  /// read every kind look at. An unpacker sees the whole artifact here.
  std::vector<base::Range> remaining;
  bool has_content() const { return entry.nature == artifact::Nature::file; }

  /// Parses once and keeps the answer for later readers of the same artifact.
  ///   const auto& elf = view.parsed<parse::elf::File>([&] { return parse::elf::read(view.bytes); });
  template <class T, class Make>
  const T& parsed(Make make) const {
    auto& slot = memo[std::type_index(typeid(T))];
    if (!slot.has_value()) slot = T(make());
    return *std::any_cast<T>(&slot);
  }
  mutable std::map<std::type_index, std::any> memo;
};

class Reader {
 public:
  virtual ~Reader() = default;
  virtual const Card& card() const = 0;
  virtual base::Result<> read(const View& view, Sink& sink) const = 0;
};

/// What of [0, size) is neither handed on nor padding by these claims.
std::vector<base::Range> remaining(const std::vector<Claim>& claims, std::uint64_t size);

/// True if the card's kinds include this kind.
bool reads(const Card& card, std::string_view kind);

}  // namespace evidence
