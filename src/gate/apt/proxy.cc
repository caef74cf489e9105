#include "gate/apt/proxy.h"

#include <algorithm>

#include "gate/proxy/hand_on.h"
#include "gate/proxy/keeper.h"

namespace gate {
namespace {

// What passes of the upstream's headers: apt asks again with If-Modified-Since.
void keep_times(const Fetched& fetched, httplib::Response& answer) {
  const auto changed = fetched.header("last-modified");
  if (!changed.empty()) answer.set_header("Last-Modified", std::string(changed));
}

// As a mirror apt asks for a path; as apt's proxy (Acquire::http::Proxy) for a whole address.
std::optional<std::string> address_of(const Origins& origins, const std::string& target) {
  if (target.starts_with('/')) return origins.address_of(target);
  const auto whole = resolve(origins.upstream(), target);
  return whole && origins.path_of(*whole) ? std::optional(*whole) : std::nullopt;
}

void respond(const Upstream& upstream, Keeper& keeper, Front& front, int wait_seconds, const httplib::Request& request, httplib::Response& answer) {
  if (request.method != "GET" && request.method != "HEAD") {
    answer.status = 405;
    set_reason(answer, "Assay's gate only hands out packages over http");
    return;
  }
  const auto address = address_of(upstream.origins(), request.target);
  if (!address) {
    answer.status = 404;
    set_reason(answer, "Assay's gate stands before another repository");
    return;
  }
  Upstream::Headers headers;
  if (const auto since = request.get_header_value("If-Modified-Since"); !since.empty()) headers.emplace_back("If-Modified-Since", since);
  const bool named_index = is_index_path(*address);
  base::Result<std::shared_ptr<const Fetched>> got = nullptr;
  if (named_index) {   // always as it is now
    auto fresh = upstream.get(*address, headers, {}, upstream.most_bytes());
    if (!fresh) return say_upstream_failed(answer, fresh.error());
    (void)fresh->body.digest();
    got = std::make_shared<const Fetched>(std::move(*fresh));
  } else {
    got = keeper.get(upstream, *address, {});
  }
  if (!got) return say_upstream_failed(answer, got.error());
  const auto& fetched = **got;
  if (fetched.status == 304) {
    answer.status = 304;
    return keep_times(fetched, answer);
  }
  if (fetched.status != 200) return pass_status(answer, fetched);
  const auto first = fetched.body.piece(0, std::min<std::uint64_t>(fetched.body.size(), 16));
  if (!first) return say_upstream_failed(answer, first.error());
  const bool index = named_index && !is_debian_package(*first);
  if (!index) {
    const auto decision = decide(front, fetched.body, "apt", wait_seconds);
    if (decision.answer != Answer::allow) return refuse(answer, decision);
  }
  keep_times(fetched, answer);
  hand_on(answer, *got, index ? "application/octet-stream" : "application/vnd.debian.binary-package");
}

bool is_hex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == text.npos; }

}  // namespace

bool is_debian_package(std::string_view first) {
  return first.starts_with("!<arch>") || first.starts_with("0.9");   // deb(5), and deb-old(5)
}

bool is_index_path(std::string_view path) {
  path = path.substr(0, path.find('?'));
  const auto slash = path.rfind('/');
  if (slash == path.npos) return false;
  auto name = path.substr(slash + 1);
  const auto folder = path.substr(0, slash);
  if (name == "Release" || name == "InRelease" || name == "Release.gpg") return true;
  for (const std::string_view kind : {"/by-hash/SHA256", "/by-hash/SHA512", "/by-hash/SHA1", "/by-hash/MD5Sum"})
    if (folder.ends_with(kind)) return name.size() >= 32 && is_hex(name);
  if (folder.ends_with("/Packages.diff") || folder.ends_with("/Sources.diff")) return true;
  for (const std::string_view end : {".gz", ".xz", ".bz2", ".lzma", ".lz4", ".zst"})
    if (name.ends_with(end)) {
      name.remove_suffix(end.size());
      break;
    }
  if (name == "Packages" || name == "Sources") return true;
  if (path.find("/dists/") == path.npos) return false;
  for (const std::string_view begin : {"Contents-", "Translation-", "Components-", "Commands-", "icons-"})
    if (name.starts_with(begin)) return true;
  return false;
}

base::Result<int> run_apt_proxy(const UpstreamOptions& options, const ListenOptions& listen, int wait_seconds, Front& front) {
  const auto upstream = TRY(Upstream::make(options));
  Keeper keeper(upstream.keep());
  return serve(listen, [&](const httplib::Request& request, const std::string&, httplib::Response& answer) { respond(upstream, keeper, front, wait_seconds, request, answer); });
}

}  // namespace gate
