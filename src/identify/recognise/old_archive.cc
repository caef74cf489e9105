// Archives and wrappings of former days, and of mail: ARJ, ZOO, SZDD, KWAJ, compiled help, BinHex,
// MacBinary, TNEF, Symbian packages, encoded texts, mail, RTF.
#include "identify/look.h"
#include "identify/recogniser.h"

#include <algorithm>

#include "base/checked.h"

namespace identify {
namespace {

using base::Bytes;

// The sum of the first header is checked: its size is a few dozen bytes.
bool is_arj(Bytes b) {
  if (b.size() < 38 || little16(b, 0) != 0xEA60) return false;
  const auto size = little16(b, 2);
  if (size < 30 || size > 2600 || !base::fits(4, size + 4u, b.size())) return false;
  std::uint32_t crc = 0xFFFFFFFF;
  for (const auto c : b.subspan(4, size)) {
    crc ^= c;
    for (int i = 0; i < 8; ++i) crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
  }
  return ~crc == little32(b, 4ull + size);
}

// 128 bytes with their own checksum (MacBinary II); sizes that fit.
bool is_macbinary(Bytes b) {
  if (b.size() < 129 || b[0] || b[74] || b[82] || b[1] == 0 || b[1] > 63) return false;
  const std::uint64_t data = big32(b, 83), resource = big32(b, 87);
  const auto padded = [](std::uint64_t n) { return (n + 127) / 128 * 128; };
  if (data + resource == 0 || 128 + padded(data) + resource > b.size() || 128 + padded(data) + padded(resource) + 65536 < b.size()) return false;
  std::uint32_t crc = 0;
  for (const auto c : b.first(124)) {
    crc ^= static_cast<std::uint32_t>(c) << 8;
    for (int i = 0; i < 8; ++i) crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
  }
  return (crc & 0xFFFF) == big16(b, 124);
}

bool is_zoo(Bytes b) {
  return b.size() > 42 && little32(b, 20) == 0xFDC4A7DC && little32(b, 24) + little32(b, 28) == 0;
}
bool is_chm(Bytes b) {
  return has(b, 0, "ITSF") && b.size() >= 0x60 && little32(b, 4) >= 2 && little32(b, 4) <= 4 && little32(b, 8) >= 0x58 && little32(b, 8) <= 0x200 && little32(b, 8) < b.size();
}
bool is_sis(Bytes b) {
  return b.size() > 100 && little32(b, 8) == 0x10000419 && (little32(b, 4) == 0x1000006D || little32(b, 4) == 0x10003A12) && little16(b, 18) >= 1 && little16(b, 18) <= 100;
}

bool is_field(std::string_view line, std::string_view name) {
  return line.size() > name.size() && line[name.size()] == ':' && lower(line.substr(0, name.size())) == name;
}
// At least three fields that mail has, one of them From or Received, before the first empty line.
bool is_mail(std::string_view text) {
  const bool box = text.starts_with("From ");
  unsigned hits = 0;
  bool origin = false;
  std::size_t at = 0;
  for (unsigned lines = 0; at < text.size() && lines < 200; ++lines) {
    const auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    at = end + 1;
    if (lines == 0 && box) continue;
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') continue;
    const auto colon = line.find(':');
    if (colon == 0 || colon == line.npos || line.substr(0, colon).find(' ') != line.npos) return false;
    for (const std::string_view name : {"from", "to", "subject", "date", "message-id", "mime-version", "received", "return-path", "content-type", "content-transfer-encoding", "delivered-to"})
      if (is_field(line, name)) {
        ++hits;
        origin = origin || name == "from" || name == "received";
      }
  }
  return origin && hits >= 3;
}

bool is_octal_mode(std::string_view line) {
  return line.size() > 10 && line.starts_with("begin ") && std::ranges::all_of(line.substr(6, 3), [](char c) { return c >= '0' && c <= '7'; }) && line[9] == ' ';
}
// A first line, and a second whose length is what its first letter says.
bool is_uuencoded(std::string_view text) {
  const auto start = text.starts_with("begin ") ? 0 : text.find("\nbegin ");
  if (start == text.npos) return false;
  const auto line = text.substr(start ? start + 1 : 0);
  if (line.starts_with("begin-base64 ")) return true;
  const auto end = line.find('\n');
  if (end == line.npos || !is_octal_mode(line.substr(0, end))) return false;
  const auto next = line.substr(end + 1);
  const auto size = next.empty() ? 0u : static_cast<unsigned>(next[0] - ' ') & 63;
  const auto stop = std::min(next.find_first_of("\r\n"), next.size());
  return size && stop + 4 >= 1 + (size + 2) / 3 * 4 && stop <= 3 + (size + 2) / 3 * 4;
}

class OldArchive final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {"old_archive",
                                        {"arj", "zoo", "szdd", "kwaj", "chm", "binhex", "macbinary", "tnef", "sis", "uuencode", "yenc", "mail", "rtf", "lrzip", "rzip", "zpaq"},
                                        {"arj", "zoo", "chm", "hqx", "sis", "eml", "mbox", "lrz", "rz", "zpaq"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (b.size() < 16) return std::nullopt;
    if (auto found = by_magic(b)) return found;
    if (is_macbinary(b)) return Identity{"macbinary", "MacBinary file", 48};
    return as_text(b);
  }

