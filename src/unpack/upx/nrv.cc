// See nrv.h.
#include "unpack/upx/nrv.h"

#include <zlib.h>

#include "unpack/stream.h"

namespace unpack::upx_format {
namespace {

using base::Trouble;

enum class Width { byte, half, word };

// Single bits out of little-endian words, and whole bytes between them.
class NrvBits {
 public:
  NrvBits(base::Bytes bytes, Width width) : bytes_(bytes), width_(width) {}
  bool ok() const { return ok_; }
  std::uint32_t bit() {
    if (left_ == 0) {
      const unsigned n = width_ == Width::byte ? 1 : width_ == Width::half ? 2 : 4;
      word_ = 0;
      for (unsigned i = 0; i < n; ++i) word_ |= static_cast<std::uint32_t>(byte()) << (8 * i);
      left_ = 8 * n;
    }
    return word_ >> --left_ & 1;
  }
  std::uint8_t byte() {
    if (at_ >= bytes_.size()) {
      ok_ = false;
      return 0;
    }
    return bytes_[at_++];
  }

 private:
  base::Bytes bytes_;
  Width width_;
  std::uint64_t at_ = 0;
  std::uint32_t word_ = 0;
  unsigned left_ = 0;
  bool ok_ = true;
};

class Nrv {
 public:
  Nrv(char variant, Width width, base::Bytes packed, std::uint64_t size) : variant_(variant), in_(packed, width), size_(size) {}

  base::Result<base::Buffer> run() {
    base::Buffer out;
    for (;;) {
      while (in_.bit()) {
        if (out.size() >= size_ || !in_.ok()) return damaged();
        out.push_back(in_.byte());
      }
      bool end = false;
      std::uint32_t length = offset(end);
      if (end) break;
      if (!in_.ok()) return damaged();
      length = lengthen(length);
      length += last_ > (variant_ == 'b' ? 0xD00u : 0x500u);
      if (!in_.ok() || last_ > out.size() || std::uint64_t{length} + 1 > size_ - out.size()) return damaged();
      for (std::uint64_t from = out.size() - last_, i = 0; i <= length; ++i) out.push_back(out[from + i]);
    }
    if (out.size() != size_) return damaged();
    return out;
  }

 private:
  static std::unexpected<base::Error> damaged() { return base::fail(Trouble::malformed, "a stream packed by NRV is damaged"); }

  // Reads a distance into last_; what it answers is the part of the length that came with it.
  std::uint32_t offset(bool& end) {
    std::uint32_t m = 1;
    if (variant_ == 'b') {
      do m = m * 2 + in_.bit();
      while (!in_.bit() && in_.ok() && m < (1u << 26));
    } else {
      while (in_.ok() && m < (1u << 26)) {
        m = m * 2 + in_.bit();
        if (in_.bit()) break;
        m = (m - 1) * 2 + in_.bit();
      }
    }
    if (m == 2) return variant_ == 'b' ? 0 : in_.bit();
    m = (m - 3) * 256 + in_.byte();
    end = m == UINT32_MAX;
    if (variant_ == 'b') {
      last_ = m + 1;
      return 0;
    }
    last_ = (m >> 1) + 1;
    return ~m & 1;
  }

  std::uint32_t grown(std::uint32_t n) {
    do n = n * 2 + in_.bit();
    while (!in_.bit() && in_.ok() && n < (1u << 28));
    return n;
  }

  std::uint32_t lengthen(std::uint32_t first) {
    if (variant_ == 'e') {
      if (first) return 1 + in_.bit();
      if (in_.bit()) return 3 + in_.bit();
      return grown(1) + 3;
    }
    std::uint32_t n = variant_ == 'b' ? in_.bit() : first;
    n = n * 2 + in_.bit();
    return n ? n : grown(1) + 2;
  }

