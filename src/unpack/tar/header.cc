// See header.h.
#include "unpack/tar/header.h"

#include <charconv>

#include "unpack/member.h"

namespace unpack::tar_format {

using base::Bytes;
using base::Trouble;

std::optional<std::uint64_t> number(Bytes field) {
  if (field.empty()) return 0;
  if (field[0] & 0x80) {
    if (field[0] == 0xff) return std::nullopt;  // negative
    std::uint64_t out = field[0] & 0x7f;
    for (std::size_t i = 1; i < field.size(); ++i) {
      if (out >> 56) return std::nullopt;
      out = out << 8 | field[i];
    }
    return out;
  }
  std::size_t i = 0;
  while (i < field.size() && field[i] == ' ') ++i;
  std::uint64_t out = 0;
  for (; i < field.size() && field[i] != 0 && field[i] != ' '; ++i) {
    if (field[i] < '0' || field[i] > '7' || out >> 61) return std::nullopt;
    out = out << 3 | (field[i] - '0');
  }
  return out;
}

bool checksum_holds(Bytes block) {
  if (block.size() < 512) return false;
  const auto stated = number(block.subspan(148, 8));
  if (!stated) return false;
  std::uint64_t plain = 0;
  std::int64_t with_sign = 0;
  for (std::size_t i = 0; i < 512; ++i) {
    const std::uint8_t c = i >= 148 && i < 156 ? ' ' : block[i];
    plain += c;
    with_sign += static_cast<std::int8_t>(c);
  }
  return plain == *stated || with_sign == static_cast<std::int64_t>(*stated);
}

bool is_end_block(Bytes block) { return block.size() >= 512 && all_zero(block.first(512)); }

namespace {

std::string text_field(Bytes field) {
  const auto text = base::text_of(field);
  return std::string(text.substr(0, text.find('\0')));
}

artifact::Nature nature_of(char type, std::string_view name) {
  using enum artifact::Nature;
  switch (type) {
    case '1': return hardlink;
    case '2': return symlink;
    case '3': case '4': return device;
    case '5': case 'D': return directory;
    case '6': return fifo;
    case 0: return name.ends_with('/') ? directory : file;
    default: return file;
  }
}

}  // namespace

base::Result<Member> read_block(Bytes b) {
  Member m;
  m.type = static_cast<char>(b[156]);
  const auto size = number(b.subspan(124, 12));
  if (!size) return base::fail(Trouble::malformed, "a tar member's size is no number");
  m.size = *size;
  m.entry.name = text_field(b.first(100));
  m.entry.mode = static_cast<std::uint32_t>(number(b.subspan(100, 8)).value_or(0) & 07777);
  m.entry.uid = number(b.subspan(108, 8)).value_or(0);
  m.entry.gid = number(b.subspan(116, 8)).value_or(0);
  m.entry.link = text_field(b.subspan(157, 100));
  const auto magic = base::text_of(b.subspan(257, 8));
  if (magic.starts_with(std::string_view("ustar\0", 6)) && b[345]) m.entry.name = text_field(b.subspan(345, 155)) + "/" + m.entry.name;
  if (m.type == 'S') {
    m.sparse = true;
    m.real_size = number(b.subspan(483, 12)).value_or(0);
    for (int i = 0; i < 4; ++i) {
      const auto offset = number(b.subspan(386 + 24 * i, 12)), run = number(b.subspan(386 + 24 * i + 12, 12));
      if (!offset || !run) return base::fail(Trouble::malformed, "a sparse map holds no number");
      if (*run || *offset) m.map.push_back({*offset, *run});
    }
    m.old_gnu_sparse = b[482] != 0;
  }
  m.entry.nature = nature_of(m.type, m.entry.name);
  return m;
}

namespace {

std::optional<std::uint64_t> decimal(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || text.empty()) return std::nullopt;
  if (end != text.data() + text.size() && *end != '.') return std::nullopt;
  return out;
}

base::Result<> read_record(std::string_view key, std::string_view value, Extended& into) {
  const auto numeric = [&](std::optional<std::uint64_t>& to) -> base::Result<> {
    to = decimal(value);
    if (!to) return base::fail(Trouble::malformed, "the pax record {} is no number", base::printable(key));
    return {};
  };
  if (key == "path" || key == "GNU.sparse.name") into.path = value;
  else if (key == "linkpath") into.link = value;
  else if (key == "size") return numeric(into.size);
  else if (key == "uid") return numeric(into.uid);
  else if (key == "gid") return numeric(into.gid);
  else if (key == "GNU.sparse.realsize" || key == "GNU.sparse.size") into.sparse = true, into.real_size = decimal(value).value_or(0);
  else if (key == "GNU.sparse.major") into.sparse = into.sparse_map_inside = value == "1";
  else if (key == "GNU.sparse.offset") {
    if (into.map.size() >= most_runs) return base::fail(Trouble::limit, "a sparse file of more than {} runs", most_runs);
    into.map.push_back({decimal(value).value_or(0), 0});
  } else if (key == "GNU.sparse.numbytes") {
    if (!into.map.empty()) into.map.back().size = decimal(value).value_or(0);
  } else if (key == "GNU.sparse.map") {
    std::vector<std::uint64_t> numbers;
    while (!value.empty() && numbers.size() < 2 * most_runs) {
      const auto comma = value.find(',');
      const auto n = decimal(value.substr(0, comma));
      if (!n) return base::fail(Trouble::malformed, "a sparse map holds no number");
      numbers.push_back(*n);
      value = comma == value.npos ? std::string_view{} : value.substr(comma + 1);
    }
    for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) into.map.push_back({numbers[i], numbers[i + 1]});
  }
  return {};
}

}  // namespace

