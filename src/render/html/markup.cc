#include "render/html/markup.h"

#include "base/bytes.h"
#include "report/wording.h"

namespace render::page {

std::string escaped(std::string_view printable) {
  std::string out;
  out.reserve(printable.size() + printable.size() / 8);
  for (const char c : printable) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string name(std::string_view raw) { return escaped(base::printable(raw)); }
std::string say(std::string_view text) { return escaped(report::sentence(text)); }

std::string json_safe(std::string json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<') out += "\\u003c";
    else if (c == '>') out += "\\u003e";
    else if (c == '&') out += "\\u0026";
    else out += c;
  }
  return out;
}

}  // namespace render::page
