// capa's features keep capa's meaning; evidence facets come beside them. See docs/rules.md.
// Does not: expand com/class names to GUIDs (they stay unknown, as all code features do).
#include "judge/rule_atoms.h"

#include <charconv>

namespace judge {
namespace {

using report::YamlNode;

struct Own {
  std::string_view name;
  Kind kind;
};
constexpr Own own_features[] = {
    {"api", Kind::api}, {"bytes", Kind::bytes}, {"number", Kind::number}, {"offset", Kind::offset}, {"mnemonic", Kind::mnemonic},
    {"characteristic", Kind::characteristic}, {"basic blocks", Kind::basic_blocks}, {"basic block", Kind::basic_blocks},
    {"class", Kind::klass}, {"namespace", Kind::name_space},
    {"property/read", Kind::dotnet_property}, {"property/write", Kind::dotnet_property},
    {"com/class", Kind::com}, {"com/interface", Kind::com},
    {"os", Kind::os}, {"arch", Kind::arch}, {"format", Kind::format}, {"match", Kind::match},
};

/// The part before " = " (https://github.com/mandiant/capa-rules/blob/master/doc/format.md#descriptions).
std::string without_description(const std::string& text) {
  const auto at = text.find(" = ");
  if (at == std::string::npos) return text;
  auto out = text.substr(0, at);
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

struct Slashed {
  std::string source;
  bool caseless = false;
};
std::optional<Slashed> slashed(const std::string& text) {
  if (text.size() < 3 || text[0] != '/') return std::nullopt;
  const auto end = text.rfind('/');
  if (end == 0) return std::nullopt;
  const auto flags = text.substr(end + 1);
  if (flags.find_first_not_of("is") != std::string::npos) return std::nullopt;
  return Slashed{text.substr(1, end - 1), flags.find('i') != std::string::npos};
}

bool set_pattern(Atom& atom, const std::string& source, bool caseless, int line, FeatureReading& into) {
  auto pattern = compile(source, caseless);
  if (!pattern) {
    into.wrong(line, pattern.error().what);
    return false;
  }
  atom.form = Form::regex;
  atom.text = source;
  atom.caseless = caseless;
  atom.pattern = std::move(*pattern);
  return true;
}

bool set_value(Atom& atom, const YamlNode& value, FeatureReading& into, bool regex_allowed) {
  if (!value.is_scalar()) {
    into.wrong(value.line, "a feature's value must be text");
    return false;
  }
  if (regex_allowed)
    if (const auto s = slashed(value.text)) return set_pattern(atom, s->source, s->caseless, value.line, into);
  atom.form = Form::exact;
  atom.text = value.text;
  return true;
}

/// `{word: url, value: /x/, confidence: high, attribute: {label: reserved}, origin: decoded}`
bool set_extended(Atom& atom, const YamlNode& value, FeatureReading& into) {
  const auto facet = static_cast<evidence::Facet>(atom.kind);
  bool fine = true;
  const auto wrong = [&](int line, std::string text) {
    into.wrong(line, std::move(text));
    fine = false;
  };
  for (const auto& [key, part] : value.pairs) {
    if (key.text == "description") continue;
    if (key.text == "word") {
      atom.word = part.text;
      if (!evidence::is_word(facet, part.text)) wrong(key.line, fmt::format("'{}' is not a word of {}", part.text, name_of(atom.kind)));
    } else if (key.text == "value") {
      fine = set_value(atom, part, into, true) && fine;
    } else if (key.text == "substring") {
      fine = set_value(atom, part, into, false) && fine;
      atom.form = Form::substring;
    } else if (key.text == "confidence") {
      const auto least = evidence::confidence_from(part.text);
      if (least) atom.least = *least;
      else wrong(key.line, "confidence is low, medium or high");
    } else if (key.text == "origin") {
      atom.origin = part.text;
    } else if ((key.text == "attribute" || key.text == "without") && part.is_map()) {
      auto& into_map = key.text == "without" ? atom.without : atom.attributes;
      for (const auto& [name, wanted] : part.pairs) {
        into_map[name.text] = wanted.text == "any" ? "" : wanted.text;
        const auto s = slashed(wanted.text);
        if (!s) continue;
        auto pattern = compile(s->source, s->caseless);
        if (pattern) (key.text == "without" ? atom.without_patterns : atom.attribute_patterns)[name.text] = std::move(*pattern);
        else wrong(wanted.line, pattern.error().what);
      }
    } else {
      wrong(key.line, fmt::format("'{}' is not known here: word, value, substring, confidence, attribute, without, origin", key.text));
    }
  }
  return fine;
}

bool read_facet(Atom& atom, evidence::Facet facet, const YamlNode& value, FeatureReading& into) {
  if (value.is_map()) return set_extended(atom, value, into);
  if (value.is_null()) return true;  // any fact of the facet
  YamlNode plain = value;
  if (facet != evidence::Facet::string) plain.text = without_description(plain.text);
  // capa's own file features know no regex but `string`.
  const bool capa_file_feature = facet == evidence::Facet::section || facet == evidence::Facet::function_name;
  if (!set_value(atom, plain, into, !(into.of_user && capa_file_feature))) return false;
  if (atom.form == Form::exact && evidence::is_closed(facet)) {
    if (!evidence::is_word(facet, atom.text)) {
      into.wrong(value.line, fmt::format("'{}' is not a word of {}", atom.text, name_of(atom.kind)));
      return false;
    }
    atom.form = Form::any;
    atom.word = std::exchange(atom.text, {});
  }
  return true;
}

/// `kernel32.CreateFileA` asks for CreateFileA, as capa does; ordinals and C++ names stay whole.
std::string without_library(const std::string& name) {
  if (name.find("::") != std::string::npos || name.find(".#") != std::string::npos) return name;
  const auto dot = name.find('.');
  if (dot == std::string::npos || name.find('.', dot + 1) != std::string::npos) return name;
  return name.substr(dot + 1);
}

bool read_own(Atom& atom, const std::string& name, const YamlNode& value, FeatureReading& into) {
  atom.form = Form::exact;
  atom.text = without_description(value.text);
  if (name.starts_with("property/") || name.starts_with("com/")) atom.word = name;
  switch (atom.kind) {
    case Kind::basic_blocks: atom.form = Form::any; return true;
    case Kind::api: atom.text = without_library(atom.text); return true;
    case Kind::number:
    case Kind::offset:
    case Kind::operand_number:
    case Kind::operand_offset:
      if (auto number = canonical_number(atom.text)) atom.text = std::move(*number);
      else return into.wrong(value.line, fmt::format("'{}' is not a number", atom.text)), false;
      return true;
    case Kind::bytes:
      atom.form = Form::prefix;
      if (auto raw = raw_bytes(atom.text)) atom.text = std::move(*raw);
      else return into.wrong(value.line, "bytes are written as hex pairs, at most 256 of them"), false;
      return true;
    case Kind::os:
    case Kind::format:
      if (atom.text == "any") atom.form = Form::any, atom.text.clear();
      return true;
    default: return true;
  }
}

}  // namespace

std::optional<std::string> canonical_number(std::string_view text) {
  bool minus = false;
  auto digits = text;
  if (digits.starts_with('-')) minus = true, digits.remove_prefix(1);
  const bool hex = digits.starts_with("0x") || digits.starts_with("0X");
  if (hex) digits.remove_prefix(2);
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, hex ? 16 : 10);
  if (digits.empty() || error != std::errc()) return std::nullopt;
  if (end != digits.data() + digits.size()) {  // floating point stays as it is written
    if (hex || digits.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
    return std::string(text);
  }
  return fmt::format("{}{}", minus && out ? "-" : "", out);
}

std::optional<std::string> raw_bytes(std::string_view hex) {
  std::string out;
  int high = -1;
  for (const char c : hex) {
    if (c == ' ' || c == '\t' || c == '\n') continue;
    const int nibble = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (nibble < 0) return std::nullopt;
    if (high < 0) high = nibble;
    else out.push_back(static_cast<char>(high * 16 + nibble)), high = -1;
  }
  if (high >= 0 || out.empty() || out.size() > 0x100) return std::nullopt;
  return out;
}

base::Result<std::shared_ptr<const re2::RE2>> compile(std::string_view source, bool caseless) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!caseless);
  options.set_dot_nl(true);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_max_mem(4 << 20);
  auto pattern = std::make_shared<const re2::RE2>(re2::StringPiece(source.data(), source.size()), options);
  if (!pattern->ok()) return base::fail(base::Trouble::usage, "the regular expression /{}/ is not taken by RE2: {}", source, pattern->error());
  return pattern;
}

