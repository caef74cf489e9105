// Against real servers on 127.0.0.1, and against raw sockets that do what no decent server does.
#include "http/fetch.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace {

using base::Trouble;

struct Serving {
  std::unique_ptr<httplib::Server> server;
  int port = 0;
  std::thread thread;
  explicit Serving(std::unique_ptr<httplib::Server> s, const std::function<void(httplib::Server&)>& set_up) : server(std::move(s)) {
    set_up(*server);
    port = server->bind_to_any_port("127.0.0.1");
    thread = std::thread([this] { server->listen_after_bind(); });
    while (!server->is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  explicit Serving(const std::function<void(httplib::Server&)>& set_up) : Serving(std::make_unique<httplib::Server>(), set_up) {}
  ~Serving() {
    server->stop();
    thread.join();
  }
  std::string at(const std::string& path, const std::string& scheme = "http") const { return fmt::format("{}://127.0.0.1:{}{}", scheme, port, path); }
};

/// Takes one connection, reads the request's first bytes, then does what it is told with the socket.
struct RawServer {
  int listening = -1, port = 0;
  std::thread thread;
  explicit RawServer(std::function<void(int)> act) {
    listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listening, reinterpret_cast<::sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listening, 4), 0);
    ::socklen_t size = sizeof address;
    ::getsockname(listening, reinterpret_cast<::sockaddr*>(&address), &size);
    port = ::ntohs(address.sin_port);
    thread = std::thread([this, act] {
      const int one = ::accept(listening, nullptr, nullptr);
      if (one < 0) return;
      char request[4096];
      (void)!::read(one, request, sizeof request);
      act(one);
      ::close(one);
    });
  }
  ~RawServer() {
    ::shutdown(listening, SHUT_RDWR);
    thread.join();
    ::close(listening);
  }
  std::string address() const { return fmt::format("http://127.0.0.1:{}/", port); }
};

bool put(int socket, std::string_view text) { return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()); }

http::Request request_of(std::string url) {
  http::Request out;
  out.url = std::move(url);
  out.timeout_seconds = 10;
  return out;
}

double seconds_of(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

// A certificate authority of the test's own and a server certificate for 127.0.0.1.
struct Authority {
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
  Key ca_key{EVP_EC_gen("P-256"), EVP_PKEY_free}, key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  Certificate ca = made("assay test authority", ca_key.get(), nullptr, "CA:TRUE", nullptr);
  Certificate server;
  std::string file;

  explicit Authority(const char* names = "IP:127.0.0.1") : server(made("server", key.get(), ca.get(), "CA:FALSE", names)) {
    char name[] = "/tmp/assay-ca-XXXXXX";
    const int fd = ::mkstemp(name);
    ::close(fd);
    file = name;
    std::unique_ptr<std::FILE, decltype(&std::fclose)> out(std::fopen(name, "w"), std::fclose);
    PEM_write_X509(out.get(), ca.get());
  }
  ~Authority() { ::unlink(file.c_str()); }

  void extend(X509* to, X509* issuer, int id, const char* value) const {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> e(X509V3_EXT_conf_nid(nullptr, &context, id, value), X509_EXTENSION_free);
    X509_add_ext(to, e.get(), -1);
  }
  Certificate made(const char* name, EVP_PKEY* its, X509* issuer, const char* constraints, const char* names) const {
    Certificate out(X509_new(), X509_free);
    X509_set_version(out.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(out.get()), issuer ? 2 : 1);
    X509_gmtime_adj(X509_getm_notBefore(out.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(out.get()), 86400);
    X509_set_pubkey(out.get(), its);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_issuer_name(out.get(), X509_get_subject_name(issuer ? issuer : out.get()));
    extend(out.get(), issuer ? issuer : out.get(), NID_basic_constraints, constraints);
    if (names) extend(out.get(), issuer, NID_subject_alt_name, names);
    X509_sign(out.get(), ca_key.get(), EVP_sha256());
    return out;
  }
  std::unique_ptr<httplib::Server> https() const { return std::make_unique<httplib::SSLServer>(server.get(), key.get()); }
};

void say_hello(httplib::Server& s) {
  s.Get("/hello", [](const httplib::Request&, httplib::Response& r) { r.set_content("hello", "text/plain"); });
}

}  // namespace

TEST(Fetch, AnswersComeWithStatusHeadersAndBody) {
  Serving s([](httplib::Server& server) {
    server.Post("/echo", [](const httplib::Request& q, httplib::Response& r) {
      r.status = 409;
      r.set_header("X-Seen", q.get_header_value("X-Mine") + "|" + q.get_header_value("Content-Type"));
      r.set_content(q.body, "text/x.tlog.size");
    });
  });
  auto q = request_of(s.at("/echo?a=b%20c"));
  q.method = "POST";
  q.body = std::string("a\0b", 3);
  q.content_type = "application/octet-stream";
  q.headers = {{"X-Mine", "yes"}};
  const auto answer = http::fetch(q);
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_EQ(answer->status, 409);
  EXPECT_EQ(answer->body, std::string("a\0b", 3));
  EXPECT_EQ(answer->headers.find("x-seen")->second, "yes|application/octet-stream");
  EXPECT_EQ(answer->headers.find("content-type")->second, "text/x.tlog.size");
}

TEST(Fetch, GetWantsA200AndNamesAMissingFile) {
  Serving s([](httplib::Server& server) {
    say_hello(server);
    server.Get("/broken", [](const httplib::Request&, httplib::Response& r) { r.status = 500; });
  });
  EXPECT_EQ(http::get(s.at("/hello")).value(), "hello");
  const auto missing = http::get(s.at("/nothing?token=secret"));
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().what.find("404"), std::string::npos);
  EXPECT_EQ(missing.error().what.find("secret"), std::string::npos) << "a query may hold secrets";
  EXPECT_NE(http::get(s.at("/broken")).error().what.find("500"), std::string::npos);
}

