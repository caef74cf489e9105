// Text into HTML (WHATWG, 13.1.2.4 and 13.1.4).
#pragma once

#include <string>
#include <string_view>

namespace base {

/// & < > " ' become character references: text for an element's content or a quoted attribute. Other bytes stay as
/// they are; whether people can read them is the caller's concern.
std::string escaped_html(std::string_view text);

}  // namespace base
