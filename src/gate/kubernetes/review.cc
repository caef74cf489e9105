#include "gate/kubernetes/review.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "gate/proxy/bounded_json.h"

namespace gate {
namespace {

using base::Trouble;
using nlohmann::json;

// Where a kind keeps its pod (core/v1, apps/v1, batch/v1).
const std::map<std::string, std::vector<std::string>, std::less<>>& pod_paths() {
  static const std::vector<std::string> templated = {"spec", "template", "spec"};
  static const std::map<std::string, std::vector<std::string>, std::less<>> all = {
      {"Pod", {"spec"}},
      {"PodTemplate", {"template", "spec"}},
      {"ReplicationController", templated},
      {"Deployment", templated},
      {"ReplicaSet", templated},
      {"StatefulSet", templated},
      {"DaemonSet", templated},
      {"Job", templated},
      {"CronJob", {"spec", "jobTemplate", "spec", "template", "spec"}},
  };
  return all;
}

base::Result<> add_containers(Review& out, const json& pod, const char* key, const std::string& label) {
  const auto& list = part_in(pod, key);
  if (list.is_null()) return {};
  if (!list.is_array()) return base::fail(Trouble::malformed, "{} is no list", key);
  for (const auto& one : list) {
    if (out.images.size() >= most_containers) return base::fail(Trouble::limit, "there are more than {} containers", most_containers);
    const auto& image = part_in(one, "image");
    if (!one.is_object() || (!image.is_null() && !image.is_string())) return base::fail(Trouble::malformed, "{} holds something else than containers", key);
    out.images.push_back({fmt::format("{} {}", label, base::printable(text_in(one, "name"))), text_in(one, "image")});
  }
  return {};
}

// An image volume is mounted into containers (PodSpec, volumes[].image): it brings files like any image.
base::Result<> add_volumes(Review& out, const json& pod) {
  const auto& list = part_in(pod, "volumes");
  if (!list.is_array()) return {};
  for (const auto& one : list) {
    const auto& image = part_in(one, "image");
    if (image.is_null()) continue;
    if (out.images.size() >= most_containers) return base::fail(Trouble::limit, "there are more than {} containers and volumes", most_containers);
    out.images.push_back({fmt::format("volume {}", base::printable(text_in(one, "name"))), text_in(image, "reference")});
  }
  return {};
}

base::Result<> add_pod(Review& out, const json& pod) {
  if (!pod.is_object()) return base::fail(Trouble::malformed, "the {} has no pod in it", base::printable(out.kind));
  CHECK_OK(add_containers(out, pod, "initContainers", "init container"));
  CHECK_OK(add_containers(out, pod, "containers", "container"));
  CHECK_OK(add_containers(out, pod, "ephemeralContainers", "ephemeral container"));
  return add_volumes(out, pod);
}

}  // namespace

base::Result<Review> read_review(std::string_view text, std::string& uid) {
  const auto top = TRY(read_json(text, most_review));
  const auto& request = part_in(top, "request");
  uid = text_in(request, "uid");
  if (uid.size() > 200) uid.clear();
  if (text_in(top, "apiVersion") != "admission.k8s.io/v1" || text_in(top, "kind") != "AdmissionReview") return base::fail(Trouble::malformed, "it is no AdmissionReview of admission.k8s.io/v1");
  if (uid.empty()) return base::fail(Trouble::malformed, "the review has no uid");
  Review out;
  out.uid = uid;
  out.operation = text_in(request, "operation");
  out.dry_run = part_in(request, "dryRun") == json(true);
  out.kind = text_in(part_in(request, "kind"), "kind");
  if (out.operation == "DELETE" || out.operation == "CONNECT") return out;   // no object, and nothing new to run
  if (out.operation != "CREATE" && out.operation != "UPDATE") return base::fail(Trouble::malformed, "the review has no operation that is known");
  const auto& object = part_in(request, "object");
  if (!object.is_object()) return base::fail(Trouble::malformed, "the review has no object");
  const auto own_kind = text_in(object, "kind");
  if (!own_kind.empty() && own_kind != out.kind) return base::fail(Trouble::malformed, "the review calls the object something else than it calls itself");
  const auto at = pod_paths().find(out.kind);
  if (at == pod_paths().end()) {
    out.no_pods = true;
    return out;
  }
  const json* pod = &object;
  for (const auto& step : at->second) pod = &part_in(*pod, step);
  CHECK_OK(add_pod(out, *pod));
  return out;
}

std::string write_review(const std::string& uid, bool allowed, const std::string& message, const std::vector<std::string>& warnings) {
  json response = {{"uid", uid}, {"allowed", allowed}};
  if (!allowed) response["status"] = {{"code", 403}, {"reason", "Forbidden"}, {"message", message}};
  if (!warnings.empty()) response["warnings"] = warnings;
  return write_json({{"apiVersion", "admission.k8s.io/v1"}, {"kind", "AdmissionReview"}, {"response", response}});
}

}  // namespace gate
