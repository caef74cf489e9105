// For tests only: tar archives from text.
#pragma once

#include <cstdio>
#include <string>

namespace unpack {

struct TarEntry {
  std::string name, content;
  char type = '0';
  std::string link;
  unsigned mode = 0644;
};

inline std::string tar_header(const TarEntry& e) {
  std::string h(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) { h.replace(at, text.size(), text); };
  char number[16];
  put(0, e.name.substr(0, 100));
  snprintf(number, sizeof number, "%07o", e.mode);
  put(100, number);
  put(108, "0001750");
  put(116, "0000144");
  snprintf(number, sizeof number, "%011o", static_cast<unsigned>(e.content.size()));
  put(124, number);
  put(136, "00000000000");
  put(148, "        ");
  h[156] = e.type;
  put(157, e.link.substr(0, 100));
  put(257, std::string("ustar\00000", 8));
  unsigned sum = 0;
  for (const unsigned char c : h) sum += c;
  snprintf(number, sizeof number, "%06o", sum);
  h.replace(148, 7, number, 7);
  return h;
}

inline std::string tar_member(const TarEntry& e) { return tar_header(e) + e.content + std::string((512 - e.content.size() % 512) % 512, '\0'); }

inline std::string tar_of(std::initializer_list<TarEntry> entries) {
  std::string out;
  for (const auto& e : entries) out += tar_member(e);
  return out + std::string(1024, '\0');
}

inline std::string pax_record(const std::string& key, const std::string& value) {
  auto size = key.size() + value.size() + 3;
  while (std::to_string(size).size() + key.size() + value.size() + 3 != size) size = std::to_string(size).size() + key.size() + value.size() + 3;
  return std::to_string(size) + " " + key + "=" + value + "\n";
}

}  // namespace unpack
