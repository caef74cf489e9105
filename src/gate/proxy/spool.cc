#include "gate/proxy/spool.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/sums.h"

namespace gate {

using base::Trouble;

base::Result<Spool> Spool::make(std::uint64_t most_bytes) {
  const char* set = std::getenv("TMPDIR");
  const std::string folder = set && *set ? set : "/tmp";
  int file = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) {  // a file system without O_TMPFILE
    std::string name = folder + "/assay-gate-XXXXXX";
    file = mkostemp(name.data(), O_CLOEXEC);
    if (file >= 0) unlink(name.c_str());
  }
  if (file < 0) return base::fail(Trouble::io, "no temporary file can be made in {}: {}", base::printable(folder), std::strerror(errno));
  return Spool(file, most_bytes);
}

Spool::~Spool() {
  if (file_ >= 0) close(file_);
}
Spool::Spool(Spool&& other) noexcept
    : file_(std::exchange(other.file_, -1)), most_(other.most_), size_(other.size_), sum_(std::move(other.sum_)), ended_(other.ended_), digest_(other.digest_) {}
Spool& Spool::operator=(Spool&& other) noexcept {
  if (this == &other) return *this;
  if (file_ >= 0) close(file_);
  file_ = std::exchange(other.file_, -1);
  most_ = other.most_;
  size_ = other.size_;
  sum_ = std::move(other.sum_);
  ended_ = other.ended_;
  digest_ = other.digest_;
  return *this;
}

base::Result<> Spool::add(std::string_view bytes) {
  if (ended_) return base::fail(Trouble::bug, "bytes were added after the digest was taken");
  if (bytes.size() > most_ - size_) return base::fail(Trouble::limit, "it is larger than {} bytes", most_);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto n = pwrite(file_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(size_ + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return base::fail(Trouble::io, "the temporary file can't be written: {}", std::strerror(errno));
    done += static_cast<std::size_t>(n);
  }
  sum_.add(bytes);
  size_ += bytes.size();
  return {};
}

const base::Digest& Spool::digest() {
  if (!ended_) {
    digest_ = sum_.finish();
    ended_ = true;
  }
  return digest_;
}

base::Result<std::string> Spool::piece(std::uint64_t offset, std::uint64_t size) const {
  std::string out(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const auto n = pread(file_, out.data() + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return base::fail(Trouble::io, "the temporary file can't be read: {}", n < 0 ? std::strerror(errno) : "it ends early");
    done += static_cast<std::size_t>(n);
  }
  return out;
}

base::Result<std::string> Spool::text(std::uint64_t most) const {
  if (size_ > most) return base::fail(Trouble::limit, "it is larger than {} bytes", most);
  return piece(0, size_);
}

base::Result<base::Buffer> Spool::digest_by(std::string_view name) const {
  void* at = size_ ? mmap(nullptr, size_, PROT_READ, MAP_SHARED, file_, 0) : nullptr;
  if (at == MAP_FAILED) return base::fail(Trouble::io, "the temporary file can't be mapped: {}", std::strerror(errno));
  auto out = base::digest_by_name(name, {static_cast<const std::uint8_t*>(at), size_});
  if (at) munmap(at, size_);
  if (!out) return base::fail(Trouble::bug, "no digest {}", name);
  return *out;
}

}  // namespace gate
