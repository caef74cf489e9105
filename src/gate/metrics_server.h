// Serves counters to Prometheus: GET /metrics, and GET /healthz for whoever asks whether the gate lives.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace gate {

class MetricsServer {
 public:
  /// `address`: "127.0.0.1:9464", "[::1]:9464"; port 0 takes a free one. `print` is called by threads of
  /// its own until the destructor returns. Error: usage.
  static base::Result<std::unique_ptr<MetricsServer>> open(const std::string& address, std::function<std::string()> print);
  ~MetricsServer();

 private:
  struct State;
  explicit MetricsServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// "ADDR:PORT" taken apart; brackets of an IPv6 address removed. Error: usage.
struct Address {
  std::string host;
  int port = 0;
  static base::Result<Address> parse(std::string_view text);
};

}  // namespace gate
