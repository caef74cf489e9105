// One connection's bytes and the descriptors that come with them (SCM_RIGHTS). Bounded in time.
#pragma once

#include <chrono>
#include <deque>
#include <string>

#include "gate/descriptor.h"

namespace gate::clamd {

class Wire {
 public:
  /// `stop`: a descriptor that becomes readable when everything is to end.
  Wire(Descriptor socket, int stop) : socket_(std::move(socket)), stop_(stop) {}
  enum class Got { bytes, timeout, end };
  /// Waits for more and appends it to buffer().
  Got read(std::chrono::milliseconds patience);
  std::string& buffer() { return buffer_; }
  /// The oldest descriptor that came; an empty one if none did.
  Descriptor take_descriptor();
  /// Everything or false; at most 30 seconds.
  bool write(std::string_view text);
  /// Ends our side and swallows what the client is still sending, for a while: closing upon unread bytes
  /// would take the last reply away from it.
  void finish();

 private:
  bool wait_for(short events, std::chrono::milliseconds patience) const;
  Descriptor socket_;
  int stop_;
  std::string buffer_;
  std::deque<Descriptor> descriptors_;
};

}  // namespace gate::clamd
