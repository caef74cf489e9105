// `examples:` of a rule: small listings of evidence, one firing and one silent at least.
//   - fires: true
//     about: "a postinst that sends the environment"
//     evidence:
//       - {artifact: postinst, step: install, flow: environment to network, confidence: high}
//       - {artifact: lib.so, kind: elf, unit: f, import: readdir}
// Keys beside the facets: artifact (name; entries of one name are one artifact), inside (the artifact
// that holds it), kind, origin, mode, package (the package it stands in), unit, confidence, attribute,
// incomplete, secret, change (gained, moved, more, changed, lost: what became of the line's facts since the
// version before) and new-to (product, file). A facet's value is a word, "word value" or {word, value}.
#include <charconv>

#include "judge/rule_meta.h"

namespace judge {
namespace {

using artifact::NodeId;
using report::YamlNode;

class SceneReading {
 public:
  SceneReading(Example& example, std::vector<Problem>& problems) : example_(example), problems_(problems) {
    artifact::Node root;
    root.entry.nature = artifact::Nature::directory;
    example_.tree.nodes.push_back(std::move(root));
    example_.dossiers.emplace_back();
  }

  void read(const YamlNode& line) {
    const auto name = line.text_of("artifact");
    const auto node = artifact_named(name.empty() ? "file" : name, line);
    std::vector<evidence::Item> items;
    for (const auto& [key, value] : line.pairs)
      if (const auto facet = evidence::facet_from(key.text)) items.push_back(item_of(*facet, value));
    for (auto& item : items) {
      describe(item, line);
      if (line.text_of("change") == "lost") lost_.emplace_back(node, compare::Lost{std::move(item), {}, 0, 0});
      else example_.dossiers[node].items.push_back(std::move(item));
    }
  }

  void finish() {
    const auto renamed = example_.tree.settle();
    std::vector<evidence::Dossier> ordered(example_.tree.nodes.size());
    for (std::size_t i = 0; i < renamed.size(); ++i) ordered[renamed[i]] = std::move(example_.dossiers[i]);
    for (auto& dossier : ordered) evidence::settle(dossier);
    example_.dossiers = std::move(ordered);
    example_.lost.resize(renamed.size());
    for (auto& [node, lost] : lost_) example_.lost[renamed[node]].push_back(std::move(lost));
  }

 private:
  void wrong(int line, std::string text) { problems_.push_back({example_.file, line, "in an example: " + std::move(text), true}); }

  NodeId add(std::string name, std::string kind, NodeId parent, artifact::Origin origin) {
    const auto id = static_cast<NodeId>(example_.tree.nodes.size());
    artifact::Node node;
    node.parent = parent;
    node.entry.name = std::move(name);
    node.entry.origin = origin;
    node.kind = std::move(kind);
    node.digest = base::sha256(fmt::format("{} {}", id, node.entry.name));
    example_.tree.nodes.push_back(std::move(node));
    example_.tree.nodes[parent].children.push_back(id);
    example_.dossiers.emplace_back();
    return id;
  }

  NodeId artifact_named(const std::string& name, const YamlNode& line) {
    const auto package_name = line.text_of("package");
    const auto key = package_name + "//" + name;
    auto at = named_.find(key);
    if (at == named_.end()) {
      auto package = packages_.find(package_name);
      if (package == packages_.end()) package = packages_.emplace(package_name, add(package_name.empty() ? "package" : package_name, "npm", 0, artifact::Origin::product)).first;
      NodeId parent = package->second;
      if (const auto inside = line.text_of("inside"); !inside.empty()) {
        const auto holder = named_.find(package_name + "//" + inside);
        if (holder == named_.end()) wrong(line.line, fmt::format("'{}' must be listed before what is inside it", inside));
        else parent = holder->second;
      }
      auto origin = artifact::Origin::member;
      if (const auto text = line.text_of("origin"); !text.empty()) origin = origin_from(text, line.line);
      auto kind = line.text_of("kind");
      if (kind.empty()) kind = "script/shell";
      at = named_.emplace(key, add(name, std::move(kind), parent, origin)).first;
    }
    auto& node = example_.tree.nodes[at->second];
    if (const auto kind = line.text_of("kind"); !kind.empty()) node.kind = kind;
    if (line.text_of("incomplete") == "true") {
      example_.dossiers[at->second].complete = false;
    }
    return at->second;
  }

