// The npm market: a registry that hands on only what may enter. Metadata is filtered, so that ranges and
// "latest" pick a version that may enter; the tarball itself is refused as well, so that pinned versions
// and lock files, which skip metadata, meet the same door.
#include <fmt/format.h>

#include "base/base64.h"
#include "gate/market.h"
#include "gate/npm/digest_map.h"
#include "gate/npm/packument.h"
#include "gate/npm/routes.h"
#include "gate/proxy/bounded_json.h"
#include "gate/proxy/hand_on.h"
#include "gate/proxy/keeper.h"
#include "gate/proxy/listener.h"

namespace gate {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::uint64_t most_small = 16u << 20;   // of audit and search answers
constexpr int learn_seconds = 60;                 // for one package's metadata

struct Options {
  UpstreamOptions upstream;
  ListenOptions listen;
  std::string learnt, public_address;
  std::size_t learn = 16;
  int wait = 0;
};

class Registry {
 public:
  Registry(const Options& options, Upstream upstream, std::unique_ptr<DigestMap> digests, Front& front)
      : options_(options), upstream_(std::move(upstream)), keeper_(upstream_.keep()), digests_(std::move(digests)), front_(front) {}

  void respond(const httplib::Request& request, const std::string& body, httplib::Response& answer) {
    const auto route = route_of(request.method, request.target);
    switch (route.kind) {
      case NpmRoute::Kind::packument:
      case NpmRoute::Kind::version: return metadata(route, request, answer);
      case NpmRoute::Kind::passed: return pass(request, body, answer);
      case NpmRoute::Kind::ping: return json_answer(answer, 200, nlohmann::json::object());
      case NpmRoute::Kind::file: return tarball(request, answer);
      case NpmRoute::Kind::refused: return error(answer, 405, "Assay's gate only hands out packages: publish, log in and change tags at the registry itself");
      case NpmRoute::Kind::unknown: return error(answer, 404, "Assay's gate does not pass this on");
    }
  }

 private:
  static void json_answer(httplib::Response& answer, int status, const nlohmann::json& value) {
    answer.status = status;
    answer.set_content(write_json(value), "application/json");
  }
  // npm shows the reason phrase, the JSON's "error", and "npm-notice", each in some of its versions and commands.
  static void error(httplib::Response& answer, int status, const std::string& text) {
    set_reason(answer, text);
    answer.set_header("Cache-Control", "no-store");
    json_answer(answer, status, {{"error", text}, {"message", text}});
  }
  static void failed(httplib::Response& answer, const base::Error& wrong) {
    error(answer, wrong.trouble == base::Trouble::limit ? 504 : 502, "Assay's gate got no answer from the registry: " + base::printable(wrong.what));
  }
  static void notice(httplib::Response& answer, const std::string& text) {
    std::string out;
    for (const unsigned char c : text.substr(0, 600)) out += c < ' ' || c > '~' ? '?' : static_cast<char>(c);
    answer.set_header("npm-notice", "Assay: " + out);
  }

  std::string own_address(const httplib::Request& request) const {
    if (!options_.public_address.empty()) return options_.public_address;
    return (options_.listen.tls_cert.empty() ? "http://" : "https://") + host_of(request);
  }

  void tarball(const httplib::Request& request, httplib::Response& answer) {
    const auto address = upstream_.origins().address_of(request.target);
    if (!address) return error(answer, 404, "Assay's gate does not pass this on");
    const auto fetched = keeper_.get(upstream_, *address, request.get_header_value("Authorization"));
    if (!fetched) return failed(answer, fetched.error());
    if ((*fetched)->status != 200) return pass_status(answer, **fetched);
    const auto decision = decide(front_, (*fetched)->body, "npm", options_.wait);
    if (decision.answer != Answer::allow) {
      notice(answer, decision.sentence);
      return error(answer, 403, refusal_of(decision));
    }
    hand_on(answer, *fetched, "application/octet-stream");
  }

