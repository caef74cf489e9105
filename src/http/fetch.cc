// One request by cpp-httplib, and what that library leaves open: a deadline over the whole exchange, a
// bound on every byte that comes in (it reads header lines of any length and number), redirects under
// our rules.
#include "http/fetch.h"

#include <fcntl.h>
#include <httplib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/bytes.h"

namespace http {
namespace {

using base::Trouble;
using Clock = std::chrono::steady_clock;

constexpr std::size_t most_header_bytes = 1u << 20;
constexpr int most_redirects = 5;

/// Watches one socket through a descriptor of its own and shuts it down at the deadline, or when more
/// came in than an answer may have. Closing is left to the client: its descriptor stays its own.
class Guard {
 public:
  Guard(Clock::time_point deadline, std::size_t most_bytes) : deadline_(deadline), most_(most_bytes), thread_([this] { watch(); }) {}
  ~Guard() {
    {
      std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    thread_.join();
    if (socket_ >= 0) ::close(socket_);
  }
  void take(int socket) {
    std::lock_guard lock(mutex_);
    if (socket_ >= 0) ::close(socket_);
    socket_ = ::fcntl(socket, F_DUPFD_CLOEXEC, 3);
  }
  bool late() const { return late_; }
  bool flooded() const { return flooded_; }

 private:
  void watch() {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, std::chrono::milliseconds(20), [this] { return over_; })) {
      if (Clock::now() >= deadline_) late_ = true;
      if (received() > most_) flooded_ = true;
      if ((late_ || flooded_) && socket_ >= 0) cut();
    }
  }
  void cut() const {
    const ::linger at_once{1, 0};  // a reset, so that the other side does not wait for a window that never opens
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::shutdown(socket_, SHUT_RDWR);
  }
  std::uint64_t received() const {
    if (socket_ < 0) return 0;
    // The kernel's structure grows at its end; bytes_received is older than every kernel that runs Debian 12,
    // but glibc's own declaration lacks it: it stands 8 bytes behind tcpi_pacing_rate's pair (linux/tcp.h).
    struct Longer {
      ::tcp_info first;
      std::uint64_t pacing_rate, most_pacing_rate, bytes_acknowledged, bytes_received;
    } all{};
    ::socklen_t size = sizeof all;
    if (::getsockopt(socket_, IPPROTO_TCP, TCP_INFO, &all, &size) != 0 || size < sizeof all) return 0;
    return all.bytes_received;
  }

  const Clock::time_point deadline_;
  const std::uint64_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int socket_ = -1;
  bool over_ = false;
  std::atomic<bool> late_ = false, flooded_ = false;
  std::thread thread_;
};

base::Result<> check_request(const Request& request) {
  const auto line = [](std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos; };
  bool fine = !request.method.empty() && line(request.content_type);
  for (const char c : request.method) fine = fine && c >= 'A' && c <= 'Z';
  for (const auto& [name, value] : request.headers) fine = fine && line(name) && line(value) && !name.empty();
  if (!fine) return base::fail(Trouble::usage, "a request's method or header holds what no header may hold");
  return {};
}

std::string reason(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::BindIPAddress: return "it can't be connected to";
    case httplib::Error::SSLConnection: return "the TLS handshake failed";
    case httplib::Error::SSLLoadingCerts: return "the file of trusted certificates can't be read";
    case httplib::Error::SSLServerVerification: return "its certificate does not verify";
    case httplib::Error::Read: return "the connection broke or no answer came in time";
    case httplib::Error::Write: return "the connection broke while the request was sent";
    default: return "the exchange failed (" + httplib::to_string(error) + ")";
  }
}

httplib::Request to_httplib(const Request& request, const Url& url) {
  httplib::Request out;
  out.method = request.method;
  out.path = url.path.substr(0, url.path.find('#'));
  for (const auto& [name, value] : request.headers) out.headers.emplace(name, value);
  out.body = request.body;
  if (!request.content_type.empty()) out.headers.emplace("Content-Type", request.content_type);
  return out;
}

void prepare(httplib::Client& client, const Request& request, Guard& guard) {
  client.set_follow_location(false);
  client.set_keep_alive(false);
  client.set_url_encode(false);
  client.set_decompress(false);
  client.set_connection_timeout(request.timeout_seconds);
  client.set_read_timeout(request.timeout_seconds);
  client.set_write_timeout(request.timeout_seconds);
  client.set_tcp_nodelay(true);
  client.set_socket_options([&guard](int socket) { guard.take(socket); });
  if (!request.ca_file.empty()) client.set_ca_cert_path(request.ca_file);
}

