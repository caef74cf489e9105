// The APT market's commands: apt-hook, apt-repo, apt-proxy.
#include <cstdlib>
#include <fmt/format.h>

#include "gate/apt/hook.h"
#include "gate/apt/proxy.h"
#include "gate/apt/repository.h"
#include "gate/market.h"

namespace gate {
namespace {

// apt names the descriptor in the environment (apt.conf(5)); without it standard input is meant.
int hook_descriptor() {
  const char* set = std::getenv("APT_HOOK_INFO_FD");
  const int out = set ? std::atoi(set) : 0;
  return out >= 0 ? out : 0;
}

base::Result<int> hook(const Door& door) {
  const auto front = TRY(door.open());
  return run_hook(hook_descriptor(), *front);
}

base::Result<int> filter(const RepositoryOptions& options, const Door& door) {
  const auto front = TRY(door.open());
  const auto done = TRY(filter_repository(options, *front));
  fmt::print("{} suites, {} indexes: {} packages kept, {} left out (reasons in assay-denied.txt)\n", done.suites, done.indexes, done.kept, done.dropped);
  return 0;
}

struct ProxyOptions {
  UpstreamOptions upstream;
  ListenOptions listen;
  int wait = 0;
};

base::Result<int> proxy(const ProxyOptions& options, const Door& door) {
  const auto front = TRY(door.open_following());
  return run_apt_proxy(options.upstream, options.listen, options.wait, *front);
}

void add_hook(Door& door) {
  auto* command = door.cli.add_subcommand("apt-hook", "Ask about every package that apt is about to install (DPkg::Pre-Install-Pkgs, version 3)");
  command->callback([&door] { door.result = hook(door); });
}

void add_repo(Door& door) {
  auto options = std::make_shared<RepositoryOptions>();
  auto* command = door.cli.add_subcommand("apt-repo", "Write a repository with only the packages that may enter, signed anew");
  command->add_option("IN", options->in, "The repository: a folder with dists and pool")->required();
  command->add_option("OUT", options->out, "Folder that the filtered one is written to")->required();
  command->add_option("--gpg-key", options->gpg_key, "Key that signs Release, by gpg")->type_name("ID");
  command->add_option("--sign-with", options->sign_with, "Program that signs: PROGRAM clear|detached RELEASE SIGNED")->type_name("PROGRAM");
  command->add_option("--keyring", options->keyring, "IN must be signed by a key in here (gpgv)")->type_name("FILE");
  command->add_flag("--link", options->link, "Hard links instead of copies: whoever can write in IN can change OUT");
  command->callback([&door, options] { door.result = filter(*options, door); });
}

void add_proxy(Door& door) {
  auto options = std::make_shared<ProxyOptions>();
  auto* command = door.cli.add_subcommand("apt-proxy", "Stand before a Debian repository and hand on only packages that may enter");
  add_upstream_options(*command, options->upstream, "http://deb.debian.org/debian");
  add_listen_options(*command, options->listen);
  command->add_option("--wait", options->wait, "Give an unknown package to vetting and wait so long")->type_name("SECONDS");
  command->callback([&door, options] { door.result = proxy(*options, door); });
}

}  // namespace

void add_apt(Door& door) {
  add_hook(door);
  add_repo(door);
  add_proxy(door);
}

}  // namespace gate
