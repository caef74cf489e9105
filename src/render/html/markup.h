// Text into markup. Everything that reaches the page goes through one of these.
#pragma once

#include <string>
#include <string_view>

namespace render::page {

/// & < > " ' become entities. For text that is already printable.
std::string escaped(std::string_view printable);
/// A name or excerpt of the product: raw bytes, escaped for people and then for HTML.
std::string name(std::string_view raw);
/// A sentence.
std::string say(std::string_view text);
/// A string as a JavaScript string inside a <script type="application/json">: ASCII, no < > &.
std::string json_safe(std::string json);

}  // namespace render::page
