// See msi.h.
#include "unpack/ole/msi.h"

#include <algorithm>

#include "base/cursor.h"

namespace unpack::msi_format {
namespace {

using base::Trouble;

constexpr std::size_t most_msi_listing = 16u << 20;

struct Column {
  unsigned number = 0, type = 0;
  std::string name;
  bool text() const { return (type & 0x0800) && !object(); }
  bool object() const { return (type & 0x0FFF & ~0x0200u) == 0x0900; }  // a stream of its own, named by the row's key
};

class Pool {
 public:
  Pool(base::Bytes index, base::Bytes data) {
    base::Cursor at(index);
    at.skip(2);
    wide_ = at.u16() & 0x8000;
    base::Cursor text(data);
    strings_.emplace_back();
    while (at.left() >= 4) {
      std::uint64_t size = at.u16();
      const auto uses = at.u16();
      // A text of 64 KiB and more has the high part of its length where its uses would stand.
      if (size == 0 && uses) {
        size = std::uint64_t{uses} << 16 | at.u16();
        at.skip(2);
      }
      strings_.push_back(base::text_of(text.take(size)));
    }
  }
  unsigned width() const { return wide_ ? 3 : 2; }
  std::string_view at(std::uint32_t n) const { return n < strings_.size() ? strings_[n] : std::string_view{}; }

 private:
  bool wide_ = false;
  std::vector<std::string_view> strings_;
};

std::uint32_t cell(base::Bytes table, std::uint64_t at, unsigned width) {
  std::uint32_t value = 0;
  const auto raw = base::slice(table, at, width);
  for (std::size_t i = raw.size(); i-- > 0;) value = value << 8 | raw[i];
  return value;
}

// Tables stand column by column: all of the first, all of the second...
class Table {
 public:
  Table(base::Bytes bytes, std::vector<Column> columns, const Pool& pool) : bytes_(bytes), columns_(std::move(columns)), pool_(pool) {
    std::uint64_t row = 0;
    for (const auto& c : columns_) row += width(c);
    rows_ = row ? bytes_.size() / row : 0;
  }
  std::uint64_t rows() const { return rows_; }
  const std::vector<Column>& columns() const { return columns_; }
  std::string value(std::uint64_t row, std::size_t column) const {
    std::uint64_t start = 0;
    for (std::size_t i = 0; i < column; ++i) start += width(columns_[i]) * rows_;
    const auto& c = columns_[column];
    const auto raw = cell(bytes_, start + row * width(c), static_cast<unsigned>(width(c)));
    if (c.text()) return std::string(pool_.at(raw));
    if (c.object()) return raw ? "[stream]" : "";
    if (raw == 0) return {};
    return width(c) == 4 ? fmt::format("{}", static_cast<std::int64_t>(raw) - 0x80000000LL) : fmt::format("{}", static_cast<std::int32_t>(raw) - 0x8000);
  }

 private:
  std::uint64_t width(const Column& c) const { return c.text() ? pool_.width() : c.object() ? 2 : (c.type & 0xFF) == 4 ? 4 : 2; }
  base::Bytes bytes_;
  std::vector<Column> columns_;
  const Pool& pool_;
  std::uint64_t rows_ = 0;
};

std::map<std::string, std::vector<Column>> columns_of(base::Bytes bytes, const Pool& pool) {
  const Table all(bytes, {{1, 0x0D40, "Table"}, {2, 0x0502, "Number"}, {3, 0x0D40, "Name"}, {4, 0x0502, "Type"}}, pool);
  std::map<std::string, std::vector<Column>> out;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(all.rows(), 20'000); ++i) {
    const auto number = [&](std::size_t c) { return static_cast<unsigned>(std::atoi(all.value(i, c).c_str())); };
    out[all.value(i, 0)].push_back({number(1), number(3), all.value(i, 2)});
  }
  for (auto& [name, columns] : out) std::ranges::stable_sort(columns, {}, &Column::number);
  return out;
}

std::string one_line(std::string text) {
  for (auto& c : text)
    if (c == '\t' || c == '\r' || c == '\n') c = ' ';
  return text;
}

}  // namespace

bool Action::runs() const {
  const auto base = type & 0x3F;
  return base == 1 || base == 2 || base == 5 || base == 6 || base == 17 || base == 18 || base == 21 || base == 22 || base == 34 || base == 37 || base == 38 || base == 50 || base == 53 || base == 54;
}
std::string_view Action::inline_script() const { return (type & 0x3F) == 37 ? "js" : (type & 0x3F) == 38 ? "vbs" : ""; }

base::Result<Database> read_database(const std::map<std::string, base::Buffer>& streams) {
  const auto index = streams.find("!_StringPool"), data = streams.find("!_StringData"), list = streams.find("!_Columns");
  if (index == streams.end() || data == streams.end() || list == streams.end()) return base::fail(Trouble::malformed, "the package has no string pool");
  const Pool pool(index->second, data->second);
  Database out;
  for (const auto& [name, columns] : columns_of(list->second, pool)) {
    const auto stream = streams.find("!" + name);
    if (stream == streams.end() || columns.size() > 64) continue;
    const Table table(stream->second, columns, pool);
    out.listing += fmt::format("\n[{}]\n", name);
    for (const auto& c : columns) out.listing.append(c.name).append("\t");
    out.listing += '\n';
    for (std::uint64_t row = 0; row < table.rows() && out.listing.size() < most_msi_listing; ++row) {
      for (std::size_t c = 0; c < columns.size(); ++c) out.listing.append(one_line(table.value(row, c))).append("\t");
      out.listing += '\n';
      if (name == "CustomAction" && columns.size() >= 4)
        out.actions.push_back({table.value(row, 0), table.value(row, 2), table.value(row, 3), static_cast<unsigned>(std::atoi(table.value(row, 1).c_str()))});
    }
  }
  return out;
}

}  // namespace unpack::msi_format
