// See ledger.h.
#include "unpack/ledger.h"

#include <algorithm>

#include "unpack/member.h"

namespace unpack {
namespace {

constexpr std::uint64_t least_run = 512;  // a constant run this long is padding of its own
constexpr std::uint64_t least_piece = 16, most_pieces = 4096;

std::uint64_t run_length(base::Bytes bytes) {
  const auto other = std::ranges::find_if(bytes, [first = bytes[0]](std::uint8_t b) { return b != first; });
  return static_cast<std::uint64_t>(other - bytes.begin());
}

}  // namespace

bool Ledger::claim(base::Range range, evidence::Label label, std::string_view why) {
  const std::uint64_t size = view_.bytes.size();
  if (range.size == 0) return true;
  if (range.offset >= size) return false;
  const bool whole = range.size <= size - range.offset;
  if (!whole) range.size = size - range.offset;
  sink_.label(range, label, why);
  if (!claimed_.empty() && claimed_.back().end() == range.offset) claimed_.back().size += range.size;
  else claimed_.push_back(range);
  return whole;
}

base::Result<> Ledger::give(const artifact::Entry& entry, std::span<const Extent> extents, std::uint64_t size) {
  static const std::vector<std::uint8_t> zeros(1 << 16, 0);
  if (size > sink_.room()) {
    state_trouble(sink_, "limit", fmt::format("{} says it holds {} bytes", entry.name, size));
    return {};
  }
  Child child(sink_, entry);
  CHECK_OK(child.begun());
  std::uint64_t left = size;
  for (const auto& e : extents) {
    auto want = std::min(e.size, left);
    if (want == 0) break;
    left -= want;
    if (e.hole) {
      for (; want; want -= std::min<std::uint64_t>(want, zeros.size())) CHECK_OK(child.give(base::Bytes(zeros).first(std::min<std::uint64_t>(want, zeros.size()))));
      continue;
    }
    const auto piece = base::slice(view_.bytes, e.offset, want);
    content({e.offset, piece.size()}, "file content");
    CHECK_OK(child.give(piece));
    if (piece.size() < want) {
      state_trouble(sink_, "truncated", fmt::format("{} ends outside the image", entry.name));
      return {};
    }
  }
  if (left) state_trouble(sink_, "truncated", fmt::format("{}: {} of {} bytes have no place in the image", entry.name, left, size));
  return {};
}

base::Result<> Ledger::close(std::uint64_t from, std::uint64_t end, std::string_view what) {
  std::ranges::sort(claimed_, {}, &base::Range::offset);
  end = std::min<std::uint64_t>(end, view_.bytes.size());
  auto at = from;
  for (const auto& c : claimed_) {
    if (c.offset >= end) break;
    if (c.offset > at) CHECK_OK(leftover({at, c.offset - at}, what));
    at = std::max(at, c.end());
  }
  if (at < end) CHECK_OK(leftover({at, end - at}, what));
  return {};
}

base::Result<> Ledger::leftover(base::Range range, std::string_view what) {
  CHECK_OK(sink_.spend(range.size));
  const auto bytes = base::slice(view_.bytes, range.offset, range.size);
  std::uint64_t start = 0;  // of the piece that is not constant
  for (std::uint64_t at = 0; at < bytes.size();) {
    const auto run = run_length(bytes.subspan(at));
    const bool edge = at == start || at + run == bytes.size();
    if (run >= least_run || (edge && run >= least_piece) || run == bytes.size()) {
      CHECK_OK(hand_on({range.offset + start, at - start}, what));
      sink_.label({range.offset + at, run}, evidence::Label::padding, fmt::format("{} of 0x{:02x}", what, bytes[at]));
      start = at + run;
    }
    at += run;
  }
  return hand_on({range.offset + start, bytes.size() - start}, what);
}

base::Result<> Ledger::hand_on(base::Range range, std::string_view what) {
  if (range.size == 0) return {};
  if (range.size < least_piece || pieces_ >= most_pieces) {
    sink_.label(range, evidence::Label::scanned, what);
    return {};
  }
  ++pieces_;
  sink_.label(range, evidence::Label::handed_on, what);
  artifact::Entry entry;
  entry.name = fmt::format("{}@0x{:x}", what, range.offset);
  entry.origin = artifact::Origin::hidden;
  return sink_.child(entry, base::slice(view_.bytes, range.offset, range.size));
}

}  // namespace unpack