std::optional<AtomId> read_atom(const std::string& name, const YamlNode& value, FeatureReading& into) {
  Atom atom;
  const auto done = [&](bool fine) -> std::optional<AtomId> {
    if (!fine) return std::nullopt;
    if (!into.change.empty() && !is_facet(atom.kind)) {
      into.wrong(value.line, fmt::format("'{}' is no evidence that a version can gain or lose", name));
      return std::nullopt;
    }
    if (!into.change.empty() && !atom.attributes.contains("change")) {
      atom.attributes["change"] = fmt::format("/{}/", into.change);
      if (auto pattern = compile(into.change, false)) atom.attribute_patterns["change"] = std::move(*pattern);
    }
    return into.set.intern(std::move(atom));
  };
  if (name == "substring") {
    atom.kind = kind_of(evidence::Facet::string);
    atom.form = Form::substring;
    atom.text = without_description(value.text);
    return done(value.is_scalar());
  }
  if (name.starts_with("operand[") && name.size() > 10) {
    atom.kind = name.ends_with(".number") ? Kind::operand_number : Kind::operand_offset;
    atom.word = name.substr(8, name.find(']') - 8);
    return done((name.ends_with("].number") || name.ends_with("].offset")) && read_own(atom, name, value, into));
  }
  // `property:` is .NET's in a rule written for capa, evidence's in one written for Assay.
  const bool dotnet = into.of_user && name == "property";
  if (const auto facet = evidence::facet_from(name); facet && !dotnet) {
    atom.kind = kind_of(*facet);
    return done(read_facet(atom, *facet, value, into));
  }
  if (dotnet) {
    atom.kind = Kind::dotnet_property;
    return done(read_own(atom, name, value, into));
  }
  for (const auto& own : own_features)
    if (own.name == name) {
      atom.kind = own.kind;
      if (value.is_null() && own.kind != Kind::basic_blocks) {
        into.wrong(value.line, fmt::format("'{}' needs a value", name));
        return std::nullopt;
      }
      return done(read_own(atom, name, value, into));
    }
  into.wrong(value.line, fmt::format("'{}' is neither a statement nor a feature", name));
  return std::nullopt;
}

}  // namespace judge
