#include "app/file_text.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/bytes.h"

namespace app {

base::Result<std::string> file_text(const std::string& file, std::string_view what, std::uint64_t most) {
  const auto wrong = [&](std::string_view why) { return base::fail(base::Trouble::usage, "{} {} can't be read: {}", what, base::printable(file), why); };
  const bool standard = file == "-";
  const int from = standard ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (from < 0) return wrong(std::strerror(errno));
  std::string out;
  int error = 0;
  std::string chunk(1 << 16, '\0');
  while (out.size() <= most) {
    const auto n = ::read(from, chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) error = errno;
    if (n <= 0) break;
    out.append(chunk, 0, static_cast<std::size_t>(n));
  }
  if (!standard) close(from);
  if (error) return wrong(std::strerror(error));
  if (out.size() > most) return wrong(fmt::format("it has more than {} bytes", most));
  return out;
}

}  // namespace app
