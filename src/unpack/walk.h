// For tests only: unpacks recursively with every registered unpacker, in one process and without
// limits but a depth, and calls `visit` for each artifact.
#pragma once

#include <functional>

#include "evidence/recorder.h"
#include "identify/identify.h"
#include "unpack/registry.h"

namespace unpack {

struct Visited {
  artifact::Place place;
  const artifact::Entry* entry;
  base::Bytes bytes;
  std::string kind;
  const std::vector<evidence::Item>* items;
  std::string_view reader;  ///< "" where none reads this kind
  base::Result<> result;
};

inline void walk(base::Bytes bytes, const artifact::Entry& entry, artifact::Place place, const std::function<void(const Visited&)>& visit, int depth = 0) {
  place.links.push_back({entry.name, "", entry.origin});
  if (entry.nature != artifact::Nature::file) {
    visit({place, &entry, {}, "", nullptr, "", {}});
    return;
  }
  evidence::Recorder named(bytes);
  const auto identity = identify::identify({bytes, place.file_name()}, named);
  const auto kind = entry.kind.empty() ? identity.kind : entry.kind;
  place.links.back().kind = kind;
  visit({place, &entry, bytes, kind, &named.items, "", {}});
  for (const auto* reader : registry()) {
    if (depth > 20 || !evidence::reads(reader->card(), kind)) continue;
    evidence::View view;
    view.bytes = bytes;
    view.remaining = evidence::remaining({}, bytes.size());
    view.place = place;
    view.entry = entry;
    view.kind = kind;
    evidence::Recorder sink(bytes, UINT64_MAX, 4ull << 30);
    const auto result = reader->read(view, sink);
    visit({place, &entry, bytes, kind, &sink.items, reader->card().name, result});
    for (const auto& child : sink.children) walk(child.bytes, child.entry, place, visit, depth + 1);
  }
}

}  // namespace unpack
