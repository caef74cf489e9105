#include "app/progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace app {
namespace {

std::string size_text(std::uint64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} B", bytes);
  if (bytes < 10'000'000) return fmt::format("{} kB", bytes / 1000);
  if (bytes < 10'000'000'000) return fmt::format("{} MB", bytes / 1'000'000);
  return fmt::format("{} GB", bytes / 1'000'000'000);
}

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

// The last bytes of a name, escaped: what differs stands at the end.
std::string tail(const std::string& place, std::size_t width) {
  const auto shown = base::printable(place);
  if (shown.size() <= width) return shown;
  auto cut = shown.substr(shown.size() - width);
  while (!cut.empty() && (static_cast<unsigned char>(cut[0]) & 0xC0) == 0x80) cut.erase(0, 1);
  return cut;
}

}  // namespace

ProgressBar::ProgressBar(const vet::Progress& progress, std::string title, bool wanted) : progress_(progress), title_(std::move(title)) {
  if (!wanted || !isatty(STDERR_FILENO)) return;
  thread_ = std::jthread([this] {
    const auto start = std::chrono::steady_clock::now();
    while (!over_) {
      draw(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
      std::this_thread::sleep_for(std::chrono::milliseconds(120));
    }
    std::fputs("\r\x1b[K", stderr);
  });
}

ProgressBar::~ProgressBar() {
  over_ = true;
}

void ProgressBar::draw(double seconds) const {
  const std::uint64_t done = progress_.bytes_done, known = progress_.bytes_known;
  const double share = known ? static_cast<double>(done) / static_cast<double>(known) : 0;
  constexpr int cells = 20;
  const int full = static_cast<int>(share * cells);
  std::string bar;
  for (int i = 0; i < cells; ++i) bar += i < full ? "█" : "░";
  std::string left;
  if (seconds > 2 && share > 0.05 && share < 1) left = fmt::format(", {:.0f} s left", seconds * (1 - share) / share);
  const auto head = fmt::format(" {:3.0f} %  {} of {}, {} of {} artifacts{}  ", share * 100, size_text(done), size_text(known),
                                progress_.artifacts_done.load(), progress_.artifacts_known.load(), left);
  const auto width = terminal_width();
  const auto used = cells + head.size();
  const auto room = width > used + 1 ? width - used - 1 : 0;
  const auto place = progress_.current();
  std::fputs(("\r\x1b[K" + bar + head + tail(place.empty() ? title_ : place, room)).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace app
