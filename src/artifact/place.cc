#include "artifact/place.h"

namespace artifact {

std::string Place::to_string() const {
  std::string out;
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (i) out += "//";
    out += links[i].name.empty() ? "(" + std::string(name_of(links[i].origin)) + ")" : links[i].name;
  }
  return out;
}

std::string_view Place::file_name() const {
  if (links.empty()) return {};
  const std::string_view name = links.back().name;
  const auto slash = name.rfind('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

std::string Place::path() const {
  for (auto link = links.rbegin(); link != links.rend(); ++link)
    if (!link->name.empty() && (link->origin == Origin::member || link->origin == Origin::product || link->origin == Origin::hidden))
      return normal_path(link->name);
  return {};
}

std::string_view Place::ancestor(std::size_t n) const {
  if (links.size() < n + 2) return {};
  return links[links.size() - n - 2].kind;
}

bool Place::inside(std::string_view kind) const {
  for (std::size_t i = 0; i + 1 < links.size(); ++i)
    if (links[i].kind == kind) return true;
  return false;
}

}  // namespace artifact
