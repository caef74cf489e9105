#include "vet/depot.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace vet {

base::Result<Depot> Depot::open(const std::string& folder) {
  int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
    std::string name = folder + "/depot-XXXXXX";
    file = mkostemp(name.data(), O_CLOEXEC);
    if (file >= 0) ::unlink(name.c_str());
  }
  if (file < 0) return base::fail(base::Trouble::io, "can't write temporary files in {}: {}", folder, std::strerror(errno));
  return Depot(file);
}

Depot::~Depot() {
  if (file_ >= 0) close(file_);
}

base::Result<> Depot::append(base::Bytes bytes) {
  while (!bytes.empty()) {
    const auto n = pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(end_));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return base::fail(base::Trouble::io, "unpacked members can't be kept: {}", std::strerror(n == 0 ? ENOSPC : errno));
    end_ += static_cast<std::uint64_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

base::Result<> Depot::cut(std::uint64_t end) {
  if (end >= end_) return {};
  if (ftruncate(file_, static_cast<off_t>(end)) != 0) return base::fail(base::Trouble::io, "temporary files can't be cut: {}", std::strerror(errno));
  end_ = end;
  return {};
}

}  // namespace vet