base::Result<Response> exchange(const Request& request, const Url& url, Clock::time_point deadline) {
  Guard guard(deadline, static_cast<std::uint64_t>(request.most_bytes) + request.most_bytes / 8 + most_header_bytes);
  httplib::Client client(url.origin());
  prepare(client, request, guard);
  auto wire = to_httplib(request, url);
  Response out;
  bool too_much = false;
  std::size_t got = 0;
  base::Result<> taken;
  wire.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    too_much = size > request.most_bytes - got;
    if (too_much) return false;
    got += size;
    if (request.take) taken = request.take({data, size});
    else out.body.append(data, size);
    return taken.has_value();
  };
  httplib::Response answer;
  auto error = httplib::Error::Success;
  const bool done = client.is_valid() && client.send(wire, answer, error);
  const auto who = base::printable(url.origin());
  if (too_much || guard.flooded()) return base::fail(Trouble::limit, "{}: the answer is larger than {} bytes", who, request.most_bytes);
  CHECK_OK(taken);
  if (guard.late()) return base::fail(Trouble::io, "{}: no whole answer within {} seconds", who, request.timeout_seconds);
  if (!done) return base::fail(Trouble::io, "{}: {}", who, client.is_valid() ? reason(error) : "TLS can't be set up");
  out.status = answer.status;
  for (const auto& [name, value] : answer.headers) {
    std::string lower = name;
    for (auto& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    out.headers.emplace(std::move(lower), value);
  }
  return out;
}

/// Where a redirect leads; headers (they may hold secrets) stay with the origin they were meant for.
base::Result<Url> next_address(const Url& from, const std::string& location) {
  const auto text = location.starts_with("//") ? from.scheme + ":" + location : location.starts_with('/') ? from.origin() + location : location;
  auto to = Url::parse(text);
  if (!to || to->scheme == "file") return base::fail(Trouble::io, "{}: redirects to what is no address", base::printable(from.origin()));
  if (from.scheme == "https" && to->scheme != "https") return base::fail(Trouble::io, "{}: redirects from https to http, which is not followed", base::printable(from.origin()));
  return *to;
}

/// %41 becomes A: how a file's address spells a space.
base::Result<std::string> file_path(std::string_view path) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%' && i + 2 < path.size() && digit(path[i + 1]) >= 0 && digit(path[i + 2]) >= 0) {
      out += static_cast<char>(digit(path[i + 1]) * 16 + digit(path[i + 2]));
      i += 2;
    } else {
      out += path[i];
    }
  }
  if (out.find('\0') != out.npos) return base::fail(Trouble::usage, "a file's name holds a zero byte");
  return out;
}

base::Result<std::string> read_file(const Url& url, std::size_t most_bytes) {
  const auto path = TRY(file_path(url.path));
  const auto name = base::printable(path);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe must not block us
  if (file < 0) return base::fail(Trouble::io, "{}: {}", name, errno == ENOENT || errno == ENOTDIR ? "404 not found" : std::generic_category().message(errno));
  struct Closer {
    int file;
    ~Closer() { ::close(file); }
  } closer{file};
  struct ::stat look{};
  if (::fstat(file, &look) != 0 || !S_ISREG(look.st_mode)) return base::fail(Trouble::io, "{}: 404 not found: this is no regular file", name);
  std::string out;
  char block[65536];
  while (true) {
    const auto n = ::read(file, block, sizeof block);
    if (n == 0) return out;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::fail(Trouble::io, "{}: {}", name, std::generic_category().message(errno));
    if (static_cast<std::size_t>(n) > most_bytes - out.size()) return base::fail(Trouble::limit, "{}: larger than {} bytes", name, most_bytes);
    out.append(block, static_cast<std::size_t>(n));
  }
}

}  // namespace

base::Result<Response> fetch(const Request& request) {
  CHECK_OK(check_request(request));
  auto url = TRY(Url::parse(request.url));
  if (url.scheme == "file") {
    if (request.method != "GET") return base::fail(Trouble::usage, "a file's address can only be read");
    return Response{200, {}, TRY(read_file(url, request.most_bytes))};
  }
  const auto deadline = Clock::now() + std::chrono::seconds(std::max(1, request.timeout_seconds));
  auto now = request;
  for (int hops = 0;; ++hops) {
    Response answer;
    try {
      answer = TRY(exchange(now, url, deadline));
    } catch (const std::exception& e) {
      return base::fail(Trouble::io, "{}: {}", base::printable(url.origin()), base::printable(e.what()));
    }
    const auto location = answer.headers.find("location");
    const bool redirect = answer.status == 301 || answer.status == 302 || answer.status == 303 || answer.status == 307 || answer.status == 308;
    if (!request.follow || !redirect || location == answer.headers.end()) return answer;
    if (hops == most_redirects) return base::fail(Trouble::limit, "{}: redirects more than {} times", base::printable(url.origin()), most_redirects);
    const auto next = TRY(next_address(url, location->second));
    if (next.origin() != url.origin()) now.headers.clear();
    if (answer.status == 303 || (now.method == "POST" && answer.status < 303)) {
      now.method = now.method == "HEAD" ? "HEAD" : "GET";
      now.body.clear();
      now.content_type.clear();
    }
    url = next;
  }
}

base::Result<std::string> get(const std::string& url, std::size_t most_bytes) {
  Request request;
  request.url = url;
  request.most_bytes = most_bytes;
  request.follow = true;
  auto answer = TRY(fetch(request));
  const auto place = Url::parse(url);
  const auto path = base::printable(place->path.substr(0, place->path.find_first_of("?#")));
  if (answer.status == 404 || answer.status == 410) return base::fail(Trouble::io, "{}{}: 404 not found", base::printable(place->origin()), path);
  if (answer.status != 200) return base::fail(Trouble::io, "{}{}: answered {} instead of 200", base::printable(place->origin()), path, answer.status);
  return std::move(answer.body);
}

}  // namespace http