TEST(Fetch, MoreThanAskedForIsALimit) {
  Serving s([](httplib::Server& server) {
    server.Get("/sized", [](const httplib::Request&, httplib::Response& r) { r.set_content(std::string(1000, 'x'), "text/plain"); });
    server.Get("/chunked", [](const httplib::Request&, httplib::Response& r) {
      r.set_chunked_content_provider("text/plain", [](std::size_t, httplib::DataSink& sink) { return sink.write("0123456789", 10); });
    });
  });
  EXPECT_EQ(http::get(s.at("/sized"), 1000)->size(), 1000u);
  EXPECT_EQ(http::get(s.at("/sized"), 999).error().trouble, Trouble::limit);
  EXPECT_EQ(http::get(s.at("/chunked"), 100000).error().trouble, Trouble::limit) << "a body without end";
}

TEST(Fetch, HeadersWithoutEndAreStopped) {
  std::size_t sent = 0;
  {
    RawServer s([&](int socket) {
      put(socket, "HTTP/1.1 200 OK\r\n");
      const std::string line = "X-Flood: " + std::string(4000, 'a') + "\r\n";
      while (sent < (std::size_t{1} << 30) && put(socket, line)) sent += line.size();
    });
    auto q = request_of(s.address());
    q.most_bytes = 1000;
    EXPECT_EQ(http::fetch(q).error().trouble, Trouble::limit);
  }
  EXPECT_LT(sent, std::size_t{256} << 20);
}

