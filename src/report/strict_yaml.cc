// Builds the plain tree from yaml-cpp's events, so that nothing of the document is ever expanded.
#include "report/strict_yaml.h"

#include <sstream>
#include <unordered_set>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace report {
namespace {

struct Refused {
  int line;
  std::string what;
};

class Builder final : public YAML::EventHandler {
 public:
  YamlNode root;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { place(make(YamlNode::Type::null, mark)); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { throw Refused{mark.line + 1, "aliases (*name) are not taken"}; }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    auto node = make(YamlNode::Type::scalar, mark);
    node.text = value;
    node.quoted = tag == "!";
    if (!node.quoted && (value == "~" || value.empty())) node.type = YamlNode::Type::null;
    place(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(make(YamlNode::Type::list, mark));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(make(YamlNode::Type::map, mark));
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    bool wants_value = false;
    std::unordered_set<std::string> keys;
  };

  YamlNode make(YamlNode::Type type, const YAML::Mark& mark) {
    if (++count_ > most_yaml_nodes) throw Refused{mark.line + 1, "the document has too many parts"};
    YamlNode node;
    node.type = type;
    node.line = mark.line + 1;
    return node;
  }
  void open(YamlNode node) {
    if (open_.size() >= most_yaml_depth) throw Refused{node.line, "the document is nested too deeply"};
    open_.push_back({std::move(node), false, {}});
  }
  void close() {
    auto done = std::move(open_.back().node);
    open_.pop_back();
    place(std::move(done));
  }
  void place(YamlNode node) {
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    auto& top = open_.back();
    if (top.node.is_list()) {
      top.node.items.push_back(std::move(node));
    } else if (top.wants_value) {
      top.node.pairs.back().second = std::move(node);
      top.wants_value = false;
    } else {
      if (!node.is_scalar()) throw Refused{node.line, "a key must be plain text"};
      if (!top.keys.insert(node.text).second) throw Refused{node.line, "the key '" + node.text + "' stands twice"};
      top.node.pairs.emplace_back(std::move(node), YamlNode{});
      top.wants_value = true;
    }
  }

  std::vector<Open> open_;
  std::size_t count_ = 0;
};

base::Error error_at(int line, std::string_view what, std::string_view source) {
  return {base::Trouble::usage, fmt::format("line {}: {}", line, what), fmt::format("{}:{}", source, line)};
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [k, v] : pairs)
    if (k.text == key) return &v;
  return nullptr;
}

std::string YamlNode::text_of(std::string_view key) const {
  const auto* value = find(key);
  return value && value->is_scalar() ? value->text : std::string();
}

std::vector<std::string> YamlNode::texts_of(std::string_view key) const {
  std::vector<std::string> out;
  const auto* value = find(key);
  if (!value) return out;
  if (value->is_scalar()) out.push_back(value->text);
  for (const auto& item : value->items)
    if (item.is_scalar()) out.push_back(item.text);
  return out;
}

base::Result<YamlNode> read_yaml(std::string_view text, std::string_view source_name) {
  if (text.size() > most_yaml_bytes)
    return std::unexpected(error_at(1, fmt::format("the file is larger than {} bytes", most_yaml_bytes), source_name));
  if (text.find('\0') != std::string_view::npos) return std::unexpected(error_at(1, "the file holds NUL bytes and is not text", source_name));
  Builder builder;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return std::unexpected(error_at(1, "the file is empty", source_name));
    Builder second;
    if (parser.HandleNextDocument(second) && !second.root.is_null())
      return std::unexpected(error_at(second.root.line, "only one document is taken", source_name));
  } catch (const Refused& refused) {
    return std::unexpected(error_at(refused.line, refused.what, source_name));
  } catch (const YAML::Exception& e) {
    return std::unexpected(error_at(e.mark.line + 1, e.msg, source_name));
  } catch (const std::exception& e) {
    return std::unexpected(error_at(1, e.what(), source_name));
  }
  return std::move(builder.root);
}

}  // namespace report
