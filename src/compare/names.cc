#include "compare/names.h"

#include <algorithm>
#include <array>

namespace compare {
namespace {

using evidence::Facet;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Length of the number that starts here: "1", "1.2", "1.2.3-4+deb12u5"; `parts` counts what stands between dots.
std::size_t number_at(std::string_view text, std::size_t at, std::size_t& parts) {
  std::size_t end = at;
  parts = 0;
  while (end < text.size() && is_digit(text[end])) {
    while (end < text.size() && is_digit(text[end])) ++end;
    ++parts;
    if (end + 1 >= text.size() || text[end] != '.' || !is_digit(text[end + 1])) break;
    ++end;
  }
  return end - at;
}

/// A hash of contents: eight or more hexadecimal digits, figures and letters among them.
std::size_t hash_at(std::string_view text, std::size_t at) {
  std::size_t end = at, figures = 0;
  while (end < text.size() && is_hex(text[end])) figures += is_digit(text[end++]);
  const auto size = end - at;
  const bool ends = end == text.size() || !is_word(text[end]);
  return ends && size >= 8 && figures > 0 && (figures < size || size >= 20) ? size : 0;
}

/// "0x401136": where something stands in a program is different after every build.
std::size_t address_at(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("0x")) return 0;
  std::size_t end = at + 2;
  while (end < text.size() && is_hex(text[end])) ++end;
  return end > at + 2 ? end - at : 0;
}

bool is_year(std::string_view text) { return text.size() == 4 && (text.starts_with("19") || text.starts_with("20")); }

/// The part of a URL that names who is spoken to: scheme, host, port.
std::size_t authority_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return 0;
  return std::min(url.find_first_of("/?#", scheme + 3), url.size());
}

/// "The developers <dev@x.example> (https://x.example)" -> "the developers": a maker may add an address, or move.
std::string name_of_maker(std::string_view text) {
  auto name = text.substr(0, text.find_first_of("<("));
  while (name.ends_with(' ') || name.ends_with(',')) name.remove_suffix(1);
  if (name.empty()) return std::string(text);
  std::string out(name);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string value_of(const evidence::Item& item) {
  if (item.secret && !item.value.starts_with("fingerprint ")) return evidence::fingerprint(item.value);
  switch (item.facet) {
    case Facet::key:
    case Facet::account:
    case Facet::trust: return item.value;
    case Facet::identity: return item.word == "version" ? "" : item.word == "maker" ? name_of_maker(item.value) : item.value;
    case Facet::endpoint: {
      if (item.word != "url") return item.value;
      const auto end = authority_of(item.value);
      return item.value.substr(0, end) + without_versions(std::string_view(item.value).substr(end));
    }
    case Facet::outside:  // who is spoken to, not what is asked of them
      if (const auto end = authority_of(item.value)) return item.value.substr(0, end);
      return without_versions(item.value);
    default: return without_versions(item.value);
  }
}

/// Attributes that tell where in its file a fact stands, or repeat the product's name and version.
bool tells_more(const evidence::Item& item, std::string_view name) {
  static constexpr std::array<std::string_view, 6> places = {"line", "address", "offset", "index", "source_at", "sink_at"};
  return item.facet != Facet::identity && !evidence::tells_of_change(name) && std::ranges::find(places, name) == places.end();
}

std::string part_of(const artifact::Node& node) {
  // A layer is the one content of what it is in; its name is made of that one's.
  if (node.entry.origin == artifact::Origin::layer || node.entry.name.empty()) return "(" + std::string(artifact::name_of(node.entry.origin)) + ")";
  auto name = artifact::normal_path(node.entry.name);
  static constexpr std::array<std::string_view, 6> packed = {".xz", ".gz", ".zst", ".bz2", ".lzma", ".br"};
  for (const auto ending : packed)
    if (name.size() > ending.size() && name.ends_with(ending) && !node.children.empty()) return name.substr(0, name.size() - ending.size());
  return name;
}

}  // namespace

std::string without_versions(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const bool starts = at == 0 || !is_word(text[at - 1]) || (text[at - 1] == 'v' && (at == 1 || !is_word(text[at - 2])));
    if (starts)
      if (const auto size = std::max(hash_at(text, at), address_at(text, at))) {
        out += '#';
        at += size;
        continue;
      }
    if (!is_digit(text[at])) {
      out += text[at++];
      continue;
    }
    std::size_t parts = 0;
    const auto size = number_at(text, at, parts);
    const auto number = text.substr(at, size);
    if ((parts > 1 && parts != 4) || (starts && is_year(number))) out += '#';
    else out += number;
    at += size;
  }
  return out;
}

std::vector<std::string> place_keys(const artifact::Tree& tree) {
  std::vector<std::string> out(tree.nodes.size());
  const bool alone = !tree.nodes.empty() && tree.nodes[0].children.size() == 1;
  for (artifact::NodeId id = 1; id < tree.nodes.size(); ++id) {
    const auto& node = tree.nodes[id];
    const bool inner = node.parent != artifact::no_node && node.parent < id;
    out[id] = (inner ? out[node.parent] : std::string()) + "//" + (alone && id == 1 ? std::string() : part_of(node));
  }
  return out;
}

std::string fact_key(const evidence::Item& item) {
  return fmt::format("{}\n{}\n{}", static_cast<int>(item.facet), item.word, value_of(item));
}

std::string whole_key(const evidence::Item& item) {
  auto out = fmt::format("{}\n{}\n{}\n{}", static_cast<int>(item.facet), item.word, item.secret ? value_of(item) : item.value, static_cast<int>(item.confidence));
  for (const auto& [name, value] : item.attributes)
    if (tells_more(item, name)) out += fmt::format("\n{}={}", name, value);
  return out;
}

bool is_compared(const evidence::Item& item) {
  if (item.facet != Facet::property) return true;
  return item.word != "tlsh" && item.word != "entropy" && item.word != "format" && item.word != "build";
}

bool is_table(Facet facet) {
  return facet == Facet::import || facet == Facet::export_ || facet == Facet::section || facet == Facet::string || facet == Facet::function_name;
}

}  // namespace compare
