#include "gate/oci/oci.h"

#include "gate/market.h"

namespace gate {
namespace {

base::Result<int> run(const OciOptions& options, const Door& door) {
  const auto front = TRY(door.open_following());
  return run_oci_gate(options, *front);
}

}  // namespace

void add_oci(Door& door) {
  auto options = std::make_shared<OciOptions>();
  auto* command = door.cli.add_subcommand("oci", "Stand before a container registry and hand out only images that may enter");
  add_upstream_options(*command, options->upstream, "https://registry.example");
  add_listen_options(*command, options->listen);
  command->add_option("--manifests", options->manifests, "Folder that keeps the manifests seen, for the Kubernetes gate")->type_name("FOLDER");
  command->callback([&door, options] { door.result = run(*options, door); });

  auto attach = std::make_shared<AttachOptions>();
  auto* attaching = door.cli.add_subcommand("oci-attach", "Store a hallmark beside its image in a registry");
  attaching->add_option("HALLMARK", attach->hallmark, "The hallmark")->required();
  attaching->add_option("IMAGE", attach->image, "The image: HOST[:PORT]/NAME:TAG or HOST[:PORT]/NAME@sha256:DIGEST")->required();
  attaching->add_flag("--plain-http", attach->plain_http, "The registry speaks http");
  attaching->add_option("--username", attach->username, "Who pushes")->type_name("NAME");
  attaching->add_option("--password-file", attach->password_file, "File with the password")->type_name("FILE");
  attaching->add_option("--registry-ca", attach->ca_file, "Certificates (PEM) that the registry's is checked with")->type_name("FILE");
  attaching->callback([&door, attach] { door.result = attach_hallmark(*attach); });
}

}  // namespace gate