TEST(Fetch, ASlowServerEndsAtTheDeadlineHoweverItDrips) {
  RawServer s([](int socket) {
    put(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    for (int i = 0; i < 200 && put(socket, "x"); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  });
  auto q = request_of(s.address());
  q.timeout_seconds = 1;
  EXPECT_LT(seconds_of([&] {
              const auto answer = http::fetch(q);
              ASSERT_FALSE(answer);
              EXPECT_EQ(answer.error().trouble, Trouble::io);
              EXPECT_NE(answer.error().what.find("within 1 seconds"), std::string::npos) << answer.error().what;
            }),
            5.0);
}

TEST(Fetch, AnAnswerCutShortIsNone) {
  RawServer s([](int socket) { put(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"); });
  EXPECT_FALSE(http::fetch(request_of(s.address())));
  RawServer t([](int socket) { put(socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"); });
  EXPECT_FALSE(http::fetch(request_of(t.address())));
}

TEST(Fetch, NobodyListensIsASentence) {
  int port = 0;
  { port = Serving([](httplib::Server&) {}).port; }
  const auto answer = http::fetch(request_of(fmt::format("http://127.0.0.1:{}/a?secret", port)));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().what, fmt::format("http://127.0.0.1:{}: it can't be connected to", port));
}

TEST(Fetch, RedirectsAreFollowedWhenAskedAndNotForever) {
  Serving other([](httplib::Server& server) {
    server.Get("/there", [](const httplib::Request& q, httplib::Response& r) { r.set_content("token=" + q.get_header_value("Authorization"), "text/plain"); });
  });
  Serving s([&](httplib::Server& server) {
    say_hello(server);
    server.Get("/round", [](const httplib::Request&, httplib::Response& r) { r.set_redirect("/round"); });
    server.Get("/near", [](const httplib::Request&, httplib::Response& r) { r.set_redirect("/hello"); });
    server.Get("/far", [&](const httplib::Request&, httplib::Response& r) { r.set_redirect(other.at("/there")); });
    server.Get("/file", [&](const httplib::Request&, httplib::Response& r) { r.set_redirect("file:///etc/passwd"); });
  });
  auto q = request_of(s.at("/near"));
  EXPECT_EQ(http::fetch(q)->status, 302);
  q.follow = true;
  EXPECT_EQ(http::fetch(q)->body, "hello");
  q.url = s.at("/round");
  EXPECT_EQ(http::fetch(q).error().trouble, Trouble::limit);
  q.url = s.at("/far");
  q.headers = {{"Authorization", "mine"}};
  EXPECT_EQ(http::fetch(q)->body, "token=") << "a secret went to another origin";
  q.url = s.at("/file");
  EXPECT_FALSE(http::fetch(q)) << "a server made us read a file";
}

TEST(Fetch, TlsIsVerifiedAgainstTheGivenAuthority) {
  Authority authority, stranger;
  Serving s(authority.https(), say_hello);
  auto q = request_of(s.at("/hello", "https"));
  EXPECT_NE(http::fetch(q).error().what.find("certificate"), std::string::npos) << "the system does not know this authority";
  q.ca_file = stranger.file;
  EXPECT_FALSE(http::fetch(q));
  q.ca_file = "/nonexistent";
  EXPECT_FALSE(http::fetch(q));
  q.ca_file = authority.file;
  const auto answer = http::fetch(q);
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_EQ(answer->body, "hello");
}

TEST(Fetch, ACertificateForAnotherHostIsRefused) {
  Authority authority("DNS:elsewhere.example,IP:127.0.0.2");
  Serving s(authority.https(), say_hello);
  auto q = request_of(s.at("/hello", "https"));
  q.ca_file = authority.file;
  EXPECT_FALSE(http::fetch(q));
}

TEST(Fetch, NoRedirectLeavesHttps) {
  Serving plain(say_hello);
  Authority authority;
  Serving s(authority.https(), [&](httplib::Server& server) { server.Get("/down", [&](const httplib::Request&, httplib::Response& r) { r.set_redirect(plain.at("/hello")); }); });
  auto q = request_of(s.at("/down", "https"));
  q.ca_file = authority.file;
  q.follow = true;
  const auto answer = http::fetch(q);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().what.find("from https to http"), std::string::npos) << answer.error().what;
}

TEST(Fetch, HeadersCantBeSmuggled) {
  auto q = request_of("http://127.0.0.1:1/");
  q.headers = {{"X", "a\r\nY: b"}};
  EXPECT_EQ(http::fetch(q).error().trouble, Trouble::usage);
  q.headers = {};
  q.method = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(http::fetch(q).error().trouble, Trouble::usage);
}

TEST(Fetch, FilesAreReadWithinTheSameBounds) {
  char name[] = "/tmp/assay-file-XXXXXX";
  const std::string folder = ::mkdtemp(name);
  std::ofstream(folder + "/a b") << "content";
  EXPECT_EQ(http::get("file://" + folder + "/a%20b").value(), "content");
  EXPECT_EQ(http::get("file://" + folder + "/a%20b", 6).error().trouble, Trouble::limit);
  EXPECT_NE(http::get("file://" + folder + "/none").error().what.find("404"), std::string::npos);
  EXPECT_FALSE(http::get("file://" + folder));
  ASSERT_EQ(::mkfifo((folder + "/pipe").c_str(), 0600), 0);
  EXPECT_FALSE(http::get("file://" + folder + "/pipe")) << "a pipe would block for ever";
  EXPECT_FALSE(http::get("file://" + folder + "/a%20b%00"));
  std::filesystem::remove_all(folder);
}

TEST(Url, WhatIsNoAddressIsSaidSo) {
  for (const auto* bad : {"", "example.com", "ftp://a/", "http://", "http://a b/", "http://u:p@h/", "http://h:0/", "http://h:99999/", "http://h:1x/", "file://host/x"}) EXPECT_FALSE(http::Url::parse(bad)) << bad;
  const auto six = http::Url::parse("http://[::1]:8080/x?y");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->origin(), "http://[::1]:8080");
  EXPECT_EQ(six->path, "/x?y");
}
