#include "hallmark/fields.h"

#include <set>

#include "base/base64.h"
#include "report/wording.h"

namespace hallmark {

using base::Trouble;

namespace {

constexpr int most_depth = 24;
constexpr std::size_t most_values = 400'000;

// Thrown out of nlohmann's callback, the only way to stop it; caught in parse_json.
struct Refused {
  std::string_view why;
};

}  // namespace

base::Result<Json> parse_json(std::string_view text, std::size_t most_bytes) {
  if (text.size() > most_bytes) return base::fail(Trouble::limit, "{} bytes of JSON are more than the {} that are read", text.size(), most_bytes);
  std::vector<std::set<std::string>> keys;   // of the objects that are open: a key twice would let two readers see two things
  std::size_t values = 0;
  const Json::parser_callback_t watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > most_depth) throw Refused{"nested too deeply"};
    if (++values > most_values * 2) throw Refused{"too many values"};
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    else if (event == Json::parse_event_t::object_end) keys.pop_back();
    else if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second) throw Refused{"a key stands twice in one object"};
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), watch);
  } catch (const Refused& refused) {
    return base::fail(Trouble::malformed, "the JSON can't be taken: {}", refused.why);
  } catch (const nlohmann::json::exception&) {
    return base::fail(Trouble::malformed, "this is no JSON");
  }
}

std::string print_json(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::optional<base::Buffer> from_any_base64(std::string_view text) {
  std::string standard(text);
  if (text.find_first_of("-_") != std::string_view::npos) {
    if (text.find_first_of("+/") != std::string_view::npos) return std::nullopt;
    for (auto& c : standard) c = c == '-' ? '+' : c == '_' ? '/' : c;
  }
  if (!standard.ends_with('='))
    while (standard.size() % 4 != 0) standard += '=';
  return base::from_base64(standard);
}

Json digest_set(const base::Digest& digest) { return {{"sha256", digest.hex()}}; }
Json digest_set(std::string_view hex) { return hex.empty() ? Json::object() : Json{{"sha256", hex}}; }

Fields::Fields(const Json& object, std::string what) : json_(object), what_(std::move(what)) {
  if (!json_.is_object()) error_ = base::Error{Trouble::malformed, fmt::format("{} is no object", what_), {}};
}

void Fields::wrong(std::string_view key, std::string_view why) {
  if (!error_) error_ = base::Error{Trouble::malformed, fmt::format("{}: {}: {}", what_, key, why), {}};
}

void Fields::wrong_in(std::string_view key, const Fields& member) {
  if (member.error_) wrong(key, member.error_->what);
}

base::Result<> Fields::done() const {
  if (error_) return std::unexpected(*error_);
  return {};
}

const Json* Fields::find(const std::string& key) const {
  if (!json_.is_object()) return nullptr;
  const auto found = json_.find(key);
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

bool Fields::has(const std::string& key) const { return find(key) != nullptr; }

std::string Fields::checked(const Json& value, const std::string& key) {
  if (!value.is_string()) {
    wrong(key, "a text is needed");
    return {};
  }
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > most_text_bytes) wrong(key, "the text is too long");
  else if (report::sentence(text) != text) wrong(key, "the text holds what must not reach a terminal");
  else return text;
  return {};
}

base::Digest Fields::checked_digest(const Json& value, const std::string& key) {
  const auto* hex = value.is_object() && value.contains("sha256") ? &value["sha256"] : nullptr;
  if (hex && hex->is_string()) {
    const auto& text = hex->get_ref<const std::string&>();
    const auto digest = base::Digest::from_hex(text);
    if (digest && digest->hex() == text) return *digest;
  }
  wrong(key, "a SHA-256 in 64 lower-case hex digits is needed");
  return {};
}

std::string Fields::text(const std::string& key) {
  auto out = text_or_empty(key);
  if (out.empty()) wrong(key, "is missing");
  return out;
}

std::string Fields::text_or_empty(const std::string& key) {
  const auto* value = find(key);
  return value ? checked(*value, key) : "";
}

std::string Fields::raw_text(const std::string& key) {
  const auto* value = find(key);
  if (value && value->is_string()) return value->get<std::string>();
  wrong(key, "a text is needed");
  return {};
}

std::vector<std::string> Fields::texts(const std::string& key) {
  std::vector<std::string> out;
  if (!has(key)) return out;
  for (const auto& item : list(key)) out.push_back(checked(item, key));
  return out;
}

base::Digest Fields::digest(const std::string& key) {
  const auto* value = find(key);
  if (!value) wrong(key, "is missing");
  return value ? checked_digest(*value, key) : base::Digest{};
}

std::optional<base::Digest> Fields::digest_or_none(const std::string& key) {
  const auto* value = find(key);
  if (!value || (value->is_object() && value->empty())) return std::nullopt;
  return checked_digest(*value, key);
}

std::string Fields::hex_or_empty(const std::string& key) {
  const auto digest = digest_or_none(key);
  return digest ? digest->hex() : "";
}

std::vector<std::string> Fields::hex_list(const std::string& key) {
  auto out = texts(key);
  for (const auto& text : out)
    if (const auto digest = base::Digest::from_hex(text); !digest || digest->hex() != text) wrong(key, "a SHA-256 in 64 lower-case hex digits is needed");
  return out;
}

Time Fields::time(const std::string& key) {
  const auto written = text(key);
  const auto time = written.size() == 10 ? base::Result<Time>(base::fail(Trouble::malformed, "a day alone")) : parse_time(written);
  if (!time) wrong(key, "a time like 2027-01-31T12:00:00Z is needed");
  return time.value_or(0);
}

void Fields::period(Time& issued, Time& expires) {
  issued = time("issued");
  expires = time("expires");
  if (expires <= issued) wrong("expires", "not after issued");
}

std::uint64_t Fields::number(const std::string& key) {
  const auto* value = find(key);
  if (value && value->is_number_unsigned()) return value->get<std::uint64_t>();
  // Protobuf's JSON form writes 64-bit numbers as texts.
  if (value && value->is_string()) {
    const auto& text = value->get_ref<const std::string&>();
    std::uint64_t out = 0;
    bool good = !text.empty() && text.size() <= 19 && (text.size() == 1 || text[0] != '0');
    for (const char c : text) {
      good = good && c >= '0' && c <= '9';
      if (good) out = out * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (good) return out;
  }
  wrong(key, "a whole number is needed");
  return 0;
}

bool Fields::flag(const std::string& key) {
  const auto* value = find(key);
  if (value && value->is_boolean()) return value->get<bool>();
  wrong(key, "true or false is needed");
  return false;
}

base::Buffer Fields::bytes(const std::string& key) {
  const auto* value = find(key);
  if (value && value->is_string()) {
    auto out = from_any_base64(value->get_ref<const std::string&>());
    if (out) return std::move(*out);
  }
  wrong(key, "base64 is needed");
  return {};
}

const Json& Fields::object(const std::string& key) {
  static const Json empty = Json::object();
  const auto* value = find(key);
  if (value && value->is_object()) return *value;
  wrong(key, "an object is needed");
  return empty;
}

const Json& Fields::list(const std::string& key, std::size_t most) {
  static const Json empty = Json::array();
  const auto* value = find(key);
  if (!value || !value->is_array()) wrong(key, "a list is needed");
  else if (value->size() > most) wrong(key, fmt::format("more than {} items", most));
  else return *value;
  return empty;
}

}  // namespace hallmark
