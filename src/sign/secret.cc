#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "sign/key.h"

namespace sign {

using base::Trouble;

namespace {

constexpr std::size_t most_secret_bytes = 1024;

// The terminal itself, whatever standard input is: a product may come from there. Neither echo nor signals
// while a secret is typed: an interrupt must not leave the terminal dumb.
class Terminal {
 public:
  Terminal() : file_(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (file_ < 0 || tcgetattr(file_, &before_) != 0) return;
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    quiet_ = tcsetattr(file_, TCSAFLUSH, &quiet) == 0;
  }
  ~Terminal() {
    if (quiet_) tcsetattr(file_, TCSAFLUSH, &before_);
    if (file_ >= 0) ::close(file_);
  }
  Terminal(const Terminal&) = delete;
  bool there() const { return quiet_; }
  void say(std::string_view text) const {
    while (!text.empty()) {
      const auto n = ::write(file_, text.data(), text.size());
      if (n <= 0 && errno != EINTR) return;
      if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  /// The next byte; -1 = there will be none.
  int next() const {
    unsigned char byte = 0;
    ssize_t n = 0;
    while ((n = ::read(file_, &byte, 1)) < 0 && errno == EINTR) {}
    return n == 1 ? byte : -1;
  }

 private:
  int file_ = -1;
  termios before_{};
  bool quiet_ = false;
};

void drop_last(std::string& text) {   // a character of UTF-8
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
  if (!text.empty()) text.pop_back();
}

base::Result<std::string> typed(const Terminal& terminal, std::string_view what) {
  constexpr int interrupt = 3, end = 4, backspace = 8, kill_line = 21, remove = 127;
  terminal.say(base::printable(what) + ": ");
  std::string out;
  out.reserve(most_secret_bytes);   // no copies of it are left behind by growing
  for (;;) {
    const int c = terminal.next();
    if (c == '\n' || c == '\r') break;
    const auto* why = c == interrupt ? "stopped" : c == -1 || c == end ? "nothing was typed" : out.size() == most_secret_bytes ? "too long" : nullptr;
    if (why) {
      wipe(out);
      terminal.say("\n");
      return base::fail(Trouble::usage, "{}: {}", what, why);
    }
    if (c == backspace || c == remove) drop_last(out);
    else if (c == kill_line) out.clear();
    else out += static_cast<char>(c);
  }
  terminal.say("\n");
  return out;
}

}  // namespace

base::Result<std::string> ask_secret(std::string_view what) {
  if (const char* given = std::getenv("ASSAY_PASSPHRASE")) return std::string(given);
  if (const char* file = std::getenv("ASSAY_PASSPHRASE_FILE")) {
    std::ifstream in(file);
    std::string line;
    if (!std::getline(in, line)) return base::fail(Trouble::usage, "ASSAY_PASSPHRASE_FILE: {} can't be read", base::printable(file));
    return line;
  }
  const Terminal terminal;
  if (!terminal.there()) return base::fail(Trouble::usage, "{} is needed; set ASSAY_PASSPHRASE or ASSAY_PASSPHRASE_FILE, or use a terminal", what);
  return typed(terminal, what);
}

}  // namespace sign
