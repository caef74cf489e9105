// Listeners of the clamd protocol and a thread for each client.
#pragma once

#include "gate/clamd/session.h"

namespace gate::clamd {

struct ServerOptions {
  std::string socket;                    ///< path of a Unix socket; "" = none
  unsigned socket_mode = 0666;
  std::vector<std::string> addresses;    ///< ADDR:PORT
  unsigned most_clients = 128;           ///< more wait in the kernel's queue
  Listening how;
};

/// Serves until `stop` becomes readable. Prints where it listens to standard error. Error: usage.
base::Result<> serve(Front& front, const ServerOptions& options, const std::string& state, int stop);

}  // namespace gate::clamd
