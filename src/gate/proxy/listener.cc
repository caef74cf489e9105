#include "gate/proxy/listener.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "base/bytes.h"
#include "gate/proxy/socket_stream.h"

namespace gate {
namespace {

using base::Trouble;
constexpr int handshake_seconds = 15, idle_seconds = 15, request_seconds = 60;
constexpr std::size_t most_target = 4096, most_reason = 400;
constexpr std::size_t threads = 64;

class Listener final : public httplib::Server {
 public:
  explicit Listener(SSL_CTX* tls) : tls_(tls) {}

 private:
  bool process_and_close_socket(socket_t socket) override {
    SSL* tls = tls_ ? SSL_new(tls_) : nullptr;
    if (tls) SSL_set_fd(tls, socket);
    if (!tls_ || tls) talk(socket, tls);
    if (tls) {
      SSL_shutdown(tls);
      SSL_free(tls);
    }
    shutdown(socket, SHUT_RDWR);
    close(socket);
    return true;
  }
  void talk(socket_t socket, SSL* tls) {
    if (tls) {  // OpenSSL reads and writes the socket itself: it must not block past our deadlines
      const int flags = fcntl(socket, F_GETFL);
      fcntl(socket, F_SETFL, flags | O_NONBLOCK);
    }
    SocketStream stream(socket, tls);
    if (tls && !stream.accept_tls(handshake_seconds)) return;
    for (int left = 100; left > 0 && is_running(); --left) {
      if (!stream.wait_for_request(idle_seconds)) return;
      stream.start_request(request_seconds);
      bool closed = false;
      if (!process_request(stream, left == 1, closed, nullptr) || closed) return;
    }
  }
  SSL_CTX* tls_;
};

struct FreeTls {
  void operator()(SSL_CTX* tls) const { SSL_CTX_free(tls); }
};

base::Result<std::unique_ptr<SSL_CTX, FreeTls>> tls_of(const ListenOptions& options) {
  if (options.tls_cert.empty() != options.tls_key.empty()) return base::fail(Trouble::usage, "TLS needs both --tls-cert and --tls-key");
  if (options.tls_cert.empty()) return nullptr;
  std::unique_ptr<SSL_CTX, FreeTls> out(SSL_CTX_new(TLS_server_method()));
  if (!out) return base::fail(Trouble::bug, "OpenSSL makes no server");
  SSL_CTX_set_min_proto_version(out.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(out.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_use_certificate_chain_file(out.get(), options.tls_cert.c_str()) != 1)
    return base::fail(Trouble::usage, "{} holds no certificate (PEM)", base::printable(options.tls_cert));
  if (SSL_CTX_use_PrivateKey_file(out.get(), options.tls_key.c_str(), SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(out.get()) != 1)
    return base::fail(Trouble::usage, "{} holds no private key (PEM) of the certificate in {}", base::printable(options.tls_key), base::printable(options.tls_cert));
  return out;
}

struct Address {
  std::string host;
  int port = 0;
};
base::Result<Address> address_of(const std::string& text) {
  const auto colon = text.rfind(':');
  const auto digits = colon == text.npos ? "" : text.substr(colon + 1);
  if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != digits.npos || std::stoi(digits) > 65535)
    return base::fail(Trouble::usage, "{} is no address to listen at: write ADDRESS:PORT, e.g. 127.0.0.1:8080", base::printable(text));
  Address out{text.substr(0, colon), std::stoi(digits)};
  if (out.host.starts_with('[') && out.host.ends_with(']')) out.host = out.host.substr(1, out.host.size() - 2);
  if (out.host.empty()) out.host = "0.0.0.0";
  return out;
}

void plain(httplib::Response& answer, int status, const std::string& text) {
  answer.status = status;
  answer.set_content(text + "\n", "text/plain; charset=utf-8");
}

// What is wrong with a request before anyone looks at what it asks for; 0 = nothing.
int wrong_with(const httplib::Request& request) {
  if (request.target.size() > most_target) return 414;
  if (request.ranges.size() > 1) return 416;   // many overlapping ranges would multiply what is sent
  if (request.get_header_value_count("Host") > 1 || request.get_header_value_count("Content-Length") > 1) return 400;
  const bool bodiless = request.method == "GET" || request.method == "HEAD";
  // A body that nobody reads would be taken for the next request.
  if (bodiless && (request.has_header("Transfer-Encoding") || (request.has_header("Content-Length") && request.get_header_value("Content-Length") != "0"))) return 400;
  return 0;
}

void answer_own(const httplib::Request& request, httplib::Response& answer) {
  if (request.target == "/-/assay/health") {
    plain(answer, 200, "the gate is open for questions");
  } else {
    plain(answer, 404, "the gate has no such page");
  }
}

void set_up(Listener& server, const ListenOptions& options, const Respond& respond) {
  server.new_task_queue = [] { return new httplib::ThreadPool(threads); };
  server.set_payload_max_length(options.most_body);
  server.set_tcp_nodelay(true);
  server.set_exception_handler([](const httplib::Request&, httplib::Response& answer, std::exception_ptr) { plain(answer, 500, "the gate failed at this request"); });
  server.set_pre_routing_handler([respond](const httplib::Request& request, httplib::Response& answer) {
    if (const int wrong = wrong_with(request)) {
      answer.set_header("Connection", "close");
      plain(answer, wrong, "the gate does not take this request");
      return httplib::Server::HandlerResponse::Handled;
    }
    if (request.method != "GET" && request.method != "HEAD") return httplib::Server::HandlerResponse::Unhandled;
    if (request.target.starts_with("/-/assay/")) answer_own(request, answer);
    else respond(request, {}, answer);
    return httplib::Server::HandlerResponse::Handled;
  });
  const auto with_body = [respond, most = options.most_body](const httplib::Request& request, httplib::Response& answer, const httplib::ContentReader& read) {
    std::string body;
    if (request.is_multipart_form_data()) return plain(answer, 415, "the gate takes no forms");
    const bool whole = read([&](const char* bytes, std::size_t size) {  // decompressed: counted here
      if (size > most - body.size()) return false;
      body.append(bytes, size);
      return true;
    });
    if (!whole) {
      answer.set_header("Connection", "close");
      return plain(answer, 413, fmt::format("the gate takes at most {} bytes", most));
    }
    respond(request, body, answer);
  };
  server.Post("/.*", with_body).Put("/.*", with_body).Patch("/.*", with_body).Delete("/.*", with_body);
}

}  // namespace

void add_listen_options(CLI::App& command, ListenOptions& options) {
  command.add_option("--listen", options.address, "Address and port to listen at, e.g. 127.0.0.1:8080")->required()->type_name("ADDR:PORT");
  command.add_option("--tls-cert", options.tls_cert, "Certificate chain (PEM): the gate speaks https")->type_name("FILE");
  command.add_option("--tls-key", options.tls_key, "The certificate's private key (PEM)")->type_name("FILE");
}

void set_reason(httplib::Response& answer, std::string_view reason) {
  std::string out;
  for (const unsigned char c : reason.substr(0, most_reason)) out += c < ' ' || c > '~' ? '?' : static_cast<char>(c);
  answer.set_header("Assay-Reason", out);
}

std::string host_of(const httplib::Request& request) {
  auto out = request.get_header_value("Host");
  if (out.size() > 255 || out.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") != out.npos) return {};
  return out;
}

base::Result<int> serve(const ListenOptions& options, const Respond& respond) {
  const auto tls = TRY(tls_of(options));
  auto address = TRY(address_of(options.address));
  Listener server(tls.get());
  set_up(server, options, respond);
  if (address.port == 0) address.port = server.bind_to_any_port(address.host);
  else if (!server.bind_to_port(address.host, address.port)) address.port = -1;
  if (address.port <= 0) return base::fail(Trouble::usage, "the gate can't listen at {}: it is in use, or not this machine's", base::printable(options.address));
  sigset_t signals, before;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, &before);
  std::atomic<bool> over = false;
  std::thread stopper([&] {
    const timespec tick{0, 200'000'000};
    while (!over) {
      const int signal = sigtimedwait(&signals, nullptr, &tick);
      if (signal == SIGINT || signal == SIGTERM) return server.stop();
    }
  });
  fmt::print("listening on {}:{}\n", address.host.find(':') == address.host.npos ? address.host : "[" + address.host + "]", address.port);
  std::fflush(stdout);
  const bool went_well = server.listen_after_bind();
  over = true;
  stopper.join();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!went_well) return base::fail(Trouble::io, "the gate stopped listening");
  return 0;
}

}  // namespace gate
