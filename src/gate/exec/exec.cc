// `assay-gate exec`: programs without a hallmark do not start on this host.
//
// Sees what the kernel executes: programs, scripts with #!, and the loader that a program names. Does not
// see what a running interpreter or loader reads by itself (python x.py, shared libraries).
#include <fcntl.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

#include "gate/exec/answering.h"
#include "gate/market.h"
#include "gate/stopping.h"

namespace gate {
namespace {

struct ExecOptions {
  std::vector<std::string> mounts, filesystems, folders;
  exec::Answering how;
  std::string late = "deny";
  int hang_seconds = 15;
  bool force = false;
};

struct Place {
  std::string path;
  exec::Group::Scope scope;
};

bool covers(const Place& place, const std::string& program, const struct stat& about) {
  struct stat at{};
  if (::stat(place.path.c_str(), &at) != 0) return false;
  if (place.scope != exec::Group::Scope::folder) return at.st_dev == about.st_dev;
  struct stat parent{};
  return ::stat(program.substr(0, program.rfind('/') + 1).c_str(), &parent) == 0 && parent.st_ino == at.st_ino && parent.st_dev == at.st_dev;
}

/// A gate that would not let a shell start locks its owner out: that must be meant.
base::Result<> check_lock_out(Front& front, const std::vector<Place>& places) {
  for (const std::string program : {"/bin/sh", "/usr/bin/env", "/lib64/ld-linux-x86-64.so.2", "/sbin/init"}) {
    const Descriptor file(::open(program.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat about{};
    if (!file || ::fstat(file.get(), &about) != 0) continue;
    char real[4096];
    const auto link = fmt::format("/proc/self/fd/{}", file.get());
    const auto size = ::readlink(link.c_str(), real, sizeof real);
    const std::string path(real, static_cast<std::size_t>(std::max<ssize_t>(0, size)));
    if (std::ranges::none_of(places, [&](const auto& place) { return covers(place, path, about); })) continue;
    const auto digest = TRY(digest_of_file(file.get()));
    const auto decision = front.preview(digest);
    if (decision.answer == Answer::allow) continue;
    return base::fail(base::Trouble::usage, "{} could not start any more ({}); try --dry-run first, and --force when that is meant", program, decision.sentence);
  }
  return {};
}

base::Result<int> command_exec(ExecOptions options, const Door& door) {
  std::vector<Place> places;
  for (const auto& path : options.mounts) places.push_back({path, exec::Group::Scope::mount});
  for (const auto& path : options.filesystems) places.push_back({path, exec::Group::Scope::filesystem});
  for (const auto& path : options.folders) places.push_back({path, exec::Group::Scope::folder});
  if (places.empty()) return base::fail(base::Trouble::usage, "name what to guard: --mount, --filesystem or --dir");
  options.how.late_allows = options.late == "allow";
  const int stop = stop_descriptor();
  auto sentinel = TRY(exec::Sentinel::start(options.hang_seconds));  // before any thread
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;  // each program that waits holds one
    (void)::setrlimit(RLIMIT_NOFILE, &files);
  }
  // The group exists before the hallmarks are read, so that an error is told at once; nothing is marked yet.
  auto group = TRY(exec::Group::open());
  const auto front = TRY(door.open_never_waiting());
  if (!options.force && !front->dry_run()) CHECK_OK(check_lock_out(*front, places));
  sentinel.begin();
  front->start_refreshing();
  exec::Answerer answerer(*front, group, sentinel, options.how);
  for (const auto& place : places) CHECK_OK(group.watch(place.path, place.scope));
  fmt::print(stderr, "assay-gate: guards {} place{}{}\n", places.size(), places.size() == 1 ? "" : "s", front->dry_run() ? ", dry run" : "");
  CHECK_OK(answerer.run(stop));
  return 0;
}

}  // namespace

void add_exec(Door& door) {
  const auto o = std::make_shared<ExecOptions>();
  auto* command = door.cli.add_subcommand("exec", "Let only programs with a hallmark start on this host (fanotify)");
  command->add_option("--mount", o->mounts, "Guard the mount that this path is on; may be repeated")->type_name("PATH")->allow_extra_args(false);
  command->add_option("--filesystem", o->filesystems, "Guard the whole file system, in containers too; may be repeated")->type_name("PATH")->allow_extra_args(false);
  command->add_option("--dir", o->folders, "Guard the files right in this folder, not below; may be repeated")->type_name("PATH")->allow_extra_args(false);
  command->add_option("--deadline", o->how.deadline_milliseconds, "Longest time for one answer")->type_name("MILLISECONDS")->check(CLI::Range(50, 60'000))->capture_default_str();
  command->add_option("--late", o->late, "What happens to a program that could not be read by then")->check(CLI::IsMember({"deny", "allow"}))->capture_default_str();
  command->add_option("--hang", o->hang_seconds, "The gate is ended when it shows no life for so long; programs then start unasked")->type_name("SECONDS")->check(CLI::Range(2, 600))->capture_default_str();
  command->add_option("--workers", o->how.workers, "Programs read at once")->type_name("N")->check(CLI::Range(1, 64))->capture_default_str();
  command->add_flag("--force", o->force, "Even where no shell could start any more");
  command->callback([o, door] { door.result = command_exec(*o, door); });
}

}  // namespace gate