  char variant_;
  NrvBits in_;
  std::uint64_t size_;
  std::uint32_t last_ = 1;
};

base::Result<base::Buffer> from_stream(base::Bytes packed, std::uint64_t size, stream::Decoded (*decode)(base::Bytes, const stream::Take&)) {
  base::Buffer out;
  const auto done = decode(packed, [&](base::Bytes b) -> base::Result<> {
    if (b.size() > size - out.size()) return base::fail(Trouble::malformed, "a packed block is larger than it says");
    out.insert(out.end(), b.begin(), b.end());
    return {};
  });
  if (!done.end) return std::unexpected(done.end.error());
  if (out.size() != size) return base::fail(Trouble::malformed, "a packed block is shorter than it says");
  return out;
}

// UPX writes two bytes of properties; the rest is LZMA without a head.
base::Result<base::Buffer> lzma(base::Bytes packed, std::uint64_t size) {
  if (packed.size() < 3) return base::fail(Trouble::truncated, "a packed block ends early");
  const unsigned pb = packed[0] & 7, lp = packed[1] >> 4, lc = packed[1] & 15;
  if (packed[0] >> 3 != lc + lp || pb > 4 || lp > 4 || lc > 8) return base::fail(Trouble::malformed, "the LZMA properties of a packed block are damaged");
  base::Buffer whole{static_cast<std::uint8_t>((pb * 5 + lp) * 9 + lc)};
  const auto dictionary = std::max<std::uint64_t>(size, 4096);
  for (int i = 0; i < 4; ++i) whole.push_back(static_cast<std::uint8_t>(dictionary >> (8 * i)));
  for (int i = 0; i < 8; ++i) whole.push_back(static_cast<std::uint8_t>(size >> (8 * i)));
  whole.insert(whole.end(), packed.begin() + 2, packed.end());
  return from_stream(whole, size, stream::lzma_alone);
}

std::uint32_t get(std::span<const std::uint8_t> b, bool big) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) out = out << 8 | b[big ? i : 3 - i];
  return out;
}
void put(std::span<std::uint8_t> b, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) b[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

// Calls and jumps of x86 whose target was written in big-endian order, counted from the start of the
// code, with the mark in its highest byte.
void x86(std::span<std::uint8_t> b, std::uint8_t mark, std::uint32_t base, bool calls, bool jumps, bool conditional) {
  std::size_t last = 0;
  for (std::size_t i = 0; i + 5 < b.size(); ++i) {
    const bool here = (calls && b[i] == 0xE8) || (jumps && b[i] == 0xE9) || (conditional && i > 0 && last != i && b[i - 1] == 0x0F && b[i] >= 0x80 && b[i] <= 0x8F);
    if (!here || b[i + 1] != mark) continue;
    const auto target = get(b.subspan(i + 1, 4), true) - (static_cast<std::uint32_t>(mark) << 24);
    put(b.subspan(i + 1, 4), target - static_cast<std::uint32_t>(i) - 1 - base);
    i += 4;
    last = i + 1;
  }
}

// Branches with link: 24 bits counted in words, made relative again.
void arm(std::span<std::uint8_t> b, std::uint32_t base) {
  for (std::size_t i = 0; i + 4 <= b.size(); i += 4) {
    if ((b[i + 3] & 0x0F) != 0x0B) continue;
    const auto word = get(b.subspan(i, 4), false);
    put(b.subspan(i, 4), (word & 0xFF000000) | ((word - static_cast<std::uint32_t>((i + base) / 4)) & 0xFFFFFF));
  }
}
void arm64(std::span<std::uint8_t> b, std::uint32_t base) {
  for (std::size_t i = 0; i + 4 <= b.size(); i += 4) {
    const auto word = get(b.subspan(i, 4), false);
    if ((word & 0x7C000000) != 0x14000000) continue;
    put(b.subspan(i, 4), (word & 0xFC000000) | ((word - static_cast<std::uint32_t>((i + base) / 4)) & 0x3FFFFFF));
  }
}

}  // namespace

base::Result<base::Buffer> unpack_block(unsigned method, base::Bytes packed, std::uint64_t size, evidence::Sink& sink) {
  if (size > std::min<std::uint64_t>(sink.room(), 256u << 20)) return base::fail(Trouble::limit, "a packed block of {} bytes", size);
  CHECK_OK(sink.spend(packed.size() + size));
  if (method >= 2 && method <= 10) {
    static constexpr Width widths[] = {Width::word, Width::byte, Width::half};
    return Nrv("bde"[(method - 2) / 3], widths[(method - 2) % 3], packed, size).run();
  }
  if (method == 14) return lzma(packed, size);
  if (method == 15) return from_stream(packed, size, stream::deflate);
  return base::fail(Trouble::unsupported, "packing method {}", method);
}

std::string_view method_name(unsigned method) {
  if (method >= 2 && method <= 4) return "NRV2B";
  if (method >= 5 && method <= 7) return "NRV2D";
  if (method >= 8 && method <= 10) return "NRV2E";
  return method == 14 ? "LZMA" : method == 15 ? "deflate" : "an unknown method";
}

bool unfilter(unsigned filter, std::uint8_t mark, std::span<std::uint8_t> bytes, std::uint32_t base) {
  switch (filter) {
    case 0: return true;
    case 0x24: case 0x44: x86(bytes, mark, base, true, false, false); return true;
    case 0x25: case 0x45: x86(bytes, mark, base, false, true, false); return true;
    case 0x26: case 0x46: x86(bytes, mark, base, true, true, false); return true;
    case 0x49: x86(bytes, mark, base, true, true, true); return true;
    case 0x50: arm(bytes, base); return true;
    case 0x52: arm64(bytes, base); return true;
    default: return false;
  }
}

std::uint32_t adler32_of(base::Bytes bytes) { return static_cast<std::uint32_t>(adler32_z(adler32_z(0, nullptr, 0), bytes.data(), bytes.size())); }

}  // namespace unpack::upx_format
