// See library.h.
#include "unpack/libtsk/library.h"

#include <algorithm>
#include <cstring>

#include "base/checked.h"
#include "unpack/disk/shares.h"

namespace unpack::libtsk_format {

constexpr std::uint64_t most_runs = 4u << 20;

namespace {

// The library casts the pointer that it was given, so its own part stands first.
struct Layout {
  TSK_IMG_INFO info;
  base::Bytes bytes;
};

ssize_t read_memory(TSK_IMG_INFO* image, TSK_OFF_T offset, char* to, std::size_t size) {
  if (offset < 0) return -1;
  const auto piece = base::slice(reinterpret_cast<const Layout*>(image)->bytes, static_cast<std::uint64_t>(offset), size);
  if (piece.empty() && size != 0) return -1;
  std::memcpy(to, piece.data(), piece.size());
  return static_cast<ssize_t>(piece.size());
}
void close_memory(TSK_IMG_INFO*) {}
void describe_memory(TSK_IMG_INFO*, FILE*) {}

}  // namespace

struct Image::Memory : Layout {};

Image::Image(base::Bytes bytes) : memory_(std::make_unique<Memory>()) {
  memory_->bytes = bytes;
  tsk_img_open_external(static_cast<Layout*>(memory_.get()), static_cast<TSK_OFF_T>(bytes.size()), 512, read_memory, close_memory, describe_memory);
}
Image::~Image() { tsk_img_close(&memory_->info); }
TSK_IMG_INFO* Image::get() const { return &memory_->info; }

std::string last_error() {
  const char* text = tsk_error_get();
  std::string out = text ? text : "no reason given";
  std::ranges::replace(out, '\n', ' ');
  tsk_error_reset();
  return out;
}

namespace {

struct Run {
  base::Range range;
  bool hole = false;
};

std::vector<Run> all_runs(const TSK_FS_INFO& fs, const TSK_FS_ATTR& attribute) {
  std::vector<Run> out;
  if (!(attribute.flags & TSK_FS_ATTR_NONRES)) return out;
  const std::uint64_t block = fs.block_size;
  for (const auto* run = attribute.nrd.run; run && out.size() < most_runs; run = run->next) {
    const auto size = base::checked_mul(run->len, block), at = base::checked_mul(run->addr, block);
    const bool hole = run->flags & (TSK_FS_ATTR_RUN_FLAG_SPARSE | TSK_FS_ATTR_RUN_FLAG_FILLER);
    if (!size || *size > 1ull << 60 || (!hole && (!at || *at > 1ull << 60))) break;
    out.push_back({{hole ? 0 : *at + static_cast<std::uint64_t>(fs.offset), *size}, hole});
    if (attribute.nrd.run_end == run) break;
  }
  return out;
}

}  // namespace

std::optional<std::vector<Extent>> extents_of(const TSK_FS_INFO& fs, const TSK_FS_ATTR& attribute) {
  if (!(attribute.flags & TSK_FS_ATTR_NONRES) || attribute.flags & (TSK_FS_ATTR_COMP | TSK_FS_ATTR_ENC) || attribute.nrd.skiplen) return std::nullopt;
  std::vector<Extent> out;
  const auto size = static_cast<std::uint64_t>(std::max<TSK_OFF_T>(0, attribute.size));
  // What stands behind the initialised size was never written by this file.
  auto left = attribute.nrd.initsize > 0 || attribute.size == 0 ? std::min(size, static_cast<std::uint64_t>(std::max<TSK_OFF_T>(0, attribute.nrd.initsize))) : 0;
  for (const auto& run : all_runs(fs, attribute)) {
    if (left == 0) break;
    const auto n = std::min(left, run.range.size);
    append(out, {run.range.offset, n, run.hole});
    left -= n;
  }
  if (left == 0) {
    std::uint64_t made = 0;
    for (const auto& e : out) made += e.size;
    append(out, {0, size - made, true});
  }
  return out;
}

std::vector<base::Range> runs_of(const TSK_FS_INFO& fs, const TSK_FS_ATTR& attribute) {
  std::vector<base::Range> out;
  for (const auto& run : all_runs(fs, attribute))
    if (!run.hole) out.push_back(run.range);
  return out;
}

}  // namespace unpack::libtsk_format
