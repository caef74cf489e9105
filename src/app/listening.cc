#include "app/listening.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <thread>

#include "app/interrupt.h"
#include "base/bytes.h"

namespace app {

using base::Trouble;

void bound(httplib::Server& server, std::size_t most_bytes, unsigned threads) {
  server.set_payload_max_length(most_bytes);
  server.set_read_timeout(10);
  server.set_write_timeout(30);
  server.set_keep_alive_timeout(5);
  server.set_keep_alive_max_count(1000);
  server.set_tcp_nodelay(true);
  server.new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
  // The library's own choice, SO_REUSEPORT, would let two servers share a port without a word.
  server.set_socket_options([](int socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server.set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
    response.status = 500;
    response.set_content("internal error\n", "text/plain; charset=utf-8");
  });
}

base::Result<> listen_until_interrupted(httplib::Server& server, const std::string& address, std::string_view what) {
  const auto colon = address.rfind(':');
  auto host = address.substr(0, colon);
  int port = -1;
  if (colon != address.npos) std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || port < 0 || port > 65535) return base::fail(Trouble::usage, "'{}' is no address to listen on; write 127.0.0.1:8390", base::printable(address));
  if (port == 0) port = server.bind_to_any_port(host);
  else if (!server.bind_to_port(host, port)) port = -1;
  if (port <= 0) return base::fail(Trouble::usage, "{} can't be listened on: it is in use or not this machine's", base::printable(address));
  catch_interrupts();
  fmt::print("{} http://{}:{}\n", what, host.find(':') == host.npos ? host : "[" + host + "]", port);
  std::fflush(stdout);
  std::atomic<bool> over = false;
  std::thread watch([&] {
    while (!over && !interrupted()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    server.stop();
  });
  server.listen_after_bind();
  over = true;
  watch.join();
  return {};
}

}  // namespace app
