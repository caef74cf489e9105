#include "vet/remainder.h"

#include <algorithm>

namespace vet {
namespace {

constexpr std::size_t between = 16;

}  // namespace

Remainder::Remainder(const evidence::View& whole) {
  std::uint64_t size = 0;
  for (const auto& r : whole.remaining) size += r.size + between;
  bytes_.reserve(size);
  for (const auto& r : whole.remaining) {
    const auto part = base::slice(whole.bytes, r.offset, r.size);
    if (!bytes_.empty()) bytes_.insert(bytes_.end(), between, 0);
    parts_.push_back({bytes_.size(), r});
    bytes_.insert(bytes_.end(), part.begin(), part.end());
  }
  view_.bytes = bytes_;
  view_.place = whole.place;
  view_.entry = whole.entry;
  view_.kind = whole.kind;
  view_.remaining = evidence::remaining({}, bytes_.size());
}

void RemainderSink::state(evidence::Item item) {
  // The part that holds the range's start, or else the first one it reaches.
  base::Range inside;
  for (auto part = std::ranges::upper_bound(remainder_.parts(), item.range.offset, {}, &Remainder::Part::joined); true; ++part) {
    if (part == remainder_.parts().begin()) {
      if (remainder_.parts().empty()) break;
      continue;
    }
    const auto& p = *std::prev(part);
    const auto from = std::max(item.range.offset, p.joined);
    const auto to = std::min(item.range.end(), p.joined + p.range.size);
    if (from <= to && (from < to || item.range.size == 0)) {
      inside = {p.range.offset + (from - p.joined), to - from};
      break;
    }
    if (part == remainder_.parts().end()) break;
  }
  if (item.excerpt.empty() && item.range.size)
    item.excerpt = std::string(base::text_of(base::slice(remainder_.view().bytes, item.range.offset, std::min<std::uint64_t>(item.range.size, evidence::most_excerpt))));
  item.range = inside;
  to_.state(std::move(item));
}

void RemainderSink::label(base::Range range, evidence::Label label, std::string_view why) {
  auto part = std::ranges::upper_bound(remainder_.parts(), range.offset, {}, &Remainder::Part::joined);
  if (part != remainder_.parts().begin()) --part;
  for (; part != remainder_.parts().end() && part->joined < range.end(); ++part) {
    const auto from = std::max(range.offset, part->joined);
    const auto to = std::min(range.end(), part->joined + part->range.size);
    if (from < to) to_.label({part->range.offset + (from - part->joined), to - from}, label, why);
  }
}

}  // namespace vet
