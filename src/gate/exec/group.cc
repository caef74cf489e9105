#include "gate/exec/group.h"

#include <fcntl.h>
#include <sys/fanotify.h>

#include <cerrno>
#include <cstring>

#include "base/bytes.h"

namespace gate::exec {

using base::Trouble;

base::Result<Group> Group::open() {
  Group out;
  out.group_.reset(::fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE, O_RDONLY | O_LARGEFILE | O_CLOEXEC | O_NOATIME));
  if (out.group_) return out;
  if (errno == EPERM) return base::fail(Trouble::usage, "fanotify: not permitted; the gate needs CAP_SYS_ADMIN");
  return base::fail(Trouble::usage, "fanotify: {}; the kernel needs CONFIG_FANOTIFY_ACCESS_PERMISSIONS", std::strerror(errno));
}

base::Result<> Group::watch(const std::string& path, Scope scope) {
  const unsigned flags = FAN_MARK_ADD | (scope == Scope::mount ? FAN_MARK_MOUNT : scope == Scope::filesystem ? FAN_MARK_FILESYSTEM : FAN_MARK_ONLYDIR);
  const std::uint64_t mask = FAN_OPEN_EXEC_PERM | (scope == Scope::folder ? FAN_EVENT_ON_CHILD : 0);
  if (::fanotify_mark(group_.get(), flags, mask, AT_FDCWD, path.c_str()) == 0) return {};
  return base::fail(Trouble::usage, "{} can't be watched: {}", base::printable(path), errno == EINVAL ? "this kernel does not ask before execution (Linux 5.0 does)" : std::strerror(errno));
}

base::Result<std::vector<Asked>> Group::take() {
  alignas(fanotify_event_metadata) char buffer[4096];
  std::vector<Asked> out;
  const auto got = ::read(group_.get(), buffer, sizeof buffer);
  if (got < 0) {
    if (errno == EAGAIN || errno == EINTR) return out;
    // Out of descriptors: the kernel has refused that one itself.
    if (errno == EMFILE || errno == ENFILE || errno == ETXTBSY || errno == EPERM || errno == ENOENT) return out;
    return base::fail(Trouble::io, "fanotify: {}", std::strerror(errno));
  }
  auto left = static_cast<std::size_t>(got);
  for (auto* event = reinterpret_cast<const fanotify_event_metadata*>(buffer); FAN_EVENT_OK(event, left); event = FAN_EVENT_NEXT(event, left)) {
    if (event->vers != FANOTIFY_METADATA_VERSION) return base::fail(Trouble::unsupported, "fanotify: the kernel speaks another version");
    if (event->fd < 0) continue;
    Asked asked{Descriptor(event->fd), event->pid};
    if (event->mask & FAN_OPEN_EXEC_PERM) out.push_back(std::move(asked));
  }
  return out;
}

void Group::answer(const Descriptor& file, bool allow) const {
  fanotify_response response{};
  response.fd = file.get();
  response.response = allow ? FAN_ALLOW : FAN_DENY;
  while (::write(group_.get(), &response, sizeof response) < 0 && errno == EINTR) {
  }
}

}  // namespace gate::exec