 private:
  static std::optional<Identity> by_magic(Bytes b) {
    if (is_arj(b)) return Identity{"arj", "ARJ archive", 64};
    if (is_zoo(b)) return Identity{"zoo", "ZOO archive", 64};
    if (has(b, 0, "SZDD\x88\xF0\x27\x33") && b[8] == 'A') return Identity{"szdd", "SZDD compressed file", 72};
    if (has(b, 0, "SZ \x88\xF0\x27\x33\xD1")) return Identity{"szdd", "SZDD compressed file of QBasic", 64};
    if (has(b, 0, "KWAJ\x88\xF0\x27\xD1") && little16(b, 8) <= 4) return Identity{"kwaj", "KWAJ compressed file", 72};
    if (is_chm(b)) return Identity{"chm", "compiled help", 56};
    if (is_sis(b)) return Identity{"sis", "Symbian package", 64};
    if (little32(b, 0) == 0x223E9F78 && (b[6] == 1 || b[6] == 2)) return Identity{"tnef", "TNEF message", 40};
    if (has(b, 0, "LRZI") && b[4] == 0 && b[5] < 16) return Identity{"lrzip", "lrzip", 44};
    if (has(b, 0, "RZIP") && b[4] == 2 && b[5] < 16) return Identity{"rzip", "rzip", 46};
    if (has(b, 0, "7kSt\xA0\x31\x83\xD3\x8C\xB2\x28\xB0\xD3") || (has(b, 0, "zPQ") && b[3] >= 1 && b[3] <= 2 && b[4] == 1)) return Identity{"zpaq", "ZPAQ archive", 48};
    return std::nullopt;
  }
  static std::optional<Identity> as_text(Bytes b) {
    const auto text = opening(b, 8192);
    if (text.starts_with("{\\rtf")) return Identity{"rtf", "RTF text", 40};
    if (text.find("(This file must be converted with BinHex") != text.npos && text.find(':') != text.npos) return Identity{"binhex", "BinHex 4.0 text", 31};
    if (text.starts_with("=ybegin ")) return Identity{"yenc", "yEnc text", 31};
    if (!is_text(b)) return std::nullopt;
    if (is_mail(text)) return Identity{"mail", text.starts_with("From ") ? "mailbox" : "mail message", 27};
    if (is_uuencoded(text)) return Identity{"uuencode", "uuencoded text", text.starts_with("begin") ? 30u : 20u};
    return std::nullopt;
  }
};

}  // namespace

const Recogniser& old_archive() {
  static const OldArchive one;
  return one;
}

}  // namespace identify
