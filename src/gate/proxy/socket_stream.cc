#include "gate/proxy/socket_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace gate {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int write_seconds = 60;              // without a byte taken
constexpr std::size_t most_request = 64u << 20;
constexpr std::string_view reason_header = "\r\nAssay-Reason: ";

// "HTTP/1.1 403 Forbidden\r\n...\r\nAssay-Reason: x\r\n..." -> "HTTP/1.1 403 x\r\n...": cpp-httplib writes a
// whole block of headers at once and knows no other reasons than its own.
std::string with_reason(std::string_view block) {
  if (!block.starts_with("HTTP/1.1 ") || block.size() < 13) return {};
  const auto end = block.find("\r\n\r\n");
  const auto line_end = block.find("\r\n");
  const auto at = block.substr(0, end).find(reason_header);
  if (end == block.npos || at == block.npos) return {};
  const auto value_at = at + reason_header.size();
  const auto value_end = block.find("\r\n", value_at);
  std::string out(block.substr(0, 13));
  out.append(block.substr(value_at, value_end - value_at));
  out.append(block.substr(line_end));
  return out;
}

}  // namespace

bool SocketStream::wait(short events, Clock::time_point until) const {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return false;
    pollfd one{socket_, events, 0};
    const int n = poll(&one, 1, static_cast<int>(std::min<long long>(left, 1'000'000)));
    if (n > 0) return true;
    if (n < 0 && errno != EINTR) return false;
  }
}

bool SocketStream::accept_tls(int seconds) {
  const auto until = Clock::now() + std::chrono::seconds(seconds);
  for (;;) {
    const int n = SSL_accept(tls_);
    if (n == 1) return true;
    const int why = SSL_get_error(tls_, n);
    if (why == SSL_ERROR_WANT_READ ? !wait(POLLIN, until) : why == SSL_ERROR_WANT_WRITE ? !wait(POLLOUT, until) : true) return false;
  }
}

bool SocketStream::wait_for_request(int seconds) {
  if (ahead_at_ < ahead_.size() || (tls_ && SSL_pending(tls_) > 0)) return true;
  return wait(POLLIN, Clock::now() + std::chrono::seconds(seconds));
}

void SocketStream::start_request(int seconds) {
  deadline_ = Clock::now() + std::chrono::seconds(seconds);
  read_left_ = most_request;
}

bool SocketStream::is_readable() const { return ahead_at_ < ahead_.size() || wait(POLLIN, deadline_); }
bool SocketStream::is_writable() const { return wait(POLLOUT, Clock::now() + std::chrono::seconds(write_seconds)); }

ssize_t SocketStream::read_some(char* bytes, size_t size) {
  for (;;) {
    if (Clock::now() >= deadline_) return -1;
    if (tls_) {
      ERR_clear_error();
      const int n = SSL_read(tls_, bytes, static_cast<int>(size));
      if (n > 0) return n;
      const int why = SSL_get_error(tls_, n);
      if (why == SSL_ERROR_ZERO_RETURN) return 0;
      if (why == SSL_ERROR_WANT_READ ? !wait(POLLIN, deadline_) : why == SSL_ERROR_WANT_WRITE ? !wait(POLLOUT, deadline_) : true) return -1;
      continue;
    }
    const auto n = recv(socket_, bytes, size, MSG_DONTWAIT);
    if (n >= 0) return n;
    if (errno == EINTR) continue;
    if ((errno != EAGAIN && errno != EWOULDBLOCK) || !wait(POLLIN, deadline_)) return -1;
  }
}

ssize_t SocketStream::read(char* bytes, size_t size) {
  if (ahead_at_ == ahead_.size()) {
    if (read_left_ == 0) return -1;
    ahead_.resize(std::min<std::size_t>(16384, read_left_));
    const auto n = read_some(ahead_.data(), ahead_.size());
    ahead_at_ = 0;
    ahead_.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    if (n <= 0) return n;
    read_left_ -= static_cast<std::size_t>(n);
  }
  const auto taken = std::min(size, ahead_.size() - ahead_at_);
  std::copy_n(ahead_.data() + ahead_at_, taken, bytes);
  ahead_at_ += taken;
  return static_cast<ssize_t>(taken);
}

ssize_t SocketStream::write_all(const char* bytes, size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const auto until = Clock::now() + std::chrono::seconds(write_seconds);
    if (tls_) {
      ERR_clear_error();
      const int n = SSL_write(tls_, bytes + done, static_cast<int>(std::min<std::size_t>(size - done, 1u << 20)));
      if (n > 0) {
        done += static_cast<std::size_t>(n);
        continue;
      }
      const int why = SSL_get_error(tls_, n);
      if (why == SSL_ERROR_WANT_READ ? !wait(POLLIN, until) : why == SSL_ERROR_WANT_WRITE ? !wait(POLLOUT, until) : true) return -1;
      continue;
    }
    const auto n = send(socket_, bytes + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) done += static_cast<std::size_t>(n);
    else if (n < 0 && errno == EINTR) continue;
    else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK) || !wait(POLLOUT, until)) return -1;
  }
  return static_cast<ssize_t>(size);
}

ssize_t SocketStream::write(const char* bytes, size_t size) {
  const auto other = with_reason({bytes, size});
  if (other.empty()) return write_all(bytes, size);
  return write_all(other.data(), other.size()) < 0 ? -1 : static_cast<ssize_t>(size);
}

void SocketStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}
void SocketStream::get_local_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

}  // namespace gate
