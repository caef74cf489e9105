#include "gate/clamd/wire.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace gate::clamd {
namespace {

constexpr std::size_t most_descriptors = 16;  // that wait; a client that sends more without asking is ended
constexpr std::size_t piece = 64 << 10;

}  // namespace

bool Wire::wait_for(short events, std::chrono::milliseconds patience) const {
  pollfd asked[] = {{socket_.get(), events, 0}, {stop_, POLLIN, 0}};
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    const int ready = ::poll(asked, 2, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0 && asked[0].revents != 0 && asked[1].revents == 0;
  }
}

Wire::Got Wire::read(std::chrono::milliseconds patience) {
  if (!wait_for(POLLIN, patience)) return Got::timeout;
  const auto before = buffer_.size();
  buffer_.resize(before + piece);
  iovec part{buffer_.data() + before, piece};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * most_descriptors)];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const auto got = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
  buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(0, got)));
  if (got > 0)
    for (auto* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
      const auto count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (std::size_t i = 0; i < count; ++i) {
        int number;
        std::memcpy(&number, CMSG_DATA(c) + i * sizeof(int), sizeof number);
        descriptors_.emplace_back(number);
      }
    }
  if (descriptors_.size() > most_descriptors || (got > 0 && (message.msg_flags & MSG_CTRUNC))) return Got::end;
  if (got < 0 && errno == EINTR) return Got::bytes;
  return got > 0 ? Got::bytes : Got::end;
}

Descriptor Wire::take_descriptor() {
  if (descriptors_.empty()) return Descriptor();
  auto out = std::move(descriptors_.front());
  descriptors_.pop_front();
  return out;
}

bool Wire::write(std::string_view text) {
  while (!text.empty()) {
    const auto put = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      if (!wait_for(POLLOUT, std::chrono::seconds(30))) return false;
      continue;
    }
    if (put < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

void Wire::finish() {
  (void)::shutdown(socket_.get(), SHUT_WR);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  do {
    buffer_.clear();
    descriptors_.clear();
  } while (std::chrono::steady_clock::now() < until && read(std::chrono::seconds(1)) == Got::bytes);
}

}  // namespace gate::clamd
