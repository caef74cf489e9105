// One client's conversation, from its first byte to its last.
#pragma once

#include "gate/clamd/request.h"
#include "gate/clamd/scan.h"
#include "gate/clamd/wire.h"

namespace gate::clamd {

/// Of the whole server, for STATS.
struct Load {
  std::atomic<unsigned> live = 0;
  unsigned most = 0;
};

class Session {
 public:
  /// `temporary`: folder for the bytes of INSTREAM while they may have to be vetted.
  Session(Wire wire, Front& front, const Listening& how, const Load& load, std::string temporary);
  void run();

 private:
  void converse();
  bool answer(const Request& request);
  bool reply(const Request& request, std::string_view text);
  bool scan_path(const Request& request, bool all);
  bool instream(const Request& request);
  bool fildes(const Request& request);
  std::string stats() const;

  Wire wire_;
  Front& front_;
  const Listening& how_;
  const Load& load_;
  std::string temporary_;
  Scanner scanner_;
  bool in_session_ = false;
  std::uint64_t number_ = 0;   ///< of the request within IDSESSION
};

}  // namespace gate::clamd
