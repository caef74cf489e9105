// The OCI registry gate: clients pull through it (/v2/). A tag is resolved to the manifest that was
// fetched, and that manifest is decided; blobs are handed out only when a manifest that was allowed names
// them, and only when their bytes are those of the digest.
#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>

#include "base/bytes.h"
#include "gate/oci/image_decision.h"
#include "gate/oci/image_name.h"
#include "gate/oci/oci.h"
#include "gate/proxy/bounded_json.h"
#include "gate/proxy/hand_on.h"
#include "gate/proxy/keeper.h"

namespace gate {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t most_open = 200'000;
constexpr auto open_for = std::chrono::hours(6);   // a slow pull; a new pull asks for the manifest again

/// Which blobs may be fetched now. Threads: any number.
class OpenBlobs {
 public:
  enum class As { closed, image, statement };
  void open(const base::Digest& digest, As as) {
    const std::lock_guard lock(lock_);
    const auto now = Clock::now();
    if (open_.size() >= most_open) std::erase_if(open_, [&](const auto& one) { return one.second.second < now; });
    if (open_.size() >= most_open) open_.clear();   // clients ask for the manifest again
    auto& at = open_[digest];
    if (at.first != As::image || at.second < now) at.first = as;   // what is open as a layer stays so
    at.second = now + open_for;
  }
  As find(const base::Digest& digest) {
    const std::lock_guard lock(lock_);
    const auto at = open_.find(digest);
    return at == open_.end() || at->second.second < Clock::now() ? As::closed : at->second.first;
  }

 private:
  std::mutex lock_;
  std::map<base::Digest, std::pair<As, Clock::time_point>> open_;
};

class RegistryGate {
 public:
  RegistryGate(Upstream upstream, std::string manifests, Front& front) : upstream_(std::move(upstream)), keeper_(upstream_.keep()), manifests_(std::move(manifests)), front_(front) {}

  void respond(const httplib::Request& request, httplib::Response& answer) {
    const auto route = oci_route_of(request.method, request.target);
    switch (route.kind) {
      case OciRoute::Kind::base: return base_page(request, answer);
      case OciRoute::Kind::manifest: return manifest(route, request, answer);
      case OciRoute::Kind::blob: return blob(route, request, answer);
      case OciRoute::Kind::tags:
      case OciRoute::Kind::referrers: return list(request, answer);
      case OciRoute::Kind::refused: return error(answer, 405, "UNSUPPORTED", "Assay's gate only hands out images: push to the registry itself");
      case OciRoute::Kind::unknown: return error(answer, 404, "NAME_UNKNOWN", "Assay's gate does not pass this on");
    }
  }

 private:
  // distribution-spec, "Error codes".
  static void error(httplib::Response& answer, int status, const std::string& code, const std::string& text) {
    answer.status = status;
    set_reason(answer, text);
    answer.set_content(write_json({{"errors", {{{"code", code}, {"message", text}, {"detail", nullptr}}}}}), "application/json");
  }
  static void failed(httplib::Response& answer, const base::Error& wrong) {
    error(answer, wrong.trouble == base::Trouble::limit ? 504 : 502, "UNAVAILABLE", "Assay's gate got no answer from the registry: " + base::printable(wrong.what));
  }
  static void denied(httplib::Response& answer, const Decision& decision) { error(answer, 403, "DENIED", refusal_of(decision)); }
  // 401 with its challenge, 404...: the client goes to the registry's own token service.
  static void upstreams_no(httplib::Response& answer, const Fetched& fetched) {
    pass_status(answer, fetched);
    error(answer, answer.status, answer.status == 401 ? "UNAUTHORIZED" : answer.status == 404 ? "NAME_UNKNOWN" : "UNKNOWN", fmt::format("the registry answered {}", fetched.status));
  }
  base::Result<Fetched> fetch(const std::string& path, const Upstream::Headers& headers, const httplib::Request& request, std::uint64_t most) {
    return upstream_.get(upstream_.origins().upstream() + path, headers, request.get_header_value("Authorization"), most);
  }

  void base_page(const httplib::Request& request, httplib::Response& answer) {
    const auto fetched = fetch("/v2/", {}, request, 1u << 20);
    if (!fetched) return failed(answer, fetched.error());
    answer.set_header("Docker-Distribution-Api-Version", "registry/2.0");
    if (fetched->status != 200) return upstreams_no(answer, *fetched);
    answer.status = 200;
    answer.set_content("{}", "application/json");
  }

  void manifest(const OciRoute& route, const httplib::Request& request, httplib::Response& answer) {
    std::string accept;
    for (const auto& [name, value] : request.headers)
      if (name == "Accept" || name == "accept") accept += (accept.empty() ? "" : ", ") + value;
    if (accept.empty() || accept == "*/*") accept = manifest_types;
    auto fetched = fetch("/v2/" + route.name + "/manifests/" + route.reference, {{"Accept", accept}}, request, most_manifest);
    if (!fetched) return failed(answer, fetched.error());
    if (fetched->status != 200) return upstreams_no(answer, *fetched);
    const auto digest = fetched->body.digest();
    const auto asked = digest_from(route.reference);
    if (asked && *asked != digest) return denied(answer, front_.note(refuse_changed(*asked), *asked, "oci"));
    const auto text = fetched->body.text(most_manifest);
    if (!text) return failed(answer, text.error());
    const auto read = read_manifest(*text, fetched->header("content-type"));
    if (!read) return error(answer, 403, "DENIED", "Assay refuses this image: " + base::printable(read.error().what));
    if (const auto decision = decide_manifest(route, digest, *read, request); decision.answer != Answer::allow) return denied(answer, decision);
    manifests_.keep(digest, *text);
    answer.set_header("Docker-Content-Digest", "sha256:" + digest.hex());
    hand_on(answer, std::move(*fetched), read->media_type);
  }

