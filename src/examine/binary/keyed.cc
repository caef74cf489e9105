// Command lines and addresses that a small program keeps exclusive-ored with a repeated key which it
// keeps too. Every short text of the program is tried as a key against what such texts start with.
// Not tried: keys that are computed, single bytes (examine/concealment), other ciphers.
#include <algorithm>

#include "examine/binary/part.h"

namespace examine::binary_part {

using evidence::Facet;

namespace {

constexpr std::size_t most_data = 32u << 10, most_keys = 32, most_found = 8;
constexpr std::string_view starts[] = {"http://", "https://", "/bin/sh", "/bin/bash", "curl -", "wget -", "nc -e "};

bool printable(std::uint8_t b) { return b >= 0x20 && b < 0x7f; }

/// Texts of 3 to 32 characters between NULs.
std::vector<std::string_view> keys_in(base::Bytes data) {
  std::vector<std::string_view> out;
  const auto text = base::text_of(data);
  for (std::size_t at = 0; at < data.size() && out.size() < most_keys;) {
    auto end = at;
    while (end < data.size() && printable(data[end])) ++end;
    if (end - at >= 3 && end - at <= 32 && end < data.size() && data[end] == 0) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// Zero bytes give the key back, and like texts give almost zero: neither hides anything.
bool is_key_itself(base::Bytes hidden, std::string_view key) {
  if (std::ranges::count(hidden, 0) > 1) return true;
  return std::ranges::any_of(starts, [&](std::string_view s) { return key.find(s.substr(0, 4)) != std::string_view::npos || key.find(s.substr(s.size() - 4)) != std::string_view::npos; });
}

/// The whole text around a place where `key`, from `phase` on, gives readable characters.
std::string readable(base::Bytes data, std::size_t at, std::string_view key, std::size_t phase) {
  const auto byte = [&](std::size_t i, std::size_t k) { return static_cast<std::uint8_t>(data[i] ^ static_cast<std::uint8_t>(key[k])); };
  std::size_t begin = at, k = phase;
  while (begin > 1 && at - begin < 200 && (data[begin - 1] != 0 || data[begin - 2] != 0) && printable(byte(begin - 1, (k + key.size() - 1) % key.size()))) --begin, k = (k + key.size() - 1) % key.size();
  std::string out;
  for (auto i = begin; i < data.size() && out.size() < 400 && printable(byte(i, k)); ++i, k = (k + 1) % key.size()) out += static_cast<char>(byte(i, k));
  return out;
}

}  // namespace

base::Result<> state_keyed_texts(const evidence::View& view, const Program& program, evidence::Sink& sink) {
  const bool runs = std::ranges::any_of(program.imports, [](const Linked& l) {
    return l.name == "system" || l.name == "popen" || l.name.starts_with("exec") || l.name == "connect" || l.name == "getaddrinfo" || l.name == "dlopen" || l.name == "curl_easy_perform" ||
           l.name == "posix_spawn" || l.name == "WinExec";
  });
  if (!runs || program.imports.size() > 90) return {};
  std::vector<std::string_view> keys;
  std::size_t total = 0, found = 0;
  for (const auto& range : program.data) {
    const auto data = base::slice(view.bytes, range.offset, range.size);
    total += data.size();
    if (total > most_data) return {};
    for (const auto key : keys_in(data))
      if (keys.size() < most_keys) keys.push_back(key);
  }
  for (const auto& range : program.data) {
    const auto data = base::slice(view.bytes, range.offset, range.size);
    CHECK_OK(sink.spend(data.size() * (1 + keys.size() * 8)));
    for (const auto key : keys)
      for (std::size_t at = 0; at + 8 < data.size(); ++at)
        for (std::size_t phase = 0; phase < key.size(); ++phase)
          for (const auto start : starts) {
            if ((data[at] ^ static_cast<std::uint8_t>(key[phase])) != static_cast<std::uint8_t>(start[0])) continue;
            std::size_t n = 1;
            while (n < start.size() && at + n < data.size() && (data[at + n] ^ static_cast<std::uint8_t>(key[(phase + n) % key.size()])) == static_cast<std::uint8_t>(start[n])) ++n;
            if (n < start.size() || is_key_itself(data.subspan(at, n), key)) continue;
            const auto text = readable(data, at, key, phase);
            if (text.size() < std::max<std::size_t>(16, key.size() * 2) || ++found > most_found) continue;
            auto item = fact(Facet::concealment, "decoded-string", text, {range.offset + at, start.size()}, evidence::Confidence::high);
            item.attributes["by"] = "repeated key";
            item.attributes["key"] = std::string(key);
            sink.state(std::move(item));
          }
  }
  return {};
}

}  // namespace examine::binary_part
