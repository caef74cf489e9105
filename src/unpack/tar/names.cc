// See names.h.
#include "unpack/tar/names.h"

#include <algorithm>

namespace unpack::tar_format {

base::Result<> NameScan::feed(base::Bytes bytes) {
  while (!bytes.empty() && !ended_) {
    if (skip_) {
      const auto n = std::min<std::uint64_t>(skip_, bytes.size());
      skip_ -= n;
      at_ += n;
      bytes = bytes.subspan(n);
      continue;
    }
    const auto n = std::min<std::uint64_t>(wanted_ - held_.size(), bytes.size());
    held_.insert(held_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
    at_ += n;
    bytes = bytes.subspan(n);
    if (held_.size() < wanted_) return {};
    auto done = extended_type_ ? extended_header() : header();
    held_.clear();
    if (!done) return done;
  }
  return {};
}

base::Result<> NameScan::header() {
  if (is_end_block(held_)) {
    ended_ = true;
    return {};
  }
  if (!checksum_holds(held_)) return base::fail(base::Trouble::malformed, "a tar header's checksum is wrong, at byte {}", at_ - 512);
  auto m = TRY(read_block(held_));
  const auto padded = [](std::uint64_t n) { return (n + 511) / 512 * 512; };
  if (m.type == 'L' || m.type == 'K' || m.type == 'x' || m.type == 'X' || m.type == 'g') {
    if (m.size > (1u << 20)) return base::fail(base::Trouble::limit, "an extended tar header of {} bytes", m.size);
    if (m.size == 0) return {};
    extended_type_ = m.type;
    extended_size_ = m.size;
    wanted_ = padded(m.size);
    return {};
  }
  apply(pending_, m);
  pending_ = {};
  if (m.size >> 60) return base::fail(base::Trouble::malformed, "a tar member of {} bytes", m.size);
  skip_ = m.entry.nature == artifact::Nature::file ? padded(m.size) : 0;
  return see_(m, at_);
}

base::Result<> NameScan::extended_header() {
  const auto content = base::slice(held_, 0, extended_size_);
  const auto text = base::text_of(content);
  const auto type = extended_type_;
  extended_type_ = 0;
  wanted_ = 512;
  if (type == 'L') pending_.path = std::string(text.substr(0, text.find('\0')));
  else if (type == 'K') pending_.link = std::string(text.substr(0, text.find('\0')));
  else if (type != 'g') return read_pax(content, pending_);
  return {};
}

}  // namespace unpack::tar_format
