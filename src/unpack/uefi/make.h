// For tests only: small sound firmware, byte by byte.
#pragma once

#include <string>

#include "unpack/uefi/guid.h"

namespace unpack::uefi_format {

inline std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}

/// 16 bytes of a GUID's text.
inline std::string guid(std::string_view text) {
  std::string hex;
  for (const char c : text)
    if (c != '-') hex += c;
  const auto byte = [&](std::size_t i) { return static_cast<char>(std::stoi(hex.substr(2 * i, 2), nullptr, 16)); };
  std::string out;
  for (const std::size_t i : {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15}) out += byte(i);
  return out;
}

inline std::string utf16(std::string_view text) {
  std::string out;
  for (const char c : text) out += {c, '\0'};
  return out + std::string(2, '\0');
}

inline std::string section(int type, const std::string& body) { return le(body.size() + 4, 3) + static_cast<char>(type) + body; }

inline std::string chained(std::initializer_list<std::string> sections) {
  std::string out;
  for (const auto& s : sections) {
    out.resize((out.size() + 3) / 4 * 4, '\0');
    out += s;
  }
  return out;
}

inline std::string guided(std::string_view id, const std::string& body, const std::string& head = {}) {
  return section(2, guid(id) + le(24 + head.size(), 2) + le(1, 2) + head + body);
}

inline std::string ffs_file(std::string_view id, int type, const std::string& body) {
  std::uint8_t data = 0;
  for (const char c : body) data = static_cast<std::uint8_t>(data + static_cast<std::uint8_t>(c));
  std::string head = guid(id) + std::string(2, '\0') + static_cast<char>(type) + '\x40' + le(24 + body.size(), 3) + '\0';
  head[16] = static_cast<char>(-sum8(base::bytes_of(head)));
  head[17] = static_cast<char>(-data);
  head[23] = static_cast<char>(0xF8);  // valid, where erased bits are ones
  return head + body;
}

inline std::string volume(const std::string& content, std::size_t size, std::string_view file_system = "8C8CE578-8A3D-4F1C-9935-896185C32DD3") {
  std::string head = std::string(16, '\0') + guid(file_system) + le(size, 8) + "_FVH" + le(0x800, 4) + le(0x48, 2) + le(0, 2) + le(0, 2) + '\0' + '\x02' + le(1, 4) + le(size, 4) + le(0, 8);
  const auto sum = static_cast<std::uint16_t>(-sum16(base::bytes_of(head)));
  head.replace(0x32, 2, le(sum, 2));
  auto out = head + content;
  out.resize(size, '\xFF');
  return out;
}

inline std::string files(std::initializer_list<std::string> all) {
  std::string out;
  for (const auto& f : all) {
    out.resize((out.size() + 7) / 8 * 8, '\xFF');
    out += f;
  }
  return out;
}

/// UEFI compression with literals only: 8 bits each, in blocks.
class TianoWriter {
 public:
  explicit TianoWriter(unsigned position_bits) : position_bits_(position_bits) {}
  std::string write(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); at += 30000) {
      const auto block = text.substr(at, 30000);
      put(static_cast<std::uint32_t>(block.size()), 16);
      put(0, 5), put(10, 5);  // one length in the code of lengths: 10, that is 8 bits
      put(256, 9);            // characters 0 to 255, 8 bits each
      put(0, position_bits_), put(0, position_bits_);
      for (const char c : block) put(static_cast<std::uint8_t>(c), 8);
    }
    put(0, 7);
    return le(out_.size(), 4) + le(text.size(), 4) + out_;
  }

 private:
  void put(std::uint32_t value, unsigned bits) {
    for (unsigned i = bits; i-- > 0;) {
      held_ = static_cast<std::uint8_t>(held_ << 1 | (value >> i & 1));
      if (++have_ == 8) out_ += static_cast<char>(held_), have_ = 0;
    }
  }
  std::string out_;
  unsigned position_bits_;
  std::uint8_t held_ = 0;
  unsigned have_ = 0;
};

}  // namespace unpack::uefi_format