  void metadata(const NpmRoute& route, const httplib::Request& request, httplib::Response& answer) {
    const auto address = upstream_.origins().address_of("/" + route.package);
    if (!address) return error(answer, 404, "Assay's gate does not pass this on");
    const bool brief = route.kind == NpmRoute::Kind::packument && request.get_header_value("Accept").find("application/vnd.npm.install-v1+json") != std::string::npos;
    const auto authorization = request.get_header_value("Authorization");
    const std::string accept = brief ? "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8" : "application/json";
    const auto fetched = upstream_.get(*address, {{"Accept", accept}}, authorization, most_packument);
    if (!fetched) return failed(answer, fetched.error());
    if (fetched->status != 200) {
      pass_status(answer, *fetched);
      return json_answer(answer, answer.status, {{"error", fmt::format("the registry answered {}", fetched->status)}});
    }
    auto filtered = filter(*fetched, authorization, own_address(request));
    if (!filtered) return failed(answer, filtered.error());
    if (!filtered->second.notice.empty()) notice(answer, filtered->second.notice);
    if (route.kind == NpmRoute::Kind::version) return one_version(filtered->first, route.version, answer);
    const auto text = write_json(filtered->first);
    const auto tag = "\"" + base::sha256(text).hex().substr(0, 32) + "\"";
    // npm shows no notice of an answer that it may keep (npm-registry-fetch, check-response.js).
    answer.set_header("Cache-Control", filtered->second.notice.empty() ? "no-cache" : "no-store");
    answer.set_header("ETag", tag);
    answer.set_header("Vary", "Accept");
    if (request.get_header_value("If-None-Match") == tag) {
      answer.status = 304;
      return;
    }
    answer.status = 200;
    const bool is_brief = brief && fetched->header("content-type").find("install-v1") != std::string_view::npos;
    answer.set_content(text, is_brief ? "application/vnd.npm.install-v1+json" : "application/json");
  }

  base::Result<std::pair<nlohmann::json, Filtered>> filter(const Fetched& fetched, const std::string& authorization, const std::string& base) {
    auto packument = TRY(read_json(TRY(fetched.body.text(most_packument)), most_packument));
    const auto files = TRY(files_of(packument));
    Refusals refusals;
    std::size_t left = options_.learn;
    const auto deadline = Clock::now() + std::chrono::seconds(learn_seconds);
    for (const auto& file : files) {
      auto digest = digests_->find(file.integrity);
      if (!digest && left > 0 && Clock::now() < deadline) {
        --left;
        const auto learnt = learn(file, authorization);
        if (!learnt) {
          if (learnt.error().trouble == base::Trouble::malformed) refusals[file.version] = learnt.error().what;
          continue;   // not to be had now: the door at the file decides
        }
        digest = *learnt;
      }
      if (!digest) continue;
      const auto decision = front_.ask(*digest, "npm-metadata");
      if (decision.answer != Answer::allow) refusals[file.version] = base::printable(decision.sentence) + (decision.link.empty() ? "" : " " + base::printable(decision.link));
    }
    const auto changed = filter_packument(packument, std::move(refusals), [this](const std::string& address) { return upstream_.origins().path_of(address); }, base);
    return std::pair(std::move(packument), changed);
  }

  // Fetches a version's file once, to know it by SHA-256.
  base::Result<base::Digest> learn(const VersionFile& file, const std::string& authorization) {
    if (file.integrity.empty()) return base::fail(base::Trouble::malformed, "its registry entry has no digest");
    if (!upstream_.origins().knows(file.tarball)) return base::fail(base::Trouble::usage, "its file is kept elsewhere");
    auto fetched = TRY(upstream_.get(file.tarball, {}, authorization, upstream_.most_bytes()));
    if (fetched.status != 200) return base::fail(base::Trouble::io, "the registry answered {}", fetched.status);
    const bool strong = file.integrity.starts_with("sha512-");
    const auto sum = TRY(fetched.body.digest_by(strong ? "sha512" : "sha1"));
    const auto own = strong ? "sha512-" + base::to_base64(sum) : "sha1-" + base::to_hex(sum);
    if (own != file.integrity) return base::fail(base::Trouble::malformed, "its file is not the one that its registry entry names");
    digests_->add(file.integrity, fetched.body.digest());
    return fetched.body.digest();
  }