base::Result<> read_pax(Bytes records, Extended& into) {
  auto text = base::text_of(records);
  while (!text.empty() && text[0] != 0) {
    const auto space = text.find(' ');
    const auto length = space == text.npos || space > 20 ? std::nullopt : decimal(text.substr(0, space));
    if (!length || *length <= space + 1 || *length > text.size()) return base::fail(Trouble::malformed, "a pax record's length is wrong");
    auto record = text.substr(space + 1, *length - space - 1);
    text.remove_prefix(*length);
    if (!record.empty() && record.back() == '\n') record.remove_suffix(1);
    const auto equals = record.find('=');
    if (equals == record.npos) return base::fail(Trouble::malformed, "a pax record has no value");
    CHECK_OK(read_record(record.substr(0, equals), record.substr(equals + 1), into));
  }
  return {};
}

void apply(const Extended& e, Member& m) {
  if (e.path) m.entry.name = *e.path;
  if (e.link) m.entry.link = *e.link;
  if (e.size) m.size = *e.size;
  if (e.uid) m.entry.uid = *e.uid;
  if (e.gid) m.entry.gid = *e.gid;
  if (e.sparse) {
    m.sparse = true;
    m.real_size = e.real_size;
    m.map = e.map;
  }
}

base::Result<std::uint64_t> read_sparse_map(Bytes content, std::vector<Hole>& map) {
  auto text = base::text_of(content);
  const auto whole = text.size();
  const auto next = [&]() -> std::optional<std::uint64_t> {
    const auto line = text.substr(0, std::min<std::size_t>(text.find('\n'), 24));
    const auto n = decimal(line);
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return n;
  };
  const auto count = next();
  if (!count || *count > most_runs) return base::fail(Trouble::malformed, "a sparse map's count is wrong");
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto offset = next(), size = next();
    if (!offset || !size) return base::fail(Trouble::malformed, "a sparse map ends early");
    map.push_back({*offset, *size});
  }
  const std::uint64_t used = whole - text.size();
  return std::min<std::uint64_t>((used + 511) / 512 * 512, whole);
}

}  // namespace unpack::tar_format
