#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "gate/shelf.h"

namespace gate {
namespace {

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

auto trouble(std::string_view path) { return base::fail(base::Trouble::io, "{}: {}", base::printable(path), std::strerror(errno)); }

}  // namespace

base::Result<std::string> read_file(const std::string& path, std::size_t most) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat about{};
  if (file.number < 0 || ::fstat(file.number, &about) != 0) return trouble(path);
  if (!S_ISREG(about.st_mode)) return base::fail(base::Trouble::io, "{} is no file", base::printable(path));
  std::string out;
  for (;;) {
    const auto before = out.size();
    if (before > most) return base::fail(base::Trouble::limit, "{} is larger than {} bytes", base::printable(path), most);
    out.resize(before + std::max<std::size_t>(4096, std::min<std::size_t>(1 << 20, static_cast<std::size_t>(about.st_size) + 1 - std::min<std::size_t>(before, static_cast<std::size_t>(about.st_size)))));
    const auto got = ::read(file.number, out.data() + before, out.size() - before);
    if (got < 0 && errno != EINTR) return trouble(path);
    out.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return out;
  }
}

base::Result<> write_durably(const std::string& path, std::string_view text) {
  const auto beside = fmt::format("{}.{}.new", path, ::getpid());
  {
    const Descriptor file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (file.number < 0) return trouble(beside);
    for (std::size_t done = 0; done < text.size();) {
      const auto put = ::write(file.number, text.data() + done, text.size() - done);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return trouble(beside);
      done += static_cast<std::size_t>(put);
    }
    if (::fsync(file.number) != 0) return trouble(beside);
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return trouble(path);
  const auto slash = path.rfind('/');
  const Descriptor folder{::open(slash == path.npos ? "." : path.substr(0, slash + 1).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.number < 0 || ::fsync(folder.number) != 0) return trouble(path);
  return {};
}

}  // namespace gate
