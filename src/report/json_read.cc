// Reads the JSON of a report (report/json.h). Strict; the text may be hostile: an old store is a
// file like any other.
#include <nlohmann/json.hpp>
#include <set>

#include "report/json.h"

namespace report {
namespace {

using Json = nlohmann::ordered_json;
using base::Trouble;

constexpr int most_depth = 8;

/// nlohmann parses without recursion, but a bound is cheap and makes the tree's size predictable.
base::Result<> check_depth(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      else if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    else if (c == '{' || c == '[') ++depth;
    else if (c == '}' || c == ']') --depth;
    if (depth > most_depth) return base::fail(Trouble::limit, "the report is nested deeper than {} levels", most_depth);
  }
  return {};
}

/// The first thing that is wrong, wherever it is found; later ones are not kept.
struct Fault {
  std::optional<base::Error> first;
  void note(std::string where, std::string what) {
    if (!first) first = base::Error{Trouble::malformed, std::move(what), std::move(where)};
  }
};

/// One JSON object: hands out its fields, and at the end complains about what nobody asked for.
class Fields {
 public:
  Fields(const Json& json, std::string path, Fault& fault) : json_(json), path_(std::move(path)), fault_(fault) {
    if (!json_.is_object()) fault_.note(path_, "an object is needed");
  }
  ~Fields() {
    if (!json_.is_object()) return;
    for (const auto& [key, value] : json_.items())
      if (!asked_.contains(key)) fault_.note(path_, fmt::format("unknown key \"{}\"", base::printable(key)));
  }
  Fields(const Fields&) = delete;

  bool has(const std::string& key) const { return json_.is_object() && json_.contains(key); }
  const Json& at(const std::string& key) {
    static const Json none;
    asked_.insert(key);
    if (!json_.is_object()) return none;
    const auto found = json_.find(key);
    if (found != json_.end()) return *found;
    fault_.note(path_, fmt::format("\"{}\" is missing", key));
    return none;
  }
  std::string text(const std::string& key) {
    const auto& value = at(key);
    if (value.is_string()) return value.get<std::string>();
    fault_.note(path(key), "a string is needed");
    return {};
  }
  /// A string with `<key>_bytes` beside it where escaping changed it.
  std::string raw(const std::string& key) {
    auto shown = text(key);
    const auto bytes_key = key + "_bytes";
    asked_.insert(bytes_key);
    const auto found = json_.is_object() ? json_.find(bytes_key) : json_.end();
    if (!json_.is_object() || found == json_.end()) return shown;
    if (!found->is_string()) return fault_.note(path(bytes_key), "a string is needed"), std::string();
    auto bytes = unhex(found->get_ref<const std::string&>());
    if (!bytes || base::printable(*bytes) != shown) return fault_.note(path(bytes_key), "these bytes do not give \"" + key + "\""), std::string();
    return std::move(*bytes);
  }
  template <class Number>
  Number number(const std::string& key, Number most = std::numeric_limits<Number>::max()) {
    const auto& value = at(key);
    if (value.is_number_unsigned() && value.get<std::uint64_t>() <= static_cast<std::uint64_t>(most)) return static_cast<Number>(value.get<std::uint64_t>());
    fault_.note(path(key), fmt::format("a whole number from 0 to {} is needed", most));
    return 0;
  }
  bool truth(const std::string& key) {
    const auto& value = at(key);
    if (value.is_boolean()) return value.get<bool>();
    fault_.note(path(key), "true or false is needed");
    return false;
  }
  template <class From>
  auto word(const std::string& key, From from) {
    const auto name = text(key);
    const auto found = from(name);
    if (!found) fault_.note(path(key), fmt::format("unknown word \"{}\"", base::printable(name)));
    using E = typename decltype(found)::value_type;
    return found.value_or(E{});
  }
  std::vector<std::string> texts(const std::string& key) {
    std::vector<std::string> out;
    each(key, [&](const Json& value, const std::string& where) {
      if (value.is_string()) out.push_back(value.get<std::string>());
      else fault_.note(where, "a string is needed");
    });
    return out;
  }
  template <class Body>
  void each(const std::string& key, Body body) {
    const auto& list = at(key);
    if (!list.is_array()) return fault_.note(path(key), "an array is needed");
    std::size_t i = 0;
    for (const auto& value : list) {
      if (fault_.first) return;
      body(value, fmt::format("{}[{}]", path(key), i++));
    }
  }
  template <class Body>
  void entries(const std::string& key, Body body) {
    const auto& map = at(key);
    if (!map.is_object()) return fault_.note(path(key), "an object is needed");
    for (const auto& [name, value] : map.items()) body(name, value, path(key));
  }
  std::string path(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }
  Fault& fault() { return fault_; }