  artifact::Origin origin_from(const std::string& text, int line) {
    using artifact::Origin;
    for (const auto o : {Origin::product, Origin::member, Origin::layer, Origin::embedded, Origin::decoded, Origin::step, Origin::hidden})
      if (artifact::name_of(o) == text) return o;
    wrong(line, fmt::format("the origin '{}' is not known", text));
    return Origin::member;
  }

  evidence::Item item_of(evidence::Facet facet, const YamlNode& value) {
    evidence::Item item;
    item.facet = facet;
    if (value.is_map()) {
      item.word = value.text_of("word");
      item.value = value.text_of("value");
    } else if (evidence::is_closed(facet)) {
      item.word = value.text;
    } else {
      const auto space = value.text.find(' ');
      const auto first = value.text.substr(0, space);
      const bool worded = !evidence::words_of(facet).empty() && evidence::is_word(facet, first);
      item.word = worded ? first : "";
      item.value = !worded ? value.text : space == std::string::npos ? "" : value.text.substr(space + 1);
    }
    if (evidence::is_closed(facet) && !evidence::is_word(facet, item.word))
      wrong(value.line, fmt::format("'{}' is not a word of {}", item.word, evidence::name_of(facet)));
    return item;
  }

  void describe(evidence::Item& item, const YamlNode& line) {
    static constexpr std::string_view known[] = {"artifact", "inside", "kind", "origin", "package", "unit", "confidence", "attribute", "incomplete", "secret", "change", "new-to"};
    item.unit = line.text_of("unit");
    item.secret = line.text_of("secret") == "true";
    item.examiner = "example";
    if (const auto text = line.text_of("confidence"); !text.empty()) {
      if (const auto c = evidence::confidence_from(text)) item.confidence = *c;
      else wrong(line.line, "confidence is low, medium or high");
    }
    for (const auto key : {"change", "new-to"})
      if (const auto text = line.text_of(key); !text.empty()) item.attributes[key] = text;
    if (const auto* attributes = line.find("attribute"))
      for (const auto& [name, value] : attributes->pairs) item.attributes[name.text] = value.text;
    for (const auto& [key, value] : line.pairs)
      if (!evidence::facet_from(key.text) && std::ranges::find(known, key.text) == std::end(known))
        wrong(key.line, fmt::format("'{}' is neither a facet nor a key of an example's evidence", key.text));
  }

  Example& example_;
  std::vector<Problem>& problems_;
  std::map<std::string, NodeId> named_, packages_;
  std::vector<std::pair<NodeId, compare::Lost>> lost_;
};

}  // namespace

void read_examples(const YamlNode& examples, const Rule& rule, RuleSet& set, std::vector<Problem>& problems) {
  bool fires = false, silent = false;
  for (const auto& node : examples.items) {
    Example example;
    example.rule = rule.name;
    example.file = rule.file;
    example.line = node.line;
    example.about = node.text_of("about");
    example.fires = node.text_of("fires") == "true";
    (example.fires ? fires : silent) = true;
    const auto* listing = node.find("evidence");
    if (!listing || !listing->is_list() || node.text_of("fires").empty()) {
      problems.push_back({rule.file, node.line, "an example has the form {fires: true or false, evidence: [...]}", true});
      continue;
    }
    SceneReading reading(example, problems);
    for (const auto& line : listing->items) reading.read(line);
    reading.finish();
    set.examples.push_back(std::move(example));
  }
  if (!fires) problems.push_back({rule.file, examples.line, fmt::format("'{}' has no example that fires", rule.name), false});
  if (!silent) problems.push_back({rule.file, examples.line, fmt::format("'{}' has no example that stays silent", rule.name), false});
}

}  // namespace judge
