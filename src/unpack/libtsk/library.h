// The Sleuth Kit's library on bytes in memory: closes what it opens, never touches a file.
// https://www.sleuthkit.org/sleuthkit/docs/api-docs/4.11.1/. Single-threaded.
#pragma once

#include <tsk/libtsk.h>

#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "unpack/ledger.h"

namespace unpack::libtsk_format {

struct CloseFs { void operator()(TSK_FS_INFO* fs) const { tsk_fs_close(fs); } };
struct CloseFile { void operator()(TSK_FS_FILE* file) const { tsk_fs_file_close(file); } };
struct CloseDir { void operator()(TSK_FS_DIR* dir) const { tsk_fs_dir_close(dir); } };
struct ClosePool { void operator()(const TSK_POOL_INFO* pool) const { tsk_pool_close(pool); } };
struct CloseImage { void operator()(TSK_IMG_INFO* image) const { tsk_img_close(image); } };
using Fs = std::unique_ptr<TSK_FS_INFO, CloseFs>;
using File = std::unique_ptr<TSK_FS_FILE, CloseFile>;
using Dir = std::unique_ptr<TSK_FS_DIR, CloseDir>;
using Pool = std::unique_ptr<const TSK_POOL_INFO, ClosePool>;
using ImageOf = std::unique_ptr<TSK_IMG_INFO, CloseImage>;

/// An image whose bytes stand in memory; they have to outlive it.
class Image {
 public:
  explicit Image(base::Bytes bytes);
  ~Image();
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  TSK_IMG_INFO* get() const;

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

/// The library's last words on this thread.
std::string last_error();

/// Where an attribute's content stands, up to its size; nothing for what stands in a table or is
/// compressed or encrypted.
std::optional<std::vector<Extent>> extents_of(const TSK_FS_INFO& fs, const TSK_FS_ATTR& attribute);
/// All blocks of an attribute, whatever they hold.
std::vector<base::Range> runs_of(const TSK_FS_INFO& fs, const TSK_FS_ATTR& attribute);

}  // namespace unpack::libtsk_format
