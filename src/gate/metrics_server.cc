#include "gate/metrics_server.h"

#include <httplib.h>

#include <charconv>
#include <thread>

#include "base/bytes.h"

namespace gate {

struct MetricsServer::State {
  httplib::Server server;
  std::jthread thread;
};

MetricsServer::MetricsServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

MetricsServer::~MetricsServer() {
  state_->server.stop();
}

base::Result<std::unique_ptr<MetricsServer>> MetricsServer::open(const std::string& text, std::function<std::string()> print) {
  const auto address = TRY(Address::parse(text));
  auto state = std::make_unique<State>();
  auto& server = state->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(2); };
  server.set_payload_max_length(1024);
  server.set_read_timeout(5);
  server.set_write_timeout(5);
  server.set_keep_alive_max_count(1);
  server.Get("/metrics", [print](const httplib::Request&, httplib::Response& response) { response.set_content(print(), "text/plain; version=0.0.4; charset=utf-8"); });
  server.Get("/healthz", [](const httplib::Request&, httplib::Response& response) { response.set_content("ok\n", "text/plain"); });
  int port = address.port;
  if (port == 0) port = server.bind_to_any_port(address.host.c_str());
  else if (!server.bind_to_port(address.host.c_str(), port)) port = -1;
  if (port < 0) return base::fail(base::Trouble::usage, "--metrics {}: nothing can listen there; is the port taken?", base::printable(text));
  if (address.port == 0) fmt::print(stderr, "assay-gate: metrics at http://{}:{}/metrics\n", address.host, port);
  state->thread = std::jthread([&server] { server.listen_after_bind(); });
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(state)));
}

base::Result<Address> Address::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  Address out;
  const auto digits = colon == text.npos ? std::string_view() : text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
  if (colon == text.npos || digits.empty() || error != std::errc() || end != digits.data() + digits.size() || out.port < 0 || out.port > 65535)
    return base::fail(base::Trouble::usage, "{} is no address; write ADDR:PORT, as 127.0.0.1:9464", base::printable(text));
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  else if (host.find(':') != host.npos) return base::fail(base::Trouble::usage, "{}: an IPv6 address stands in brackets", base::printable(text));
  if (host.empty()) return base::fail(base::Trouble::usage, "{} names no address; write 127.0.0.1:PORT, or 0.0.0.0:PORT for every interface", base::printable(text));
  out.host = host;
  return out;
}

}  // namespace gate
