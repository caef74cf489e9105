#include "gate/clamd/server.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <list>
#include <thread>

#include "gate/metrics_server.h"

namespace gate::clamd {
namespace {

using base::Trouble;

base::Result<Descriptor> listen_on_path(const std::string& path, unsigned mode) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return base::fail(Trouble::usage, "{}: the socket's path is longer than {} bytes", base::printable(path), sizeof address.sun_path - 1);
  std::memcpy(address.sun_path, path.data(), path.size());
  Descriptor out(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  struct stat about{};
  if (::lstat(path.c_str(), &about) == 0) {
    const bool alive = S_ISSOCK(about.st_mode) && ::connect(out.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    if (alive || !S_ISSOCK(about.st_mode)) return base::fail(Trouble::usage, "{}: {}", base::printable(path), alive ? "another program listens there" : "there is a file that is no socket");
    (void)::unlink(path.c_str());  // left by a program that is gone
    out.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  }
  const auto before = ::umask(0777 & ~mode);
  const int bound = ::bind(out.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  ::umask(before);
  if (bound != 0 || ::listen(out.get(), 512) != 0) return base::fail(Trouble::usage, "{}: {}", base::printable(path), std::strerror(errno));
  return out;
}

base::Result<Descriptor> listen_on_address(const std::string& text) {
  const auto address = TRY(Address::parse(text));
  addrinfo wish{}, *found = nullptr;
  wish.ai_socktype = SOCK_STREAM;
  wish.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  if (const int error = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &wish, &found); error != 0) return base::fail(Trouble::usage, "{}: {}", base::printable(text), ::gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> freed(found, ::freeaddrinfo);
  Descriptor out(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  (void)::setsockopt(out.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (!out || ::bind(out.get(), found->ai_addr, found->ai_addrlen) != 0 || ::listen(out.get(), 512) != 0) return base::fail(Trouble::usage, "{}: {}", base::printable(text), std::strerror(errno));
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  char port[16] = "";
  if (::getsockname(out.get(), reinterpret_cast<sockaddr*>(&bound), &size) == 0) (void)::getnameinfo(reinterpret_cast<sockaddr*>(&bound), size, nullptr, 0, port, sizeof port, NI_NUMERICSERV);
  fmt::print(stderr, "assay-gate: clamd protocol at {}:{}\n", address.host, port);
  return out;
}

struct Client {
  std::atomic<bool> done = false;
  std::jthread thread;
};

}  // namespace

base::Result<> serve(Front& front, const ServerOptions& options, const std::string& state, int stop) {
  std::vector<Descriptor> listeners;
  if (!options.socket.empty()) {
    listeners.push_back(TRY(listen_on_path(options.socket, options.socket_mode)));
    fmt::print(stderr, "assay-gate: clamd protocol at {}\n", base::printable(options.socket));
  }
  for (const auto& address : options.addresses) listeners.push_back(TRY(listen_on_address(address)));
  if (listeners.empty()) return base::fail(Trouble::usage, "name where to listen: --socket PATH, --listen ADDR:PORT");

  Load load;
  load.most = options.most_clients;
  std::list<Client> clients;
  std::vector<pollfd> asked;
  asked.push_back({stop, POLLIN, 0});
  for (const auto& listener : listeners) asked.push_back({listener.get(), POLLIN, 0});
  while (true) {
    clients.remove_if([](const Client& c) { return c.done.load(); });
    const bool full = clients.size() >= options.most_clients;
    const int ready = ::poll(asked.data(), full ? 1 : asked.size(), full ? 20 : 1000);
    if (ready < 0 && errno != EINTR) return base::fail(Trouble::io, "poll: {}", std::strerror(errno));
    if (asked[0].revents != 0) break;
    if (ready <= 0 || full) continue;
    for (std::size_t i = 1; i < asked.size() && clients.size() < options.most_clients; ++i) {
      if (!(asked[i].revents & POLLIN)) continue;
      Descriptor socket(::accept4(asked[i].fd, nullptr, nullptr, SOCK_CLOEXEC));
      if (!socket) continue;
      auto& client = clients.emplace_back();
      client.thread = std::jthread([&front, &options, &load, &client, &state, stop, socket = std::move(socket)]() mutable {
        ++load.live;
        try {
          Session(Wire(std::move(socket), stop), front, options.how, load, state).run();
        } catch (const std::exception& e) {  // a client without an answer is a client that is not let in
          fmt::print(stderr, "assay-gate: {}\n", base::printable(e.what()));
        }
        --load.live;
        client.done = true;
      });
    }
  }
  clients.clear();  // each sees `stop` and ends
  if (!options.socket.empty()) (void)::unlink(options.socket.c_str());
  return {};
}

}  // namespace gate::clamd