  Decision decide_manifest(const OciRoute& route, const base::Digest& digest, const ImageManifest& manifest, const httplib::Request& request) {
    if (manifest.kind == ImageManifest::Kind::index) return decide_index(route, digest, manifest, request);
    const bool statements = manifest.kind == ImageManifest::Kind::statements;
    auto decision = statements ? Decision{Answer::allow, Why::passed, {}, {}, {}} : decide_image(front_, digest, manifest, "oci");
    if (decision.answer != Answer::allow) return decision;
    for (const auto& blob : manifest.blobs) blobs_.open(blob, statements ? OpenBlobs::As::statement : OpenBlobs::As::image);
    return decision;
  }

  // An index is only a list: it passes when one of its images may enter; each is decided again when it is
  // fetched. So a machine whose platform was vetted can pull by the usual tag.
  Decision decide_index(const OciRoute& route, const base::Digest& digest, const ImageManifest& index, const httplib::Request& request) {
    // A list of statements alone (a referrers tag) brings nothing to run.
    if (index.platforms.empty() && !index.others.empty()) return {Answer::allow, Why::passed, {}, {}, {}};
    std::optional<Decision> best;
    for (const auto& platform : index.platforms) {
      const auto fetched = fetch("/v2/" + route.name + "/manifests/sha256:" + platform.hex(), {{"Accept", std::string(manifest_types)}}, request, most_manifest);
      const auto text = fetched && fetched->status == 200 ? fetched->body.text(most_manifest) : base::Result<std::string>(base::fail(base::Trouble::io, "no answer"));
      if (!text || base::sha256(*text) != platform) continue;   // a platform that the registry doesn't keep
      const auto image = read_manifest(*text);
      if (!image || image->kind != ImageManifest::Kind::image) continue;
      auto one = decide_image(front_, platform, *image, "oci");
      manifests_.keep(platform, *text);   // all of them: the Kubernetes gate asks for each
      if (!best || (best->answer != Answer::allow && one.answer == Answer::allow)) best = std::move(one);
    }
    if (best) return *best;
    return front_.note({Answer::deny, Why::unknown, fmt::format("The index {} names no image that the registry has.", digest.brief()), {}, {}}, digest, "oci");
  }

  void blob(const OciRoute& route, const httplib::Request& request, httplib::Response& answer) {
    const auto digest = *digest_from(route.reference);
    const auto as = blobs_.find(digest);
    if (as == OpenBlobs::As::closed)
      return denied(answer, front_.note({Answer::deny, Why::unknown, fmt::format("The layer {} belongs to no image that was let in here: ask for the image's manifest first.", digest.brief()), {}, {}}, digest, "oci"));
    const auto got = keeper_.get(upstream_, upstream_.origins().upstream() + "/v2/" + route.name + "/blobs/" + route.reference, request.get_header_value("Authorization"));
    if (!got) return failed(answer, got.error());
    const auto& fetched = **got;
    if (fetched.status != 200) return upstreams_no(answer, fetched);
    if (fetched.body.taken_digest() != digest) return denied(answer, front_.note(refuse_changed(digest), digest, "oci"));
    if (as == OpenBlobs::As::statement) {   // nothing but JSON may come by this way
      const auto text = fetched.body.text(most_statement_blob);
      if (!text || !read_json(*text, most_statement_blob)) return error(answer, 403, "DENIED", "Assay refuses this: it is called a statement and is none");
    }
    answer.set_header("Docker-Content-Digest", route.reference);
    hand_on(answer, *got, "application/octet-stream");
  }

  // Tags and referrers: names and digests only.
  void list(const httplib::Request& request, httplib::Response& answer) {
    const auto address = upstream_.origins().address_of(request.target);
    if (!address) return error(answer, 404, "NAME_UNKNOWN", "Assay's gate does not pass this on");
    const auto fetched = upstream_.get(*address, {}, request.get_header_value("Authorization"), most_manifest);
    if (!fetched) return failed(answer, fetched.error());
    if (fetched->status != 200) return upstreams_no(answer, *fetched);
    const auto text = fetched->body.text(most_manifest);
    const auto value = text ? read_json(*text, most_manifest) : base::Result<nlohmann::json>(std::unexpected(text.error()));
    if (!value) return failed(answer, value.error());
    answer.status = 200;
    const auto type = fetched->header("content-type");
    answer.set_content(write_json(*value), type.starts_with("application/vnd.oci.image.index") ? "application/vnd.oci.image.index.v1+json" : "application/json");
  }

  Upstream upstream_;
  Keeper keeper_;
  ManifestFolder manifests_;
  OpenBlobs blobs_;
  Front& front_;
};

}  // namespace

base::Result<int> run_oci_gate(const OciOptions& options, Front& front) {
  std::error_code wrong;
  if (!options.manifests.empty()) std::filesystem::create_directories(options.manifests, wrong);
  if (!options.manifests.empty() && !std::filesystem::is_directory(options.manifests, wrong))
    return base::fail(base::Trouble::usage, "{} is no folder that can be made: give another with --manifests", base::printable(options.manifests));
  RegistryGate gate(TRY(Upstream::make(options.upstream)), options.manifests, front);
  return serve(options.listen, [&](const httplib::Request& request, const std::string&, httplib::Response& answer) { gate.respond(request, answer); });
}

}  // namespace gate
