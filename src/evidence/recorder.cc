#include "evidence/recorder.h"

namespace evidence {

void bound(Item& item, base::Bytes bytes) {
  if (item.value.size() > most_value) item.value.resize(most_value);
  if (item.excerpt.empty() && item.range.size)
    item.excerpt = std::string(base::text_of(base::slice(bytes, item.range.offset, std::min<std::uint64_t>(item.range.size, most_excerpt))));
  if (item.excerpt.size() > most_excerpt) item.excerpt.resize(most_excerpt);
}

void Recorder::state(Item item) {
  bound(item, bytes_);
  items.push_back(std::move(item));
}

base::Result<> Recorder::begin_child(const artifact::Entry& entry) {
  children.push_back({entry, {}});
  return {};
}

base::Result<> Recorder::child_bytes(base::Bytes bytes) {
  if (bytes.size() > child_left_) return base::fail(base::Trouble::limit, "more than the allowed bytes were unpacked");
  child_left_ -= bytes.size();
  auto& to = children.back().bytes;
  to.insert(to.end(), bytes.begin(), bytes.end());
  return {};
}

base::Result<> Recorder::spend(std::uint64_t steps) {
  if (steps > steps_left_) return base::fail(base::Trouble::limit, "the step budget is used up");
  steps_left_ -= steps;
  return {};
}

std::vector<Item> Recorder::all(Facet facet, std::string_view word) const {
  std::vector<Item> out;
  for (const auto& i : items)
    if (i.facet == facet && (word.empty() || i.word == word)) out.push_back(i);
  return out;
}

bool Recorder::has(Facet facet, std::string_view word, std::string_view value) const {
  for (const auto& i : all(facet, word))
    if (value.empty() || i.value == value) return true;
  return false;
}

const Child* Recorder::child_named(std::string_view name) const {
  for (const auto& c : children)
    if (c.entry.name == name) return &c;
  return nullptr;
}

Reading read_alone(const Reader& reader, base::Bytes bytes, std::string_view kind, std::string_view name, std::vector<artifact::Link> containers) {
  View view;
  view.bytes = bytes;
  view.kind = kind;
  view.entry.name = name;
  view.remaining = remaining({}, bytes.size());
  view.place.links = std::move(containers);
  view.place.links.push_back({std::string(name), std::string(kind), artifact::Origin::member});
  Reading out{Recorder(bytes), {}};
  out.result = reader.read(view, out.sink);
  return out;
}

}  // namespace evidence
