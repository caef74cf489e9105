// Every key is checked: a misspelt one would trust what its writer means to shut out.
#include "hallmark/trust_yaml.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>

namespace hallmark {

using base::Trouble;
using report::YamlNode;

namespace {

struct Source {
  const std::string& name;
  const std::string& folder;
  std::unexpected<base::Error> wrong(const YamlNode& at, std::string_view what) const {
    return base::fail(Trouble::usage, "{}:{}: {}", base::printable(name), at.line, what);
  }
};

using Take = std::function<base::Result<>(const YamlNode& value)>;

base::Result<> take_map(const YamlNode& node, std::string_view what, const Source& source, const std::map<std::string, Take, std::less<>>& takes) {
  if (!node.is_map()) return source.wrong(node, fmt::format("{} is a map of keys", what));
  for (const auto& [key, value] : node.pairs) {
    const auto found = takes.find(key.text);
    if (found == takes.end()) {
      std::string known;
      for (const auto& [name, take] : takes) known += (known.empty() ? "" : ", ") + name;
      return source.wrong(key, fmt::format("'{}' is not known in {}; known are {}", base::printable(key.text), what, known));
    }
    CHECK_OK(found->second(value));
  }
  return {};
}

base::Result<> each_of(const YamlNode& node, std::string_view what, const Source& source, const Take& take) {
  if (!node.is_list() || node.items.empty()) return source.wrong(node, fmt::format("{} is a list, and not an empty one", what));
  for (const auto& item : node.items) CHECK_OK(take(item));
  return {};
}

base::Result<std::string> text_of(const YamlNode& node, const Source& source) {
  if (!node.is_scalar() || node.text.empty()) return source.wrong(node, "a text is needed");
  return node.text;
}

Take text_into(std::string& out, const Source& source) {
  return [&out, &source](const YamlNode& node) -> base::Result<> {
    out = base::printable(TRY(text_of(node, source)));
    return {};
  };
}

// A day alone is its first second, or, of an end, its last.
Take time_into(Time& out, bool end, const Source& source) {
  return [&out, end, &source](const YamlNode& node) -> base::Result<> {
    const auto time = parse_time(node.text);
    if (!time) return source.wrong(node, time.error().what);
    out = *time + (end && node.text.size() == 10 ? 86'399 : 0);
    return {};
  };
}

Take count_into(unsigned& out, const Source& source) {
  return [&out, &source](const YamlNode& node) -> base::Result<> {
    const auto* last = node.text.data() + node.text.size();
    const auto [at, error] = std::from_chars(node.text.data(), last, out);
    if (error != std::errc() || at != last || out > 1000) return source.wrong(node, "a number up to 1000 is needed");
    return {};
  };
}

// SHA-256 in hex.
Take digests_into(std::set<std::string>& out, std::string_view what, const Source& source) {
  return [&out, what, &source](const YamlNode& node) -> base::Result<> {
    return each_of(node, what, source, [&](const YamlNode& item) -> base::Result<> {
      const auto digest = base::Digest::from_hex(item.text);
      if (!digest) return source.wrong(item, fmt::format("{} are named by their SHA-256, 64 hex digits", what));
      out.insert(digest->hex());
      return {};
    });
  };
}

base::Result<OfficeKey> read_key(const YamlNode& node, const Source& source) {
  OfficeKey out;
  std::string file, pem;
  const auto plain = [&](std::string& into) -> Take {
    return [&](const YamlNode& value) -> base::Result<> {
      into = TRY(text_of(value, source));
      return {};
    };
  };
  CHECK_OK(take_map(node, "a key", source, {{"file", plain(file)}, {"pem", plain(pem)}, {"not-before", time_into(out.not_before, false, source)}, {"not-after", time_into(out.not_after, true, source)}}));
  if (file.empty() == pem.empty()) return source.wrong(node, "a key needs either file or pem");
  auto key = pem.empty() ? sign::PublicKey::load((std::filesystem::path(source.folder) / file).string()) : sign::PublicKey::from_pem(pem);
  if (!key) return source.wrong(node, key.error().to_string());
  if (out.not_after < out.not_before) return source.wrong(node, "not-after lies before not-before");
  out.key = std::move(*key);
  return out;
}

base::Result<Office> read_office(const YamlNode& node, const Source& source) {
  Office out;
  const Take keys = [&](const YamlNode& list) {
    return each_of(list, "keys", source, [&](const YamlNode& item) -> base::Result<> {
      out.keys.push_back(TRY(read_key(item, source)));
      return {};
    });
  };
  CHECK_OK(take_map(node, "an office", source, {{"name", text_into(out.name, source)}, {"uri", text_into(out.uri, source)}, {"keys", keys}}));
  if (out.name.empty()) return source.wrong(node, "an office needs a name");
  if (out.keys.empty()) return source.wrong(node, "an office needs a key");
  return out;
}

Take note_key_into(std::function<void(tlog::NoteKey)> out, const Source& source) {
  return [out = std::move(out), &source](const YamlNode& node) -> base::Result<> {
    auto key = tlog::NoteKey::parse(TRY(text_of(node, source)));
    if (!key) return source.wrong(node, key.error().what);
    out(std::move(*key));
    return {};
  };
}

base::Result<tlog::LogTrust> read_log(const YamlNode& node, const Source& source) {
  tlog::LogTrust out;
  std::optional<tlog::NoteKey> key;
  bool counted = false;
  const Take witness = note_key_into([&](tlog::NoteKey k) { out.witnesses.push_back(std::move(k)); }, source);
  const Take witnesses = [&](const YamlNode& list) { return each_of(list, "witnesses", source, witness); };
  const Take quorum = [&](const YamlNode& value) {
    counted = true;
    return count_into(out.quorum, source)(value);
  };
  CHECK_OK(take_map(node, "a log", source, {{"key", note_key_into([&](tlog::NoteKey k) { key = std::move(k); }, source)}, {"origin", text_into(out.origin, source)}, {"witnesses", witnesses}, {"quorum", quorum}}));
  if (!key) return source.wrong(node, "a log needs its key: NAME+HASH+BASE64, as `assay log init` prints it");
  out.log = std::move(*key);
  if (out.origin.empty()) out.origin = out.log.name;
  if (!counted) out.quorum = static_cast<unsigned>(out.witnesses.size());
  if (out.quorum > out.witnesses.size()) return source.wrong(node, fmt::format("the quorum asks for {} of {} witnesses", out.quorum, out.witnesses.size()));
  return out;
}

}  // namespace

base::Result<Trust> read_trust(const YamlNode& node, const std::string& source_name, const std::string& folder) {
  const Source source{source_name, folder};
  Trust out;
  const Take offices = [&](const YamlNode& list) {
    return each_of(list, "offices", source, [&](const YamlNode& item) -> base::Result<> {
      auto office = TRY(read_office(item, source));
      if (std::any_of(out.offices.begin(), out.offices.end(), [&](const Office& o) { return o.name == office.name; })) return source.wrong(item, fmt::format("there are two offices '{}'", office.name));
      out.offices.push_back(std::move(office));
      return {};
    });
  };
  const Take logs = [&](const YamlNode& list) {
    return each_of(list, "logs", source, [&](const YamlNode& item) -> base::Result<> {
      out.logs.push_back(TRY(read_log(item, source)));
      return {};
    });
  };
  const Take need_log = [&](const YamlNode& value) -> base::Result<> {
    if (value.text != "true" && value.text != "false") return source.wrong(value, "need-log is true or false");
    out.need_log = value.text == "true";
    return {};
  };
  const Take most_age = [&](const YamlNode& value) -> base::Result<> {
    const auto span = parse_span(value.text);
    if (!span) return source.wrong(value, span.error().what);
    out.most_age = *span;
    return {};
  };
  CHECK_OK(take_map(node, "trust", source,
                    {{"offices", offices}, {"logs", logs}, {"need-log", need_log}, {"most-age", most_age}, {"policies", digests_into(out.policies, "policies", source)}, {"engines", digests_into(out.engines, "engines", source)}}));
  if (out.offices.empty()) return source.wrong(node, "trust names no office: nothing could ever hold");
  if (out.need_log && out.logs.empty()) return source.wrong(node, "trust names no log; name one, or write 'need-log: false'");
  return out;
}

base::Result<TrustFile> parse_trust_file(std::string_view text, const std::string& source_name, const std::string& folder) {
  const Source source{source_name, folder};
  const auto top = report::read_yaml(text, source_name);
  if (!top) return base::fail(Trouble::usage, "{}: {}", base::printable(source_name), top.error().what);
  TrustFile out;
  const Take trust = [&](const YamlNode& value) -> base::Result<> {
    out.trust = TRY(read_trust(value, source_name, folder));
    return {};
  };
  const Take of = [&](const YamlNode& list) {
    return each_of(list, "of", source, [&](const YamlNode& item) -> base::Result<> {
      out.quorum_of.insert(base::printable(TRY(text_of(item, source))));
      return {};
    });
  };
  const Take quorum = [&](const YamlNode& value) { return take_map(value, "quorum", source, {{"need", count_into(out.quorum, source)}, {"of", of}}); };
  CHECK_OK(take_map(*top, "a trust file", source, {{"trust", trust}, {"quorum", quorum}}));
  if (out.trust.offices.empty()) return source.wrong(*top, "the key trust is missing");
  for (const auto& name : out.quorum_of)
    if (std::none_of(out.trust.offices.begin(), out.trust.offices.end(), [&](const Office& o) { return o.name == name; })) return source.wrong(*top, fmt::format("quorum names the office '{}', which is not trusted", name));
  const auto may = out.quorum_of.empty() ? out.trust.offices.size() : out.quorum_of.size();
  if (out.quorum == 0 || out.quorum > may) return source.wrong(*top, fmt::format("the quorum asks for {} of {} offices", out.quorum, may));
  return out;
}

base::Result<TrustFile> load_trust_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(report::most_yaml_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in && !in.eof()) return base::fail(Trouble::usage, "{} can't be read", base::printable(file));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse_trust_file(text, file, std::filesystem::path(file).parent_path().string());
}

base::Result<Time> parse_span(std::string_view text) {
  Time n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  const std::string_view unit(end, text.data() + text.size());
  const Time factor = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86'400 : unit == "w" ? 7 * 86'400 : unit == "y" ? 365 * 86'400 : 0;
  constexpr Time most = 100LL * 365 * 86'400;
  if (error != std::errc() || factor == 0 || n <= 0 || n > most / factor) return base::fail(Trouble::usage, "'{}' is no span of time; write 90s, 15m, 24h, 30d, 8w or 1y", base::printable(text));
  return n * factor;
}

}  // namespace hallmark
