// The links of an HTML page, as far as PEP 503 uses HTML: <a href=... data-...>text</a>, <base href>.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gate {

struct HtmlLink {
  std::map<std::string, std::string> attributes;   ///< names in lower case, values decoded; of two equal names the first counts (HTML, 13.2.5.33)
};
struct HtmlLinks {
  std::string base;              ///< of the first <base href>
  std::vector<HtmlLink> links;
};

/// Never fails: what is no link is passed over. Stops at `most` links.
HtmlLinks read_links(std::string_view page, std::size_t most);

}  // namespace gate
