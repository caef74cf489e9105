#include "gate/apt/deb822.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"

namespace gate {
namespace {

using base::Trouble;

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return small(x) == small(y); });
}
bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
std::string_view trimmed(std::string_view text) {
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// The next line without its newline; `text` moves past it.
std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

}  // namespace

const Field* Stanza::find(std::string_view name) const {
  for (const auto& f : fields)
    if (same(f.name, name)) return &f;
  return nullptr;
}

std::string_view Stanza::text(std::string_view name) const {
  const auto* f = find(name);
  return f ? f->value : std::string_view{};
}

bool Stanza::ambiguous() const {
  for (std::size_t i = 0; i < fields.size(); ++i)
    for (std::size_t k = i + 1; k < fields.size(); ++k)
      if (same(fields[i].name, fields[k].name)) return true;
  return false;
}

base::Result<std::vector<Stanza>> read_deb822(std::string_view text) {
  if (text.find('\0') != text.npos) return base::fail(Trouble::malformed, "a NUL byte stands in control data");
  std::vector<Stanza> out;
  Stanza now;
  const char* from = text.data();
  std::size_t number = 0;
  const auto close = [&](const char* to) {
    if (!now.fields.empty()) {
      now.raw = {from, static_cast<std::size_t>(to - from)};
      out.push_back(std::move(now));
      now = {};
    }
  };
  while (!text.empty()) {
    const char* line_from = text.data();
    const auto line = next_line(text);
    ++number;
    if (trimmed(line).empty()) {
      close(line_from);
      from = text.data();
      continue;
    }
    if (out.size() >= most_stanzas) return base::fail(Trouble::limit, "there are more than {} stanzas", most_stanzas);
    if (line.front() == '#' && now.fields.empty()) {   // a comment between stanzas
      from = text.data();
      continue;
    }
    if (line.front() == ' ' || line.front() == '\t') {
      if (now.fields.empty()) return base::fail(Trouble::malformed, "line {} goes on with a field that was not begun", number);
      auto& value = now.fields.back().value;
      value = {value.data(), static_cast<std::size_t>(line.data() + line.size() - value.data())};
      continue;
    }
    const auto colon = line.find(':');
    if (colon == line.npos || colon == 0) return base::fail(Trouble::malformed, "line {} is no field", number);
    const auto name = line.substr(0, colon);
    if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c <= ' ' || c >= 0x7F; })) return base::fail(Trouble::malformed, "line {} is no field", number);
    if (now.fields.size() >= most_fields) return base::fail(Trouble::limit, "a stanza has more than {} fields", most_fields);
    now.fields.push_back({name, line.substr(colon + 1)});
  }
  close(text.data());
  for (auto& stanza : out)
    for (auto& f : stanza.fields) f.value = trimmed(f.value);
  return out;
}

base::Result<std::vector<ListedFile>> read_file_list(std::string_view value) {
  std::vector<ListedFile> out;
  while (!value.empty()) {
    auto line = trimmed(next_line(value));
    if (line.empty()) continue;
    const auto word = [&line] {
      const auto end = std::min(line.find_first_of(" \t"), line.size());
      const auto one = line.substr(0, end);
      line = trimmed(line.substr(end));
      return one;
    };
    ListedFile file;
    file.digest = word();
    const auto size = word();
    file.path = line;
    const auto [end, wrong] = std::from_chars(size.data(), size.data() + size.size(), file.size);
    if (wrong != std::errc{} || end != size.data() + size.size() || file.path.empty()) return base::fail(Trouble::malformed, "a list of files has a line that names none");
    if (out.size() >= most_stanzas) return base::fail(Trouble::limit, "a list names more than {} files", most_stanzas);
    out.push_back(file);
  }
  return out;
}

base::Result<std::string> without_signature(std::string_view text) {
  if (!text.starts_with("-----BEGIN PGP SIGNED MESSAGE-----")) return std::string(text);
  (void)next_line(text);
  while (!text.empty() && !trimmed(next_line(text)).empty()) {}   // armor headers
  std::string out;
  while (!text.empty()) {
    auto line = next_line(text);
    if (line.starts_with("-----BEGIN PGP SIGNATURE-----")) return out;
    if (line.starts_with("- ")) line.remove_prefix(2);
    while (!line.empty() && blank(line.back())) line.remove_suffix(1);
    out.append(line).append("\n");
  }
  return base::fail(Trouble::truncated, "a clear-signed message has no signature at its end");
}

}  // namespace gate