 private:
  static std::optional<std::string> unhex(std::string_view hex) {
    if (hex.size() % 2) return std::nullopt;
    std::string out;
    out.reserve(hex.size() / 2);
    const auto nibble = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
    for (std::size_t i = 0; i < hex.size(); i += 2) {
      const int high = nibble(hex[i]), low = nibble(hex[i + 1]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high << 4 | low);
    }
    return out;
  }

  const Json& json_;
  std::string path_;
  Fault& fault_;
  std::set<std::string> asked_;
};

std::optional<LineState> line_state_from(std::string_view name) {
  for (const auto s : {LineState::confirmed, LineState::contradicted, LineState::unobserved})
    if (name_of(s) == name) return s;
  return std::nullopt;
}

evidence::Tally tally(const Json& json, const std::string& path, Fault& fault) {
  evidence::Tally out;
  Fields f(json, path, fault);
  for (std::size_t i = 0; i < evidence::label_count; ++i)
    out.bytes[i] = f.number<std::uint64_t>(std::string(evidence::name_of(static_cast<evidence::Label>(i))));
  return out;
}

ProductIdentity product(const Json& json, Fault& fault) {
  Fields f(json, "product", fault);
  ProductIdentity p{f.raw("name"), f.raw("version"), f.raw("maker"), f.raw("ecosystem"), f.raw("purl"), f.text("digest"), f.number<std::uint64_t>("size"), {}};
  f.each("files", [&](const Json& file, const std::string& where) { p.files.push_back(Fields(file, where, fault).raw("name")); });
  return p;
}

Reason reason(const Json& json, const std::string& path, Fault& fault) {
  Fields f(json, path, fault);
  return {f.word("leads_to", verdict_from), f.text("text"), f.text("finding")};
}

struct ClaimedPlace {
  artifact::NodeId node;
  std::string place, path;
};

Finding finding(const Json& json, const std::string& path, Fault& fault, std::vector<ClaimedPlace>& places) {
  Fields f(json, path, fault);
  Finding out;
  out.id = f.text("id");
  out.rule = f.text("rule");
  out.rule_namespace = f.text("namespace");
  out.klass = f.text("class");
  out.severity = f.word("severity", severity_from);
  out.confidence = f.word("confidence", evidence::confidence_from);
  out.standing = f.word("declared", standing_from);
  out.effect = f.word("effect", effect_from);
  out.what = f.text("what");
  out.why = f.text("why");
  out.settle = f.text("settle");
  out.remedy = f.text("remedy");
  out.references = f.texts("references");
  out.author = f.text("author");
  out.scope = f.text("scope");
  f.each("places", [&](const Json& place, const std::string& where) {
    Fields p(place, where, fault);
    places.push_back({p.number<artifact::NodeId>("node"), p.raw("place"), where});
    out.places.push_back(places.back().node);
  });
  out.evidence = f.texts("evidence");
  out.waiver = f.text("waiver");
  if (f.has("state")) out.news = f.word("state", news_from);
  return out;
}

DeclarationLine declaration_line(const Json& json, const std::string& path, Fault& fault) {
  Fields f(json, path, fault);
  DeclarationLine out;
  out.section = f.raw("section");
  out.value = f.raw("value");
  out.purpose = f.raw("purpose");
  out.recipient = f.raw("recipient");
  out.weak = f.truth("weak");
  out.is_void = f.truth("void");
  out.note = f.text("note");
  out.state = f.word("state", line_state_from);
  out.source = f.raw("source");
  return out;
}

ArtifactLine artifact_line(const Json& json, const std::string& path, Fault& fault, std::size_t index) {
  Fields f(json, path, fault);
  ArtifactLine out;
  if (f.number<std::size_t>("node") != index) fault.note(path, "\"node\" must be the position in the array");
  if (!f.at("parent").is_null()) {
    out.parent = f.number<artifact::NodeId>("parent");
    if (out.parent >= index) fault.note(path, "\"parent\" must stand before its child");
  } else if (index) {
    fault.note(path, "only the product has no parent");
  }
  out.name = f.raw("name");
  out.place = f.raw("place");
  out.kind = f.raw("kind");
  out.origin = f.text("origin");
  out.nature = f.text("nature");
  out.digest = f.text("digest");
  out.size = f.number<std::uint64_t>("size");
  out.mode = f.number<std::uint32_t>("mode");
  out.link = f.raw("link");
  out.tally = tally(f.at("bytes"), path + ".bytes", fault);
  out.complete = f.truth("complete");
  f.each("opaque", [&](const Json& run, const std::string& where) {
    Fields r(run, where, fault);
    out.opaque.push_back({{r.number<std::uint64_t>("offset"), r.number<std::uint64_t>("size")}, evidence::Label::opaque, r.text("why")});
  });
  return out;
}

Exhibit exhibit(const Json& json, const std::string& path, Fault& fault) {
  Fields f(json, path, fault);
  Exhibit out;
  out.id = f.text("id");
  out.node = f.number<artifact::NodeId>("node");
  out.item.facet = f.word("facet", evidence::facet_from);
  out.item.word = f.raw("word");
  out.item.value = f.raw("value");
  const auto& attributes = f.at("attributes");
  Fields a(attributes, path + ".attributes", fault);
  if (attributes.is_object())
    for (const auto& [name, value] : attributes.items())
      if (!name.ends_with("_bytes") || !attributes.contains(name.substr(0, name.size() - 6))) out.item.attributes[name] = a.raw(name);
  out.item.range = {f.number<std::uint64_t>("offset"), f.number<std::uint64_t>("size")};
  out.item.excerpt = f.raw("excerpt");
  out.item.unit = f.raw("unit");
  out.item.confidence = f.word("confidence", evidence::confidence_from);
  out.item.secret = f.truth("secret");
  out.item.examiner = f.text("examiner");
  out.item.count = f.number<std::uint32_t>("count");
  return out;
}

void used(const Json& json, Used& out, Fault& fault) {
  Fields f(json, "used", fault);
  out.engine_version = f.text("engine_version");
  out.policy_name = f.text("policy_name");
  out.at = f.text("at");
  out.declaration = f.text("declaration");
  out.waivers = f.texts("waivers");
  f.entries("limits", [&](const std::string& name, const Json& value, const std::string& where) {
    if (value.is_number_unsigned()) out.limits[name] = value.get<std::uint64_t>();
    else fault.note(where + "." + base::printable(name), "a whole number is needed");
  });
}

ArtifactChange artifact_change(const Json& json, const std::string& path, Fault& fault) {
  Fields f(json, path, fault);
  ArtifactChange out;
  out.fate = f.word("fate", fate_from);
  if (!f.at("node").is_null()) out.node = f.number<artifact::NodeId>("node");
  else if (out.fate != Fate::lost && out.fate != Fate::merged) fault.note(path, "only what is lost or merged has no node");
  out.distance = f.number<int>("distance");
  out.place = f.raw("was_place");
  out.kind = f.raw("was_kind");
  out.digest = f.text("was_digest");
  out.size = f.number<std::uint64_t>("was_size");
  out.opaque = f.number<std::uint64_t>("was_opaque");
  return out;
}

EvidenceChange evidence_change(const Json& json, const std::string& path, Fault& fault) {
  Fields f(json, path, fault);
  EvidenceChange out;
  out.turn = f.word("change", turn_from);
  out.new_to_product = f.truth("new_to_product");
  out.now = f.text("now");
  out.before = f.text("before");
  return out;
}

Baseline baseline(const Json& json, Fault& fault) {
  Fields f(json, "baseline", fault);
  Baseline out;
  out.product = product(f.at("product"), fault);
  out.verdict = f.word("verdict", verdict_from);
  out.report = f.text("report");
  out.engine = f.text("engine");
  out.rules = f.text("rules");
  out.coverage = tally(f.at("coverage"), "baseline.coverage", fault);
  out.tables_left_out = f.truth("tables_left_out");
  out.not_tried = f.number<std::uint64_t>("not_tried");
  out.unlisted = f.number<std::uint64_t>("unlisted");
  f.entries("counts", [&](const std::string& name, const Json& value, const std::string& where) {
    if (value.is_number_unsigned()) out.counts[name] = value.get<std::uint64_t>();
    else fault.note(where + "." + base::printable(name), "a whole number is needed");
  });
  f.each("artifacts", [&](const Json& x, const std::string& where) { out.artifacts.push_back(artifact_change(x, where, fault)); });
  f.each("changes", [&](const Json& x, const std::string& where) { out.changes.push_back(evidence_change(x, where, fault)); });
  f.each("evidence", [&](const Json& x, const std::string& where) { out.evidence.push_back(exhibit(x, where, fault)); });
  f.each("places", [&](const Json& x, const std::string& where) { out.places.push_back(Fields(x, where, fault).raw("place")); });
  f.each("resolved", [&](const Json& x, const std::string& where) {
    Fields r(x, where, fault);
    out.resolved.push_back({r.text("rule"), r.text("class"), r.text("effect"), r.text("what"), r.raw("place")});
  });
  f.each("declaration", [&](const Json& x, const std::string& where) {
    Fields d(x, where, fault);
    out.declaration.push_back({d.word("change", turn_from), d.raw("section"), d.raw("value"), d.raw("was")});
  });
  return out;
}

void cross_check(const Report& r, const Baseline& b, Fault& fault) {
  for (const auto& a : b.artifacts)
    if (a.node != artifact::no_node && a.node >= r.artifacts.size()) fault.note("baseline.artifacts", "no artifact has this node");
  for (const auto& e : b.evidence)
    if (e.node >= b.places.size()) fault.note("baseline.evidence", "no place has this number");
}

/// What the parts say of each other must agree; renderers rely on it.
void cross_check(const Report& r, const std::vector<ClaimedPlace>& places, Fault& fault) {
  for (const auto& p : places)
    if (p.node >= r.artifacts.size() || r.artifacts[p.node].place != p.place) fault.note(p.path, "no artifact has this node and place");
  for (std::size_t i = 0; i < r.evidence.size(); ++i)
    if (r.evidence[i].node >= r.artifacts.size()) fault.note(fmt::format("evidence[{}]", i), "no artifact has this node");
}

void read(const Json& json, Report& out, Fault& fault) {
  std::vector<ClaimedPlace> places;
  Fields f(json, "", fault);
  out.schema = f.number<int>("schema");
  if (out.schema != schema_version) return fault.note("schema", fmt::format("version {} is not read, only {}", out.schema, schema_version));
  out.used.engine = f.text("engine");
  out.used.rules = f.text("rules");
  out.used.policy = f.text("policy");
  out.product = product(f.at("product"), fault);
  out.verdict = f.word("verdict", verdict_from);
  f.each("reasons", [&](const Json& x, const std::string& where) { out.reasons.push_back(reason(x, where, fault)); });
  f.each("findings", [&](const Json& x, const std::string& where) { out.findings.push_back(finding(x, where, fault, places)); });
  out.coverage = tally(f.at("coverage"), "coverage", fault);
  f.each("declaration", [&](const Json& x, const std::string& where) { out.declaration.push_back(declaration_line(x, where, fault)); });
  f.each("artifacts", [&](const Json& x, const std::string& where) { out.artifacts.push_back(artifact_line(x, where, fault, out.artifacts.size())); });
  f.each("evidence", [&](const Json& x, const std::string& where) { out.evidence.push_back(exhibit(x, where, fault)); });
  out.not_covered = f.texts("not_covered");
  if (f.has("baseline")) out.baseline = baseline(f.at("baseline"), fault);
  used(f.at("used"), out.used, fault);
  out.replayable = f.truth("replayable");
  cross_check(out, places, fault);
  if (out.baseline) cross_check(out, *out.baseline, fault);
}

}  // namespace

base::Result<Report> from_json(std::string_view text, std::size_t most_bytes) {
  if (text.size() > most_bytes) return base::fail(Trouble::limit, "the report has {} bytes, more than the {} that are read", text.size(), most_bytes);
  CHECK_OK(check_depth(text));
  const auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return base::fail(Trouble::malformed, "the report is not JSON");
  Report out;
  Fault fault;
  read(json, out, fault);
  if (fault.first) return std::unexpected(std::move(*fault.first));
  return out;
}

}  // namespace report
