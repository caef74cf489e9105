#include "render/html/markup.h"

#include "base/bytes.h"
#include "base/html.h"
#include "report/wording.h"

namespace render::page {

std::string escaped(std::string_view printable) { return base::escaped_html(printable); }
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
