#include "evidence/dossier.h"

#include <algorithm>
#include <tuple>

namespace evidence {
namespace {

auto key(const Item& i) {
  return std::tie(i.facet, i.word, i.value, i.range.offset, i.range.size, i.unit, i.examiner, i.attributes, i.confidence, i.secret);
}

}  // namespace

void settle(Dossier& dossier, std::size_t most) {
  auto& items = dossier.items;
  std::ranges::stable_sort(items, [](const Item& a, const Item& b) { return key(a) < key(b); });
  std::vector<Item> out;
  std::size_t run = 0, dropped = 0;
  std::vector<Item> notes;
  const auto close = [&](const Item& last) {
    if (dropped == 0) return;
    Item note;
    note.facet = Facet::trouble;
    note.word = "limit";
    note.value = std::string(name_of(last.facet)) + ":" + last.word;
    note.examiner = last.examiner;
    note.attributes["dropped"] = std::to_string(dropped);
    notes.push_back(std::move(note));
    dossier.complete = false;
  };
  for (auto& item : items) {
    if (!out.empty() && key(out.back()) == key(item)) {
      out.back().count += item.count;
      continue;
    }
    if (!out.empty() && (out.back().facet != item.facet || out.back().word != item.word)) {
      close(out.back());
      run = dropped = 0;
    }
    if (item.facet != Facet::trouble && ++run > most) {
      ++dropped;
      continue;
    }
    out.push_back(std::move(item));
  }
  if (!out.empty()) close(out.back());
  out.insert(out.end(), notes.begin(), notes.end());
  items = std::move(out);
}

}  // namespace evidence