  // GET /name/1.2.3 or /name/latest: one version of the filtered metadata.
  static void one_version(const nlohmann::json& packument, const std::string& wanted, httplib::Response& answer) {
    const auto tagged = text_in(part_in(packument, "dist-tags"), wanted);
    const auto& version = tagged.empty() ? wanted : tagged;
    const auto& manifest = part_in(part_in(packument, "versions"), version);
    const auto& restrictions = part_in(packument, "policyRestrictions");
    if (!manifest.is_null()) return json_answer(answer, 200, manifest);
    if (part_in(part_in(restrictions, "versions"), version).is_null()) return error(answer, 404, "there is no such version");
    error(answer, 403, text_in(restrictions, "message"));
  }

  // Advisories, keys, search: answers that bring no software. Bounded, and nothing of the asker but the body.
  void pass(const httplib::Request& request, const std::string& body, httplib::Response& answer) {
    const auto address = upstream_.origins().address_of(request.target);
    if (!address) return error(answer, 404, "Assay's gate does not pass this on");
    const auto authorization = request.get_header_value("Authorization");
    const auto fetched = request.method == "POST" ? upstream_.post(*address, {{"Accept", "application/json"}}, body, "application/json", authorization, most_small)
                                                  : upstream_.get(*address, {{"Accept", "application/json"}}, authorization, most_small);
    if (!fetched) return failed(answer, fetched.error());
    if (fetched->status != 200) return pass_status(answer, *fetched);
    const auto text = fetched->body.text(most_small);
    const auto value = text ? read_json(*text, most_small) : base::Result<nlohmann::json>(std::unexpected(text.error()));
    if (!value) return failed(answer, value.error());
    json_answer(answer, 200, *value);
  }

  const Options& options_;
  Upstream upstream_;
  Keeper keeper_;
  std::unique_ptr<DigestMap> digests_;
  Front& front_;
};

base::Result<int> run(const Options& options, Door& door) {
  if (!options.public_address.empty()) (void)TRY(http::Url::parse(options.public_address));
  auto upstream = TRY(Upstream::make(options.upstream));
  auto digests = TRY(DigestMap::open(options.learnt));
  const auto front = TRY(door.open_following());
  Registry registry(options, std::move(upstream), std::move(digests), *front);
  return serve(options.listen, [&](const httplib::Request& request, const std::string& body, httplib::Response& answer) { registry.respond(request, body, answer); });
}

}  // namespace

void add_npm(Door& door) {
  auto options = std::make_shared<Options>();
  auto* command = door.cli.add_subcommand("npm", "Stand before an npm registry and hand on only what may enter");
  add_upstream_options(*command, options->upstream, "https://registry.npmjs.org");
  add_listen_options(*command, options->listen);
  command->add_option("--public", options->public_address, "Address that clients use, for links in metadata; as they asked when left out")->type_name("URL");
  command->add_option("--learnt", options->learnt, "File that keeps which SHA-512 is which SHA-256")->type_name("FILE");
  command->add_option("--learn", options->learn, "How many unknown files are fetched at most to filter one package's metadata")->type_name("N");
  command->add_option("--wait", options->wait, "Give an unknown tarball to vetting and wait so long")->type_name("SECONDS");
  command->callback([&door, options] {
    while (options->public_address.ends_with('/')) options->public_address.pop_back();
    door.result = run(*options, door);
  });
}

}  // namespace gate
