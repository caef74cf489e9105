#include "parse/firmware/layout.h"

#include <array>

#include "base/sums.h"

namespace parse::firmware {
namespace {

constexpr std::array<std::string_view, 14> sum_names = {"CRC-32", "CRC-32", "CRC-32", "CRC-16", "md5", "sha1", "sha256", "sha384", "sha512", "sum", "sum", "sum", "Adler-32", "sum"};

// One sum over pieces that follow one another.
class Running {
 public:
  explicit Running(Sum sum) : sum_(sum), value_(sum == Sum::crc32_forward ? 0xFFFFFFFFu : sum == Sum::adler32 ? 1u : 0u) {}
  void add(base::Bytes b) {
    switch (sum_) {
      case Sum::crc32: case Sum::crc32_unfinished: value_ = base::crc32(b, value_); break;
      case Sum::crc32_forward: value_ = base::crc32_forward(b, value_); break;
      case Sum::crc16_xmodem: value_ = base::crc16_xmodem(b, static_cast<std::uint16_t>(value_)); break;
      case Sum::adler32: adler(b); break;
      case Sum::xor8:
        for (const auto c : b) value_ ^= c;
        break;
      default:
        for (const auto c : b) value_ += c;
    }
  }
  std::uint32_t value() const {
    switch (sum_) {
      case Sum::crc32_unfinished: return ~value_;
      case Sum::sum8: return value_ & 0xff;
      case Sum::sum16: return value_ & 0xffff;
      default: return value_;
    }
  }

 private:
  void adler(base::Bytes bytes) {
    std::uint32_t a = value_ & 0xffff, b = value_ >> 16;
    for (const auto c : bytes) {
      a = (a + c) % 65521;
      b = (b + a) % 65521;
    }
    value_ = b << 16 | a;
  }
  Sum sum_;
  std::uint32_t value_;
};

bool is_digest(Sum sum) { return sum == Sum::md5 || sum == Sum::sha1 || sum == Sum::sha256 || sum == Sum::sha384 || sum == Sum::sha512; }

}  // namespace

std::string_view name_of(Sum sum) { return sum_names[static_cast<std::size_t>(sum)]; }

base::Buffer to_bytes(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

base::Buffer compute(Sum sum, base::Bytes image, const std::vector<Piece>& over) {
  if (is_digest(sum)) {
    if (over.size() == 1 && over[0].instead < 0 && over[0].literal.empty()) return base::digest_by_name(name_of(sum), base::slice(image, over[0].range.offset, over[0].range.size)).value_or(base::Buffer{});
    base::Buffer all;
    for (const auto& piece : over) {
      const auto bytes = base::slice(image, piece.range.offset, piece.range.size);
      if (!piece.literal.empty()) all.insert(all.end(), piece.literal.begin(), piece.literal.end());
      else if (piece.instead < 0) all.insert(all.end(), bytes.begin(), bytes.end());
      else all.insert(all.end(), bytes.size(), static_cast<std::uint8_t>(piece.instead));
    }
    return base::digest_by_name(name_of(sum), all).value_or(base::Buffer{});
  }
  Running running(sum);
  for (const auto& piece : over) {
    const auto bytes = base::slice(image, piece.range.offset, piece.range.size);
    if (!piece.literal.empty()) running.add(piece.literal);
    else if (piece.instead < 0) running.add(bytes);
    else running.add(base::Buffer(bytes.size(), static_cast<std::uint8_t>(piece.instead)));
  }
  return to_bytes(running.value());
}

std::string field_text(base::Bytes field) {
  auto text = base::text_of(field);
  text = text.substr(0, text.find('\0'));
  while (!text.empty() && (text.back() == ' ' || text.back() == '\xff' || text.back() == '\n')) text.remove_suffix(1);
  return base::printable(text);
}

}  // namespace parse::firmware
