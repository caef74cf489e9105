#include "gate/proxy/upstream.h"

#include <algorithm>
#include <chrono>

#include "base/bytes.h"

namespace gate {
namespace {

using base::Trouble;
using Clock = std::chrono::steady_clock;
constexpr int most_redirects = 5;

// One exchange, its body into a spool.
base::Result<Fetched> exchange(http::Request request, std::uint64_t most_bytes) {
  Fetched out{.status = 0, .address = request.url, .headers = {}, .body = TRY(Spool::make(most_bytes))};
  request.most_bytes = most_bytes;
  request.take = [&out](std::string_view bytes) { return out.body.add(bytes); };
  auto answer = TRY(http::fetch(request));
  out.status = answer.status;
  out.headers.assign(answer.headers.begin(), answer.headers.end());
  return out;
}

}  // namespace

void add_upstream_options(CLI::App& command, UpstreamOptions& options, const std::string& example) {
  command.add_option("--upstream", options.upstream, "The market behind the gate, e.g. " + example)->required()->type_name("URL");
  command.add_option("--also", options.also, "A further origin that the market keeps files at; may be repeated")->type_name("URL");
  command.add_option("--upstream-ca", options.ca_file, "Certificates (PEM) that the market's is checked with")->type_name("FILE");
  command.add_option("--most-bytes", options.most_bytes, "Largest file that is fetched")->type_name("BYTES");
  command.add_option("--keep", options.keep, "How much of what was just fetched is kept for ten minutes, for clients that ask again")->type_name("BYTES");
  command.add_option("--seconds", options.seconds, "Longest time for one file")->type_name("SECONDS");
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
    const auto url = TRY(http::Url::parse(at));
    if (!origins_.knows(at)) return base::fail(Trouble::usage, "the market sends to {}, which this gate was not told to ask (--also)", base::printable(url.host));
    http::Request request;
    request.url = at;
    request.headers = headers;
    request.headers.emplace_back("Accept-Encoding", "identity");
    request.headers.emplace_back("User-Agent", "assay-gate");
    if (!authorization.empty() && origins_.is_upstream(at)) request.headers.emplace_back("Authorization", authorization);
    request.timeout_seconds = static_cast<int>(std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::seconds>(deadline - Clock::now()).count()));
    request.ca_file = options_.ca_file;
    auto out = TRY(exchange(std::move(request), most_bytes));
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
  http::Request request;
  request.method = "POST";
  request.url = address;
  request.headers = headers;
  request.headers.emplace_back("Accept-Encoding", "identity");
  request.headers.emplace_back("User-Agent", "assay-gate");
  if (!authorization.empty()) request.headers.emplace_back("Authorization", authorization);
  request.body = body;
  request.content_type = content_type;
  request.timeout_seconds = options_.seconds;
  request.ca_file = options_.ca_file;
  return exchange(std::move(request), most_bytes);
}

}  // namespace gate
