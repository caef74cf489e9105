#include "gate/proxy/upstream.h"

#include <httplib.h>

#include <chrono>

namespace gate {
namespace {

using base::Trouble;
using Clock = std::chrono::steady_clock;
constexpr int most_redirects = 5;

void keep_headers(Fetched& out, const httplib::Headers& headers) {
  for (const auto& [name, value] : headers) {
    std::string small = name;
    for (auto& c : small)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    out.headers.emplace_back(std::move(small), value);
  }
}

void set_up(httplib::Client& client, const UpstreamOptions& options) {
  client.set_follow_location(false);
  client.set_decompress(false);   // a digest is that of the bytes as they were sent
  client.set_url_encode(false);   // paths are kept as they were escaped
  client.set_connection_timeout(15);
  client.set_read_timeout(60);
  client.set_write_timeout(60);
  if (!options.ca_file.empty()) client.set_ca_cert_path(options.ca_file);
}

}  // namespace

void add_upstream_options(CLI::App& command, UpstreamOptions& options, const std::string& example) {
  command.add_option("--upstream", options.upstream, "the market behind the gate, e.g. " + example)->required()->type_name("URL");
  command.add_option("--also", options.also, "a further origin that the market keeps files at (repeat)")->type_name("URL");
  command.add_option("--upstream-ca", options.ca_file, "certificates (PEM) that the market's is checked with")->type_name("FILE");
  command.add_option("--most-bytes", options.most_bytes, "largest file that is fetched")->type_name("N");
  command.add_option("--seconds", options.seconds, "longest time for one file")->type_name("N");
}

std::string_view Fetched::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

base::Result<Upstream> Upstream::make(UpstreamOptions options) {
  auto origins = TRY(Origins::make(options.upstream, options.also));
  return Upstream(std::move(options), std::move(origins));
}

base::Result<Fetched> Upstream::get(const std::string& address, const Headers& headers, const std::string& authorization, std::uint64_t most_bytes) const {
  std::string at = address;
  const auto deadline = Clock::now() + std::chrono::seconds(options_.seconds);
  for (int hop = 0; hop <= most_redirects; ++hop) {
    if (!origins_.knows(at)) {
      const auto url = http::Url::parse(at);
      return base::fail(Trouble::usage, "the market sends to {}, which this gate was not told to ask (--also)", url ? base::printable(url->host) : "another place");
    }
    const auto url = TRY(http::Url::parse(at));
    httplib::Client client(url.origin());
    set_up(client, options_);
    httplib::Headers sent{{"Accept-Encoding", "identity"}, {"User-Agent", "assay-gate"}};
    for (const auto& [name, value] : headers) sent.emplace(name, value);
    if (!authorization.empty() && origins_.is_upstream(at)) sent.emplace("Authorization", authorization);
    Fetched out{.status = 0, .address = at, .headers = {}, .body = TRY(Spool::make(most_bytes))};
    base::Result<> went_well;
    const auto answer = client.Get(url.path, sent, [&](const httplib::Response& head) {
      out.status = head.status;
      keep_headers(out, head.headers);
      return true;
    }, [&](const char* bytes, std::size_t size) {
      if (went_well && Clock::now() > deadline) went_well = base::fail(Trouble::limit, "it takes longer than {} seconds", options_.seconds);
      if (went_well) went_well = out.body.add({bytes, size});
      return went_well.has_value();
    });
    if (!went_well) return std::unexpected(went_well.error());
    if (!answer) return base::fail(Trouble::io, "{} gave no whole answer ({})", base::printable(url.host), httplib::to_string(answer.error()));
    const auto location = out.header("location");
    const bool moved = out.status == 301 || out.status == 302 || out.status == 303 || out.status == 307 || out.status == 308;
    if (!moved || location.empty()) return out;
    const auto next = TRY(resolve(at, location));
    if (url.scheme == "https" && !next.starts_with("https://")) return base::fail(Trouble::usage, "the market sends from https to http, which is not followed");
    at = next;
  }
  return base::fail(Trouble::limit, "the market sends on more than {} times", most_redirects);
}

base::Result<Fetched> Upstream::post(const std::string& address, const Headers& headers, const std::string& body, const std::string& content_type, const std::string& authorization, std::uint64_t most_bytes) const {
  const auto url = TRY(http::Url::parse(address));
  httplib::Client client(url.origin());
  set_up(client, options_);
  httplib::Request request;
  request.method = "POST";
  request.path = url.path;
  request.headers = {{"Accept-Encoding", "identity"}, {"User-Agent", "assay-gate"}, {"Content-Type", content_type}};
  for (const auto& [name, value] : headers) request.headers.emplace(name, value);
  if (!authorization.empty()) request.headers.emplace("Authorization", authorization);
  request.body = body;
  Fetched out{.status = 0, .address = address, .headers = {}, .body = TRY(Spool::make(most_bytes))};
  base::Result<> went_well;
  request.content_receiver = [&](const char* bytes, std::size_t size, std::uint64_t, std::uint64_t) {
    went_well = out.body.add({bytes, size});
    return went_well.has_value();
  };
  const auto answer = client.send(request);
  if (!went_well) return std::unexpected(went_well.error());
  if (!answer) return base::fail(Trouble::io, "{} gave no whole answer ({})", base::printable(url.host), httplib::to_string(answer.error()));
  out.status = answer->status;
  keep_headers(out, answer->headers);
  return out;
}

}  // namespace gate
