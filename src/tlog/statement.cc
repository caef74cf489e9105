#include "tlog/statement.h"

#include <nlohmann/json.hpp>

#include "base/base64.h"

namespace tlog {

using base::Trouble;

unsigned json_depth(std::string_view text) {
  unsigned depth = 0, deepest = 0;
  bool in_string = false, escaped = false;
  for (const char c : text) {
    if (escaped) escaped = false;
    else if (in_string) escaped = c == '\\', in_string = c != '"';
    else if (c == '"') in_string = true;
    else if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    else if ((c == ']' || c == '}') && depth > 0) --depth;
  }
  return deepest;
}

base::Result<base::Digest> payload_of(std::string_view envelope) {
  const auto wrong = [](std::string_view why) { return base::fail(Trouble::malformed, "this is no DSSE envelope: {}", why); };
  if (envelope.size() > most_statement_bytes) return base::fail(Trouble::limit, "a statement has at most {} bytes", most_statement_bytes);
  if (json_depth(envelope) > 8) return wrong("it is nested too deeply");
  const auto json = nlohmann::json::parse(envelope, nullptr, false);
  if (!json.is_object() || !json.contains("payload") || !json["payload"].is_string()) return wrong("it has no payload");
  const auto payload = base::from_base64(json["payload"].get_ref<const std::string&>());
  if (!payload) return wrong("its payload is no base64");
  return base::sha256(*payload);
}

}  // namespace tlog
