// The decoded header of an NSIS installer: its blocks, strings and instructions. NSIS source,
// exehead/fileform.h (the format has no other specification). Bounded reads of hostile bytes; opinion-free.
#pragma once

#include <array>
#include <map>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace unpack::nsis_format {

class Script {
 public:
  static base::Result<Script> parse(base::Bytes header);

  /// Where in the data block files lie, and the path that the script gives them. The first name of a place counts.
  std::map<std::uint32_t, std::string> files() const;
  /// What the installer does, a line an instruction, then every string.
  std::string listing() const;

 private:
  struct Block {
    std::uint64_t offset = 0, count = 0;
  };
  struct Entry {
    std::uint32_t what = 0;
    std::array<std::uint32_t, 6> at{};
  };
  bool blocks(base::Bytes header, bool wide);
  Entry entry(std::uint64_t index) const;
  std::string text(std::uint32_t offset, int depth = 0) const;
  void special(std::string& out, unsigned code, unsigned low, unsigned high, int depth) const;
  std::string shell_folder(unsigned low, unsigned high, int depth) const;
  void find_codes();

  base::Bytes header_;
  std::array<Block, 8> blocks_{};
  base::Bytes strings_;
  bool unicode_ = false, third_ = true;  ///< NSIS 3 marks with 1 to 4, NSIS 2 with 252 to 255
};

}  // namespace unpack::nsis_format
