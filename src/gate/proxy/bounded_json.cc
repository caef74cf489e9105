#include "gate/proxy/bounded_json.h"

namespace gate {

using base::Trouble;
using nlohmann::json;

base::Result<json> read_json(std::string_view text, std::size_t most_bytes) {
  if (text.size() > most_bytes) return base::fail(Trouble::limit, "the JSON is larger than {} bytes", most_bytes);
  std::size_t depth = 0;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {   // the parser itself would recurse as deep as it is told to
    const char c = text[i];
    if (inside) {
      if (c == '\\') ++i;
      else if (c == '"') inside = false;
    } else if (c == '"') {
      inside = true;
    } else if (c == '[' || c == '{') {
      if (++depth > most_json_depth) return base::fail(Trouble::limit, "the JSON is nested deeper than {}", most_json_depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  auto out = json::parse(text, nullptr, false);
  if (out.is_discarded()) return base::fail(Trouble::malformed, "it is no JSON");
  return out;
}

std::string write_json(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string text_in(const json& object, std::string_view key) {
  const auto& part = part_in(object, key);
  return part.is_string() ? part.get<std::string>() : std::string{};
}

const json& part_in(const json& object, std::string_view key) {
  static const json none;
  if (!object.is_object()) return none;
  const auto at = object.find(key);
  return at == object.end() ? none : *at;
}

}  // namespace gate
