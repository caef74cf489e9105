// Files of a log's folder, written so that a name either holds its whole content on disk or does not
// exist: temporary file, write, fsync, rename, fsync of the folder.
//
// An fsync that fails ends the process: the kernel has dropped what it could not write, and a second
// fsync would lie (the page cache is marked clean). Everything else is an error to try again.
// Threads: one at a time.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tlog {

class Files {
 public:
  /// `folder` exists. Temporary files of a process that died are removed.
  static base::Result<Files> open(std::string folder);
  Files(Files&&) noexcept;
  Files& operator=(Files&&) = delete;
  ~Files();

  /// Says that a file is wanted; nothing is done before commit().
  void put(std::string path, std::string content);
  /// Writes everything that was put; on disk when it returns. After an error nothing is promised of any of them.
  base::Result<> commit();
  void forget() { wanted_.clear(); }

  /// Error: io; "404" in the sentence when there is none.
  base::Result<std::string> read(const std::string& path, std::size_t most_bytes) const;
  bool has(const std::string& path) const;
  /// Removes a file or an empty folder, if it is there; not made durable.
  void drop(const std::string& path) const;
  std::vector<std::string> list(const std::string& path) const;   ///< names in a folder; none when it is not there
  const std::string& folder() const { return folder_; }

 private:
  Files(std::string folder, int directory) : folder_(std::move(folder)), directory_(directory) {}
  base::Result<> make_folders(const std::string& path, std::set<std::string>& touched);
  base::Result<> write_temporary(const std::string& name, const std::string& content) const;

  std::string folder_;
  int directory_ = -1;   ///< also carries the lock: one writer at a time
  std::vector<std::pair<std::string, std::string>> wanted_;
  std::set<std::string> known_folders_;
};

/// Ends the process with a sentence: what is on disk is no longer known.
[[noreturn]] void end_after_lost_write(const std::string& what);

}  // namespace tlog
