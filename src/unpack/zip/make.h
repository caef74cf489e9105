// For tests only: zip archives from text, with every lie that a test needs.
#pragma once

#include <vector>

#include "unpack/encode.h"

namespace unpack {

struct ZipEntry {
  std::string name, content;
  unsigned method = 8;
  unsigned flags = 0;
  std::string local_name = {};   ///< when it differs
  bool listed = true;
  unsigned mode = 0100644;
  std::string gap = {};          ///< bytes put behind the member
};

inline std::string zip_number(std::uint64_t v, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}

inline std::string zip_of(const std::vector<ZipEntry>& entries) {
  std::string out, directory;
  unsigned count = 0;
  for (const auto& e : entries) {
    const auto packed = e.method == 8 ? deflated(e.content, -15) : e.method == 12 ? bzipped(e.content) : e.method == 93 ? zstd_encoded(e.content)
                        : e.method == 95 ? xzipped(e.content) : e.content;
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(e.content.data()), static_cast<uInt>(e.content.size()));
    const auto fields = zip_number(e.flags, 2) + zip_number(e.method, 2) + zip_number(0, 4) + zip_number(crc, 4) + zip_number(packed.size(), 4) +
                        zip_number(e.content.size(), 4);
    if (e.listed) {
      ++count;
      directory += "PK\1\2" + zip_number(0x0314, 2) + zip_number(20, 2) + fields + zip_number(e.name.size(), 2) + zip_number(0, 8) +
                   zip_number(std::uint64_t{e.mode} << 16, 4) + zip_number(out.size(), 4) + e.name;
    }
    const auto& name = e.local_name.empty() ? e.name : e.local_name;
    out += "PK\3\4" + zip_number(20, 2) + fields + zip_number(name.size(), 2) + zip_number(0, 2) + name + packed + e.gap;
  }
  const auto at = out.size();
  return out + directory + "PK\5\6" + zip_number(0, 4) + zip_number(count, 2) + zip_number(count, 2) + zip_number(directory.size(), 4) + zip_number(at, 4) +
         zip_number(0, 2);
}

}  // namespace unpack
