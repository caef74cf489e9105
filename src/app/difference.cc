#include "app/difference.h"

#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace app {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_shown = 300;

std::string shown(const Json* value) {
  if (!value) return "(nothing)";
  auto text = value->dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > most_shown) text = text.substr(0, most_shown) + "...";
  return base::printable(text);
}

std::string escaped(const std::string& key) {
  std::string out;
  for (const char c : key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

/// What a person calls this element.
std::string name_of(const Json& element) {
  if (!element.is_object()) return {};
  for (const char* key : {"place", "rule", "facet", "text", "value"})
    if (const auto at = element.find(key); at != element.end() && at->is_string() && !at->get_ref<const std::string&>().empty())
      return base::printable(at->get<std::string>().substr(0, most_shown));
  return {};
}

const Json* member(const Json& object, const std::string& key) {
  const auto at = object.find(key);
  return at == object.end() ? nullptr : &*at;
}

std::optional<Difference> walk(const Json* a, const Json* b, const std::string& pointer, const std::string& about) {
  if (a && b && *a == *b) return std::nullopt;
  if (!a || !b || a->type() != b->type() || !a->is_structured()) return Difference{pointer, about, shown(a), shown(b)};
  if (a->is_object()) {
    for (const auto& [key, value] : a->items())
      if (auto found = walk(&value, member(*b, key), pointer + "/" + escaped(key), about)) return found;
    for (const auto& [key, value] : b->items())
      if (!member(*a, key)) return Difference{pointer + "/" + escaped(key), about, shown(nullptr), shown(&value)};
  } else {
    for (std::size_t i = 0; i < std::max(a->size(), b->size()); ++i) {
      const auto* x = i < a->size() ? &(*a)[i] : nullptr;
      const auto* y = i < b->size() ? &(*b)[i] : nullptr;
      auto name = name_of(x ? *x : *y);
      if (auto found = walk(x, y, fmt::format("{}/{}", pointer, i), name.empty() ? about : name)) return found;
    }
  }
  return Difference{pointer, about, shown(a), shown(b)};  // only the order of keys differs
}

void drop_confinement(Json& report) {
  const auto at = report.find("not_covered");
  if (at == report.end() || !at->is_array()) return;
  Json kept = Json::array();
  for (auto& sentence : *at)
    if (!sentence.is_string() || !sentence.get_ref<const std::string&>().starts_with("Confinement: ")) kept.push_back(std::move(sentence));
  *at = std::move(kept);
}

void drop_means(Json& report) {
  for (const char* key : {"engine", "rules", "policy"}) report.erase(key);
  if (const auto used = report.find("used"); used != report.end() && used->is_object())
    for (const char* key : {"engine_version", "policy_name"}) used->erase(key);
}

}  // namespace

std::optional<Difference> first_difference(const std::string& first, const std::string& second, bool other_means) {
  auto a = Json::parse(first, nullptr, false), b = Json::parse(second, nullptr, false);
  for (auto* report : {&a, &b}) {
    drop_confinement(*report);
    if (other_means) drop_means(*report);
  }
  for (const std::string key : {"engine", "rules", "policy", "product", "used"})
    if (auto found = walk(member(a, key), member(b, key), "/" + key, "")) return found;
  return walk(&a, &b, "", "");
}

}  // namespace app
