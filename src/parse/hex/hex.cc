// See hex.h.
#include "parse/hex/hex.h"

#include <array>

namespace parse::hex {
namespace {

int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

std::optional<std::uint64_t> number(std::string_view digits) {
  if (digits.empty() || digits.size() > 16) return std::nullopt;
  std::uint64_t out = 0;
  for (const char c : digits) {
    if (digit(c) < 0) return std::nullopt;
    out = out << 4 | static_cast<std::uint64_t>(digit(c));
  }
  return out;
}

std::optional<base::Buffer> bytes(std::string_view digits) {
  if (digits.size() % 2) return std::nullopt;
  base::Buffer out(digits.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit(digits[2 * i]), low = digit(digits[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return out;
}

std::uint8_t sum(base::Bytes b) {
  unsigned out = 0;
  for (const auto c : b) out += c;
  return static_cast<std::uint8_t>(out);
}

std::uint64_t big_endian(base::Bytes b) {
  std::uint64_t out = 0;
  for (const auto c : b) out = out << 8 | c;
  return out;
}

std::optional<Record> intel(std::string_view line) {
  if (line.size() < 11 || line.size() > 521 || line[0] != ':') return std::nullopt;
  const auto raw = bytes(line.substr(1));
  if (!raw || raw->size() != (*raw)[0] + 5u || (*raw)[3] > 5) return std::nullopt;
  Record out;
  const base::Bytes body = base::Bytes(*raw).subspan(4, (*raw)[0]);
  out.sum_is_right = sum(*raw) == 0;
  const auto type = (*raw)[3];
  if (type == 0) {
    out.role = Record::Role::data;
    out.address = big_endian(base::Bytes(*raw).subspan(1, 2));
    out.data.assign(body.begin(), body.end());
  } else if (type == 1) {
    out.role = Record::Role::end;
  } else if ((type == 2 || type == 4) && body.size() == 2) {
    out.role = Record::Role::base;
    out.address = big_endian(body) << (type == 2 ? 4 : 16);
  }
  return out;
}

std::optional<Record> motorola(std::string_view line) {
  if (line.size() < 8 || line.size() > 514 || line[0] != 'S' || line[1] < '0' || line[1] > '9') return std::nullopt;
  const auto raw = bytes(line.substr(2));
  if (!raw || raw->size() != (*raw)[0] + 1u) return std::nullopt;
  static constexpr std::array<std::uint8_t, 10> address_sizes = {2, 2, 3, 4, 0, 2, 3, 4, 3, 2};
  const auto type = static_cast<std::size_t>(line[1] - '0');
  const auto address = address_sizes[type];
  if (address == 0 || (*raw)[0] < address + 1u) return std::nullopt;
  Record out;
  out.sum_is_right = sum(*raw) == 0xff;
  out.address = big_endian(base::Bytes(*raw).subspan(1, address));
  out.data.assign(raw->begin() + 1 + address, raw->end() - 1);
  out.role = type == 0 ? Record::Role::header : type <= 3 ? Record::Role::data : type >= 7 ? Record::Role::end : Record::Role::other;
  return out;
}

// The sums of this form are of digits, not of bytes.
std::optional<Record> tektronix(std::string_view line) {
  if (line.size() < 9 || line.size() > 521 || line[0] != '/') return std::nullopt;
  const auto address = number(line.substr(1, 4)), count = number(line.substr(5, 2)), first = number(line.substr(7, 2).size() == 2 ? line.substr(7, 2) : "");
  const auto digits = [](std::string_view text) {
    unsigned out = 0;
    for (const char c : text) out += static_cast<unsigned>(digit(c));
    return out & 0xff;
  };
  if (!address || !count) return std::nullopt;
  Record out;
  out.address = *address;
  if (*count == 0) {
    out.role = Record::Role::end;
    out.sum_is_right = line.size() == 9 && first && *first == digits(line.substr(1, 6));
    return line.size() == 9 ? std::optional(out) : std::nullopt;
  }
  if (!first || line.size() != 11 + 2 * *count) return std::nullopt;
  const auto data = bytes(line.substr(9, 2 * *count));
  const auto second = number(line.substr(9 + 2 * *count, 2));
  if (!data || !second) return std::nullopt;
  out.role = Record::Role::data;
  out.sum_is_right = *first == digits(line.substr(1, 6)) && *second == digits(line.substr(9, 2 * *count));
  out.data = *data;
  return out;
}

int tektronix_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  if (c >= 'a' && c <= 'z') return c - 'a' + 40;
  return c == '$' ? 36 : c == '%' ? 37 : c == '.' ? 38 : c == '_' ? 39 : -1;
}

std::optional<Record> tektronix_extended(std::string_view line) {
  if (line.size() < 7 || line.size() > 256 || line[0] != '%') return std::nullopt;
  const auto size = number(line.substr(1, 2)), stated = number(line.substr(4, 2));
  if (!size || !stated || *size != line.size() - 1) return std::nullopt;
  unsigned sum = 0;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (i == 4 || i == 5) continue;
    const int value = tektronix_value(line[i]);
    if (value < 0) return std::nullopt;
    sum += static_cast<unsigned>(value);
  }
  Record out;
  out.sum_is_right = (sum & 0xff) == *stated;
  const char type = line[3];
  if (type == '3') return out;
  if (type != '6' && type != '8') return std::nullopt;
  const int length = digit(line[6]);
  if (length < 0) return std::nullopt;
  const auto digits = static_cast<std::size_t>(length ? length : 16);
  if (line.size() < 7 + digits) return std::nullopt;
  const auto address = number(line.substr(7, digits));
  if (!address) return std::nullopt;
  out.address = *address;
  if (type == '8') {
    out.role = Record::Role::end;
    return out;
  }
  auto data = bytes(line.substr(7 + digits));
  if (!data) return std::nullopt;
  out.role = Record::Role::data;
  out.data = std::move(*data);
  return out;
}

}  // namespace

std::string_view name_of(Form form) {
  switch (form) {
    case Form::intel: return "Intel HEX";
    case Form::motorola: return "Motorola S-records";
    case Form::tektronix: return "Tektronix hex";
    default: return "Tektronix extended hex";
  }
}
std::string_view kind_of(Form form) {
  switch (form) {
    case Form::intel: return "intel-hex";
    case Form::motorola: return "srec";
    default: return "tektronix-hex";
  }
}

std::optional<Record> read(Form form, std::string_view line) {
  switch (form) {
    case Form::intel: return intel(line);
    case Form::motorola: return motorola(line);
    case Form::tektronix: return tektronix(line);
    default: return tektronix_extended(line);
  }
}

std::optional<Form> form_of(base::Bytes bytes) {
  auto text = base::text_of(base::slice(bytes, 0, 4096));
  while (!text.empty() && (text[0] == '\r' || text[0] == '\n')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  const auto form = text[0] == ':' ? Form::intel : text[0] == 'S' ? Form::motorola : text[0] == '/' ? Form::tektronix : Form::tektronix_extended;
  int sound = 0, sums = 0;
  while (!text.empty() && sound < 8) {
    const auto end = text.find_first_of("\r\n");
    if (end == text.npos && bytes.size() > 4096) break;
    const auto line = text.substr(0, end);
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    if (line.empty()) continue;
    const auto record = read(form, line);
    if (!record) break;
    ++sound;
    sums += record->sum_is_right;
  }
  // One wrong sum is damage; lines that are no records may follow.
  if (sound >= 2 && sums >= sound - sound / 3 && sums >= 1) return form;
  return std::nullopt;
}

}  // namespace parse::hex
