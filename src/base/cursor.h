// The bounded cursor: the one way in which parsers read hostile bytes.
// Reads past the end never touch memory: they return zero or an empty span and set a sticky
// failure, so that a header can be read field by field and checked once with status().
// Offsets are relative to the bytes given. Not thread-safe; lives no longer than its bytes.
#pragma once

#include <bit>
#include <cstring>
#include <type_traits>

#include "base/bytes.h"
#include "base/result.h"

namespace base {

class Cursor {
 public:
  explicit Cursor(Bytes bytes, std::endian endian = std::endian::little) : bytes_(bytes), endian_(endian) {}

  std::uint64_t position() const { return position_; }
  std::uint64_t size() const { return bytes_.size(); }
  std::uint64_t left() const { return bytes_.size() - position_; }
  bool at_end() const { return left() == 0; }
  bool ok() const { return !failed_; }
  void set_endian(std::endian endian) { endian_ = endian; }

  /// An error (truncated) if any read or move so far went past the end.
  Result<> status(std::string_view what) const {
    if (failed_) return fail(Trouble::truncated, "{} ends at byte {} of its data", what, bytes_.size());
    return {};
  }

  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint16_t u16() { return number<std::uint16_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  /// 8 bytes where `wide`, else 4: ELF and Mach-O words.
  std::uint64_t word(bool wide) { return wide ? u64() : u32(); }

  /// The next n bytes; empty and failed when fewer are left.
  Bytes take(std::uint64_t n) {
    if (n > left()) {
      failed_ = true;
      return {};
    }
    const auto out = bytes_.subspan(position_, n);
    position_ += n;
    return out;
  }
  void skip(std::uint64_t n) { (void)take(n); }
  void seek(std::uint64_t offset) {
    if (offset > bytes_.size()) failed_ = true;
    else position_ = offset;
  }
  /// Moves forward to the next multiple of `alignment` (a power of two) counted from the start.
  void align(std::uint64_t alignment) {
    const auto rest = position_ & (alignment - 1);
    if (rest) skip(alignment - rest);
  }
  /// Text up to a NUL, which is consumed; failed when there is none within `most` bytes.
  std::string_view c_string(std::uint64_t most = 65536) {
    const auto window = slice(bytes_, position_, most);
    const auto* nul = static_cast<const std::uint8_t*>(window.empty() ? nullptr : std::memchr(window.data(), 0, window.size()));
    if (!nul) {
      failed_ = true;
      return {};
    }
    const auto length = static_cast<std::uint64_t>(nul - window.data());
    const auto out = text_of(window.first(length));
    position_ += length + 1;
    return out;
  }

 private:
  template <class T>
  T number() {
    const auto raw = take(sizeof(T));
    if (raw.size() != sizeof(T)) return 0;
    T value = 0;
    if (endian_ == std::endian::little)
      for (std::size_t i = sizeof(T); i-- > 0;) value = static_cast<T>((static_cast<std::uint64_t>(value) << 8) | raw[i]);
    else
      for (const auto b : raw) value = static_cast<T>((static_cast<std::uint64_t>(value) << 8) | b);
    return value;
  }

  Bytes bytes_;
  std::uint64_t position_ = 0;
  std::endian endian_;
  bool failed_ = false;
};

}  // namespace base
