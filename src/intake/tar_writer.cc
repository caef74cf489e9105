#include "intake/tar_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/bytes.h"

namespace intake {
namespace {

base::Result<> put(int out, const void* from, std::size_t size) {
  const auto* at = static_cast<const char*>(from);
  while (size) {
    const auto n = write(out, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return base::fail(base::Trouble::io, "{}", std::strerror(errno));
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return {};
}

std::array<char, 512> header(const std::string& name, std::uint64_t size) {
  std::array<char, 512> h{};
  std::memcpy(h.data(), name.data(), name.size());
  const auto field = [&](std::size_t at, const std::string& text) { std::memcpy(h.data() + at, text.data(), text.size()); };
  field(100, "0000644");
  field(108, "0000000");
  field(116, "0000000");
  field(124, fmt::format("{:011o}", size));
  field(136, "00000000000");
  field(148, "        ");
  h[156] = '0';
  field(257, std::string("ustar\0" "00", 8));
  unsigned sum = 0;
  for (const char c : h) sum += static_cast<unsigned char>(c);
  field(148, fmt::format("{:06o}", sum) + '\0' + ' ');
  return h;
}

}  // namespace

base::Result<> write_tar(const std::string& folder, const std::vector<std::string>& names, int out) {
  std::vector<char> chunk(1 << 20);
  static constexpr std::array<char, 1024> zeros{};
  for (const auto& name : names) {
    struct stat status{};
    const auto path = folder + "/" + name;
    if (lstat(path.c_str(), &status) != 0) return base::fail(base::Trouble::usage, "{}: {}", base::printable(name), std::strerror(errno));
    if (!S_ISREG(status.st_mode)) continue;
    if (name.size() > 100) return base::fail(base::Trouble::usage, "a name in an image layout is longer than 100 bytes");
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return base::fail(base::Trouble::usage, "{}: {}", base::printable(name), std::strerror(errno));
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const auto head = header(name, size);
    auto done = put(out, head.data(), head.size());
    std::uint64_t left = size;
    while (done && left) {
      const auto n = read(file, chunk.data(), std::min<std::uint64_t>(left, chunk.size()));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) done = base::fail(base::Trouble::usage, "{} changed while it was read", base::printable(name));
      else done = put(out, chunk.data(), static_cast<std::size_t>(n)), left -= static_cast<std::uint64_t>(n);
    }
    if (done && size % 512) done = put(out, zeros.data(), 512 - size % 512);
    close(file);
    CHECK_OK(done);
  }
  return put(out, zeros.data(), zeros.size());
}

}  // namespace intake
