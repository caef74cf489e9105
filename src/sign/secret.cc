#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "sign/key.h"

namespace sign {

using base::Trouble;

base::Result<std::string> ask_secret(std::string_view what) {
  if (const char* given = std::getenv("ASSAY_PASSPHRASE")) return std::string(given);
  std::string line;
  if (const char* file = std::getenv("ASSAY_PASSPHRASE_FILE")) {
    std::ifstream in(file);
    if (!std::getline(in, line)) return base::fail(Trouble::usage, "ASSAY_PASSPHRASE_FILE: {} can't be read", base::printable(file));
    return line;
  }
  termios before{};
  if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before) != 0)
    return base::fail(Trouble::usage, "{} is needed; set ASSAY_PASSPHRASE or ASSAY_PASSPHRASE_FILE, or use a terminal", what);
  auto quiet = before;
  quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  std::cerr << what << ": " << std::flush;
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  std::cerr << '\n';
  if (!read) return base::fail(Trouble::usage, "{}: nothing was typed", what);
  return line;
}

}  // namespace sign
