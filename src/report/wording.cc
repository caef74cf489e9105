#include "report/wording.h"

#include "base/bytes.h"

namespace report {

std::string sentence(std::string_view text) {
  std::string out;
  while (true) {
    const auto slash = text.find('\\');
    out += base::printable(text.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    out += '\\';
    text.remove_prefix(slash + 1);
  }
}

}  // namespace report
