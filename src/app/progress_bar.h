// A progress line on standard error while it is a terminal: share of bytes, artifacts, what is being
// read, time left. Draws from a thread of its own; erases itself when it ends.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "vet/queue.h"

namespace app {

class ProgressBar {
 public:
  /// Draws nothing unless `wanted`.
  ProgressBar(const vet::Progress& progress, std::string title, bool wanted);
  ~ProgressBar();

 private:
  void draw(double seconds) const;
  const vet::Progress& progress_;
  std::string title_;
  std::atomic<bool> over_{false};
  std::jthread thread_;
};

}  // namespace app
