// For fuzz targets: one reader, one input, and what must hold whatever the input is. A breach ends
// the process, which is how a fuzzer learns of it.
#pragma once

#include <algorithm>
#include <cstdlib>

#include "base/checked.h"
#include "evidence/recorder.h"

namespace evidence {

/// The reader comes back within its steps; labels and items lie inside the bytes; the labels can be
/// tiled; only facets of its card are stated.
inline int fuzz(const Reader& reader, const std::uint8_t* bytes, std::size_t size, std::string_view kind, std::string_view name = "file") {
  View view;
  view.bytes = {bytes, size};
  view.kind = kind;
  view.entry.name = name;
  view.remaining = remaining({}, size);
  view.place.links.push_back({std::string(name), std::string(kind), artifact::Origin::member});
  Recorder sink(view.bytes, 40'000'000, 8 << 20);
  (void)reader.read(view, sink);
  for (const auto& i : sink.items)
    if (!base::fits(i.range.offset, i.range.size, size) || (i.facet != Facet::trouble && std::ranges::find(reader.card().states, i.facet) == reader.card().states.end())) std::abort();
  const auto tiles = tile(sink.claims, size, {{}, Label::scanned, ""});
  if (!tiles || !check_tiling(*tiles, size)) std::abort();
  return 0;
}

}  // namespace evidence
