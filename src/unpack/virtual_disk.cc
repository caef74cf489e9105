// See virtual_disk.h.
#include "unpack/virtual_disk.h"

#include <algorithm>

#include "base/checked.h"
#include "unpack/member.h"

namespace unpack {
namespace {

constexpr std::size_t most_runs = 2'000'000;
constexpr std::size_t most_children = 4096;
constexpr std::uint64_t most_tail = 256u << 20;

base::Result<> give_zeros(Child& child, std::uint64_t size) {
  static const std::vector<std::uint8_t> zeros(1 << 16, 0);
  while (size) {
    const auto n = std::min<std::uint64_t>(size, zeros.size());
    CHECK_OK(child.give(base::Bytes(zeros).first(n)));
    size -= n;
  }
  return {};
}

}  // namespace

base::Result<> VirtualDisk::add(const DiskRun& run) {
  if (run.size == 0) return {};
  if (!runs_.empty()) {
    auto& last = runs_.back();
    if (!last.packed && !run.packed && last.disk + last.size == run.disk && last.offset + last.size == run.offset) {
      last.size += run.size;
      last.stored += run.stored;
      return {};
    }
  }
  if (runs_.size() >= most_runs) return base::fail(base::Trouble::limit, "a disk image of more than {} runs", most_runs);
  runs_.push_back(run);
  return {};
}

// At most `most` bytes of the run; what can't be read is given as zeros.
template <class Child>
base::Result<> VirtualDisk::put(Child& child, const DiskRun& run, std::uint64_t most) {
  const auto want = std::min(run.size, most);
  const auto stored = base::slice(view_.bytes, run.offset, run.stored);
  const auto range = stored.empty() ? base::Range{} : base::Range{run.offset, stored.size()};
  if (!run.packed) {
    ledger_.content(range, "disk content");
    CHECK_OK(child.give(base::slice(stored, 0, want)));
    if (stored.size() >= want) return {};
    if (!troubled_) state_trouble(sink_, "truncated", fmt::format("the disk at 0x{:x} is kept behind the end of the image", run.disk));
    troubled_ = true;
    return give_zeros(child, want - stored.size());
  }
  auto opened = open_(stored, run);
  if (!opened || opened->size() > run.size) {
    if (!opened && opened.error().trouble == base::Trouble::limit) return std::unexpected(opened.error());
    if (!troubled_) state_trouble(sink_, "malformed", fmt::format("the disk at 0x{:x}: {}", run.disk, opened ? "a packed piece is too large" : opened.error().what), range);
    troubled_ = true;
    ledger_.opaque(range, "damaged");
    return give_zeros(child, want);
  }
  ledger_.content(range, "disk content");
  CHECK_OK(child.give(base::slice(*opened, 0, want)));
  return give_zeros(child, want - std::min<std::uint64_t>(want, opened->size()));
}

base::Result<> VirtualDisk::give(artifact::Entry entry, std::uint64_t size) {
  std::ranges::stable_sort(runs_, {}, &DiskRun::disk);
  while (!runs_.empty() && runs_.back().disk >= size) {
    ledger_.opaque({runs_.back().offset, runs_.back().stored}, "damaged: behind the end of the disk");
    runs_.pop_back();
  }
  std::uint64_t end = 0;
  for (const auto& r : runs_) end = std::max(end, base::checked_add(r.disk, r.size).value_or(UINT64_MAX));
  end = std::min(end, size);
  if (size <= sink_.room() && size - end <= most_tail) end = size;
  if (end > sink_.room()) {
    state_trouble(sink_, "limit", fmt::format("a disk of {} bytes; what the image stores is given in pieces", size));
    return give_runs(entry, size);
  }
  if (end < size) {
    evidence::Item item;
    item.facet = evidence::Facet::property;
    item.word = "format";
    item.value = fmt::format("a disk of {} bytes, given up to its last stored byte", size);
    item.attributes = {{"given", std::to_string(end)}, {"size", std::to_string(size)}};
    sink_.state(std::move(item));
  }
  Child child(sink_, entry);
  CHECK_OK(child.begun());
  std::uint64_t made = 0;
  for (const auto& run : runs_) {
    CHECK_OK(sink_.spend(16));
    if (run.disk < made) {  // said twice
      ledger_.opaque({run.offset, run.stored}, "damaged");
      continue;
    }
    CHECK_OK(give_zeros(child, run.disk - made));
    CHECK_OK(put(child, run, end - run.disk));
    made = std::min(run.disk + run.size, end);
  }
  return give_zeros(child, end - made);
}

base::Result<> VirtualDisk::give_runs(const artifact::Entry& entry, std::uint64_t size) {
  std::ranges::stable_sort(runs_, {}, &DiskRun::disk);
  std::size_t children = 0;
  for (std::size_t i = 0; i < runs_.size();) {
    // The last child takes all that is left.
    const bool last = ++children >= most_children;
    auto next = i + 1;
    std::uint64_t whole = runs_[i].size;
    for (; next < runs_.size() && (last || runs_[next].disk == runs_[next - 1].disk + runs_[next - 1].size); ++next) whole += runs_[next].size;
    if (whole > sink_.room()) {
      state_trouble(sink_, "limit", fmt::format("a piece of the disk at 0x{:x} of {} bytes", runs_[i].disk, whole));
      for (; i < next; ++i) ledger_.opaque({runs_[i].offset, runs_[i].stored}, "limit");
      continue;
    }
    auto piece = entry;
    piece.name += fmt::format("{}@0x{:x}", last ? "-rest" : "", runs_[i].disk);
    Child child(sink_, piece);
    CHECK_OK(child.begun());
    for (; i < next; ++i) {
      CHECK_OK(sink_.spend(16));
      CHECK_OK(put(child, runs_[i], runs_[i].disk < size ? size - runs_[i].disk : 0));
    }
  }
  return {};
}

void VirtualDisk::label(evidence::Label label, std::string_view why) {
  for (const auto& r : runs_) ledger_.claim({r.offset, r.stored}, label, why);
}

void state_other_file(evidence::Sink& sink, std::string_view why, std::string name) {
  state_trouble(sink, "unsupported", fmt::format("{} {}, which is not inside", why, base::printable(name)));
  evidence::Item item;
  item.facet = evidence::Facet::reference;
  item.word = "needs";
  item.value = std::move(name);
  sink.state(std::move(item));
}

}  // namespace unpack
