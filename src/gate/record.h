// The decision log: JSON lines, written by a thread of its own, so that no verdict waits for a disk.
// Digests only: who asked, from where, and what the file was called there is not in it.
//
//   {"time":"2026-11-22T08:00:00Z","gate":"mail","market":"clamd","product":"<sha256>","answer":"deny","why":"failed","hallmark":"<sha256>"}
//
// A file that was moved away (logrotate) is made anew. Threads: any number.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "gate/decision.h"

namespace gate {

class Record {
 public:
  /// `file`: appended; "-" = standard error; "" = nowhere. Error: usage.
  static base::Result<std::unique_ptr<Record>> open(const std::string& file, std::string gate);
  ~Record();   ///< writes what is left

  /// `may_wait`: when the queue is full, wait for room; else the line is counted as lost.
  void add(const Decision& decision, const base::Digest& product, std::string_view market, bool dry_run, Time now, bool may_wait);
  /// A line about something else ("break-glass").
  void add_line(std::string json, bool may_wait);
  /// Waits until everything is written and on the disk. Error: io.
  base::Result<> settle();
  std::uint64_t lost() const { return lost_.load(); }
  std::uint64_t failed() const { return failed_.load(); }   ///< writes that the disk refused

 private:
  Record(std::string file, std::string gate) : path_(std::move(file)), gate_(std::move(gate)) {}
  base::Result<> open_file();
  void write_all(std::string_view text);
  void run(const std::stop_token& stop);

  std::string path_, gate_;
  int file_ = -1;
  std::uint64_t inode_ = 0;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::string> queue_;
  bool busy_ = false;
  bool settling_ = false;          // somebody waits for the last line
  std::atomic<std::uint64_t> lost_ = 0, failed_ = 0;
  std::jthread writer_;
};

}  // namespace gate
