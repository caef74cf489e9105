#include "gate/apt/pool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/bytes.h"
#include "base/digest.h"

namespace gate {

namespace fs = std::filesystem;
using base::Trouble;

base::Result<std::string> read_whole(const fs::path& path, std::size_t most) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat look{};
  if (file < 0 || fstat(file, &look) != 0 || !S_ISREG(look.st_mode)) {
    if (file >= 0) close(file);
    return base::fail(Trouble::io, "{} can't be read", base::printable(path.string()));
  }
  std::string out, piece(1u << 20, '\0');
  for (;;) {
    const auto n = read(file, piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || out.size() + static_cast<std::size_t>(n) > most) {
      close(file);
      if (n == 0) return out;
      return base::fail(n < 0 ? Trouble::io : Trouble::limit, "{} {}", base::printable(path.string()), n < 0 ? "can't be read" : "is too large");
    }
    out.append(piece, 0, static_cast<std::size_t>(n));
  }
}

base::Result<> write_whole(const fs::path& path, std::string_view text) {
  std::error_code wrong;
  fs::create_directories(path.parent_path(), wrong);
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  std::size_t done = 0;
  while (file >= 0 && done < text.size()) {
    const auto n = write(file, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  const bool whole = file >= 0 && done == text.size() && fsync(file) == 0;
  const int why = errno;
  if (file >= 0) close(file);
  if (!whole) return base::fail(Trouble::io, "{} can't be written: {}", base::printable(path.string()), std::strerror(why));
  return {};
}

base::Result<bool> bring(const fs::path& from, const fs::path& to, const std::string& wanted, bool link_it) {
  const auto hash = [](const fs::path& path, int copy) -> base::Result<std::string> {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) return base::fail(Trouble::io, "{} can't be read: {}", base::printable(path.string()), std::strerror(errno));
    base::Sha256 sum;
    std::string piece(1u << 20, '\0');
    for (;;) {
      const auto n = read(file, piece.data(), piece.size());
      if (n < 0 && errno == EINTR) continue;
      const bool copied = n <= 0 || copy < 0 || write(copy, piece.data(), static_cast<std::size_t>(n)) == n;
      if (n > 0 && copied) {
        sum.add(std::string_view(piece.data(), static_cast<std::size_t>(n)));
        continue;
      }
      close(file);
      if (n < 0 || !copied) return base::fail(Trouble::io, "{} can't be {}: {}", base::printable(path.string()), copied ? "read" : "copied", std::strerror(errno));
      return sum.finish().hex();
    }
  };
  std::error_code wrong;
  if (fs::is_regular_file(fs::symlink_status(to, wrong))) {   // from an earlier run: still what it was?
    if (TRY(hash(to, -1)) == wanted) return true;
    fs::remove(to, wrong);
  }
  fs::create_directories(to.parent_path(), wrong);
  if (link_it) {
    if (TRY(hash(from, -1)) != wanted) return false;
    fs::create_hard_link(from, to, wrong);
    if (wrong) return base::fail(Trouble::io, "{} can't be linked: {}", base::printable(to.string()), wrong.message());
    return true;
  }
  const fs::path coming = to.string() + ".coming";
  const int file = open(coming.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return base::fail(Trouble::io, "{} can't be written: {}", base::printable(coming.string()), std::strerror(errno));
  const auto digest = hash(from, file);
  const bool kept = fsync(file) == 0;
  close(file);
  if (digest && kept && *digest == wanted) {
    fs::rename(coming, to, wrong);
    if (!wrong) return true;
  }
  fs::remove(coming, wrong);
  if (!digest) return std::unexpected(digest.error());
  if (!kept) return base::fail(Trouble::io, "{} can't be written", base::printable(to.string()));
  return false;
}

}  // namespace gate
