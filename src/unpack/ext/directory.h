// Directory blocks of ext file systems, with the entries that were deleted from them.
// https://docs.kernel.org/filesystems/ext4/directory.html
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"

namespace unpack::ext_format {

struct Listed {
  std::string name;
  std::uint32_t inode = 0;
};

struct DirectoryBlock {
  std::vector<Listed> live, deleted;
  std::vector<base::Range> strange;  ///< in the block: slack that is neither zero nor an old entry
  bool sound = true;
};

struct DirectoryForm {
  std::uint32_t inodes = 0;  ///< the highest number an inode may have
  bool types = false;        ///< an entry says the type of its file
};

/// `index`: the block may hold a node of the hash tree instead of entries.
DirectoryBlock read_directory_block(base::Bytes block, const DirectoryForm& form, bool index);

}  // namespace unpack::ext_format
