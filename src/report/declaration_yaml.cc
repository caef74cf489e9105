// Sections hold a list of lines, or `none`. A line is plain text, or a map whose main key depends on
// the section. A wildcard would declare everything, so it declares nothing.
#include "report/declaration_yaml.h"

#include <array>

#include "base/digest.h"
#include "report/strict_yaml.h"

namespace report {
namespace {

/// The keys that hold a line's value, by section; the first is the one that is written in drafts.
struct Section {
  std::string_view name;
  std::array<std::string_view, 3> value_keys;
};
constexpr std::array<Section, 8> sections = {{{"endpoints", {"host", "url", "endpoint"}},
                                              {"private", {"what", "", ""}},
                                              {"powers", {"power", "what", ""}},
                                              {"keys", {"key", "fingerprint", "what"}},
                                              {"updates", {"endpoint", "what", "host"}},
                                              {"remote-administration", {"endpoint", "what", "host"}},
                                              {"accounts", {"account", "user", "what"}},
                                              {"steps", {"step", "what", ""}}}};
constexpr std::array<std::string_view, 6> other_keys = {"purpose", "recipient", "authenticated", "by", "detail", "note"};

base::Error wrong(std::string_view source, int line, std::string what) {
  return {base::Trouble::usage, fmt::format("line {}: {}", line, what), fmt::format("{}:{}", source, line)};
}

void mind_wildcards(DeclarationLine& line) {
  const auto is_wild = [](std::string_view text) {
    return text.find('*') != std::string_view::npos || text == "any" || text == "all" || text == "0.0.0.0" || text == "0.0.0.0/0" || text == "::/0" || text == "::";
  };
  if (is_wild(line.value) || is_wild(line.recipient)) {
    line.is_void = true;
    line.note = "a wildcard declares nothing: name each one";
  } else if (line.section == "private" && !evidence::is_word(evidence::Facet::private_, line.value) && line.value != "none") {
    line.is_void = true;
    line.note = fmt::format("'{}' is not a kind of private data (see docs/declaration.md)", line.value);
  } else if (line.value.empty()) {
    line.is_void = true;
    line.note = "it names nothing";
  } else if (line.value.starts_with("(") || line.recipient.starts_with("(") || line.purpose.starts_with("(")) {
    line.is_void = true;
    line.note = "it still holds a draft's placeholder in parentheses";
  } else if (line.section == "private" && line.purpose.empty() && line.value != "none") {
    line.is_void = true;
    line.note = "private data needs a purpose";
  }
}

base::Result<DeclarationLine> read_line(const Section& section, const YamlNode& node, std::string_view source) {
  DeclarationLine line;
  line.section = section.name;
  line.source = fmt::format("{}:{}", source, node.line);
  if (node.is_scalar()) {
    line.value = node.text;
  } else if (node.is_map()) {
    for (const auto& [key, value] : node.pairs) {
      if (!value.is_scalar() && !value.is_null()) return std::unexpected(wrong(source, key.line, fmt::format("'{}' must be plain text", key.text)));
      if (key.text == "purpose") line.purpose = value.text;
      else if (key.text == "recipient") line.recipient = value.text;
      else if (std::ranges::find(section.value_keys, key.text) != section.value_keys.end()) {
        if (!line.value.empty()) return std::unexpected(wrong(source, key.line, "a line names one thing: give each its own '-'"));
        line.value = value.text;
      } else if (std::ranges::find(other_keys, key.text) == other_keys.end()) {
        return std::unexpected(wrong(source, key.line, fmt::format("the key '{}' is not known in {}", key.text, section.name)));
      }
    }
  } else {
    return std::unexpected(wrong(source, node.line, fmt::format("a line of {} is text or a map", section.name)));
  }
  mind_wildcards(line);
  return line;
}

}  // namespace

const std::vector<std::string>& declaration_sections() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const auto& s : sections) out.emplace_back(s.name);
    return out;
  }();
  return names;
}

base::Result<Declaration> parse_declaration(std::string_view text, std::string_view source_name) {
  auto document = read_yaml(text, source_name);
  if (!document) return std::unexpected(document.error());
  if (!document->is_map()) return std::unexpected(wrong(source_name, document->line, "a declaration is a map of sections"));
  Declaration out;
  out.digest = base::sha256(text).hex();
  for (const auto& [key, value] : document->pairs) {
    if (key.text == "product" || key.text == "version" || key.text == "maker" || key.text == "contact" || key.text == "assay-declaration") continue;
    const auto section = std::ranges::find(sections, key.text, &Section::name);
    if (section == sections.end()) return std::unexpected(wrong(source_name, key.line, fmt::format("the section '{}' is not known", key.text)));
    if (value.is_null()) continue;
    if (!value.is_list()) {
      out.lines.push_back(TRY(read_line(*section, value, source_name)));
      continue;
    }
    for (const auto& item : value.items) out.lines.push_back(TRY(read_line(*section, item, source_name)));
  }
  return out;
}

}  // namespace report
