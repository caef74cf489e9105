// One client's connection as cpp-httplib reads and writes it: a socket, with TLS or without, and a
// deadline for the request that is being read.
#pragma once

#include <httplib.h>

#include <chrono>

namespace gate {

class SocketStream final : public httplib::Stream {
 public:
  SocketStream(int socket, SSL* tls) : socket_(socket), tls_(tls) {}

  /// TLS handshake within `seconds`.
  bool accept_tls(int seconds);
  /// Waits for the first byte of the next request.
  bool wait_for_request(int seconds);
  /// From now on, all reads together may last so long.
  void start_request(int seconds);

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* bytes, size_t size) override;
  /// A block of headers with "Assay-Reason: x" goes out with x as the reason phrase.
  ssize_t write(const char* bytes, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;   ///< nothing: nobody is to know
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  bool wait(short events, std::chrono::steady_clock::time_point until) const;
  ssize_t write_all(const char* bytes, size_t size);
  ssize_t read_some(char* bytes, size_t size);

  int socket_;
  SSL* tls_;
  std::chrono::steady_clock::time_point deadline_{};
  std::size_t read_left_ = 0;   ///< of the request's head and body
  std::string ahead_;           ///< read and not yet asked for: cpp-httplib asks byte by byte
  std::size_t ahead_at_ = 0;
};

}  // namespace gate
