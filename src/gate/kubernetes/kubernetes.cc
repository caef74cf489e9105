// The Kubernetes market: a ValidatingAdmissionWebhook. Answers from what the gate knows and from a local
// folder of manifests, never over the network, so that a slow registry can't stop a cluster.
#include <fmt/format.h>

#include <map>

#include "base/bytes.h"
#include "gate/kubernetes/review.h"
#include "gate/market.h"
#include "gate/oci/image_decision.h"
#include "gate/oci/image_name.h"
#include "gate/proxy/listener.h"

namespace gate {
namespace {

constexpr std::size_t most_message = 4000;

struct Options {
  ListenOptions listen;
  std::string manifests;
  bool insecure = false;
};

class Webhook {
 public:
  Webhook(std::string manifests, Front& front) : manifests_(std::move(manifests)), front_(front) {}

  void respond(const httplib::Request& request, const std::string& body, httplib::Response& answer) {
    if (request.method != "POST") {
      answer.status = 405;
      answer.set_content("Kubernetes posts its reviews to this webhook.\n", "text/plain; charset=utf-8");
      return;
    }
    answer.status = 200;
    answer.set_content(review(body), "application/json");
  }

 private:
  std::string review(const std::string& body) {
    std::string uid;
    const auto read = read_review(body, uid);
    if (!read) return write_review(uid, false, "Assay can't read this review: " + base::printable(read.error().what));
    if (read->no_pods) return write_review(uid, true, {}, {fmt::format("Assay looks at kinds with pods; a {} was let pass unseen", base::printable(read->kind))});
    std::string message;
    std::map<base::Digest, Decision> asked;   // a pod often names one image several times
    for (const auto& one : read->images)
      if (const auto why = refusal(one, read->dry_run ? "kubernetes-dry-run" : "kubernetes", asked); !why.empty()) message += (message.empty() ? "" : "; ") + one.container + ": " + why;
    if (message.size() > most_message) message = message.substr(0, most_message) + "...";
    return write_review(uid, message.empty(), "Assay refuses this " + base::printable(read->kind) + ": " + message);
  }

  // Why this image may not run, "" = it may.
  std::string refusal(const ReviewImage& one, std::string_view market, std::map<base::Digest, Decision>& asked) {
    const auto digest = pinned_digest(one.image);
    if (!digest)
      return fmt::format("the image {} is not pinned: a tag can be moved to other software at any time, so write it as NAME@sha256:DIGEST", one.image.empty() ? "(none)" : base::printable(one.image.substr(0, 200)));
    auto at = asked.find(*digest);
    if (at == asked.end()) at = asked.emplace(*digest, decide_any(front_, *digest, [this](const base::Digest& d) { return manifests_.find(d); }, market)).first;
    const auto& decision = at->second;
    if (decision.answer == Answer::allow) return {};
    return decision.sentence + (decision.link.empty() ? "" : " " + decision.link);
  }

  ManifestFolder manifests_;
  Front& front_;
};

base::Result<int> run(const Options& options, Door& door) {
  if (options.listen.tls_cert.empty() && !options.insecure) return base::fail(base::Trouble::usage, "Kubernetes asks webhooks over TLS only: give --tls-cert and --tls-key (or --plain-http behind something that speaks TLS)");
  const auto front = TRY(door.open_following());
  Webhook webhook(options.manifests, *front);
  return serve(options.listen, [&](const httplib::Request& request, const std::string& body, httplib::Response& answer) { webhook.respond(request, body, answer); });
}

}  // namespace

void add_kubernetes(Door& door) {
  auto options = std::make_shared<Options>();
  options->listen.most_body = most_review;
  auto* command = door.cli.add_subcommand("kubernetes", "Validating webhook of Kubernetes: pods run only images that may enter");
  add_listen_options(*command, options->listen);
  command->add_option("--manifests", options->manifests, "Folder of manifests, as `oci --manifests` fills it")->required()->type_name("FOLDER");
  command->add_flag("--plain-http", options->insecure, "Without TLS");
  command->callback([&door, options] { door.result = run(*options, door); });
}

}  // namespace gate
