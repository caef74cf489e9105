// The gate's policy as YAML. Every key is checked: a misspelt one would leave a door open that its
// owner believes shut.
#include "gate/policy.h"

#include <charconv>
#include <filesystem>

#include "gate/shelf.h"
#include "hallmark/trust_yaml.h"
#include "report/strict_yaml.h"

namespace gate {
namespace {

using base::Trouble;
using report::YamlNode;

struct Source {
  const std::string& name;
  const std::string& folder;
  base::Error wrong(const YamlNode& at, std::string what) const { return {Trouble::usage, fmt::format("{}:{}: {}", base::printable(name), at.line, what), fmt::format("{}:{}", name, at.line)}; }
  std::string path(const std::string& text) const { return text.empty() || text.starts_with('/') ? text : (std::filesystem::path(folder) / text).lexically_normal().string(); }
};

/// Reads one key's value into the policy; an error's text without place.
using Take = std::function<base::Result<>(const YamlNode& value)>;
using Takes = std::map<std::string, Take, std::less<>>;

base::Result<> take_map(const YamlNode& node, const Takes& takes, const Source& source, std::string_view where) {
  if (!node.is_map()) return std::unexpected(source.wrong(node, fmt::format("{} is a map", where)));
  for (const auto& [key, value] : node.pairs) {
    const auto found = takes.find(key.text);
    if (found == takes.end()) {
      std::string known;
      for (const auto& [name, take] : takes) known += (known.empty() ? "" : ", ") + name;
      return std::unexpected(source.wrong(key, fmt::format("'{}' is not known in {}; known are {}", base::printable(key.text), where, known)));
    }
    if (auto done = found->second(value); !done) {
      if (!done.error().where.empty()) return done;
      return std::unexpected(source.wrong(key, fmt::format("{}: {}", key.text, done.error().what)));
    }
  }
  return {};
}

Take text_into(std::string& out) {
  return [&out](const YamlNode& node) -> base::Result<> {
    if (!node.is_scalar()) return base::fail(Trouble::usage, "it takes plain text");
    out = node.text;
    return {};
  };
}

Take path_into(std::string& out, const Source& source) {
  return [&out, source](const YamlNode& node) -> base::Result<> {
    if (!node.is_scalar() || node.text.empty()) return base::fail(Trouble::usage, "it takes a path");
    out = source.path(node.text);
    return {};
  };
}

Take flag_into(bool& out, std::string_view yes = "true", std::string_view no = "false") {
  return [&out, yes, no](const YamlNode& node) -> base::Result<> {
    if (node.text != yes && node.text != no) return base::fail(Trouble::usage, "it takes {} or {}", yes, no);
    out = node.text == yes;
    return {};
  };
}

template <class Number>
Take number_into(Number& out, Number least, Number most) {
  return [&out, least, most](const YamlNode& node) -> base::Result<> {
    Number n{};
    const auto [end, error] = std::from_chars(node.text.data(), node.text.data() + node.text.size(), n);
    if (error != std::errc() || end != node.text.data() + node.text.size() || n < least || n > most) return base::fail(Trouble::usage, "it takes a number from {} to {}", least, most);
    out = n;
    return {};
  };
}

Take duration_into(hallmark::Time& out, hallmark::Time least, hallmark::Time most) {
  return [&out, least, most](const YamlNode& node) -> base::Result<> {
    const auto seconds = read_duration(node.text);
    if (!seconds || *seconds < least || *seconds > most) return base::fail(Trouble::usage, "it takes a time from {} to {} seconds, as 90s, 15m, 24h or 30d", least, most);
    out = *seconds;
    return {};
  };
}

Take texts_into(std::function<void(std::string)> out) {
  return [out = std::move(out)](const YamlNode& node) -> base::Result<> {
    if (node.is_scalar()) return out(node.text), base::Result<>();
    if (!node.is_list()) return base::fail(Trouble::usage, "it takes a list");
    for (const auto& item : node.items) {
      if (!item.is_scalar() || item.text.empty()) return base::fail(Trouble::usage, "its list takes plain texts");
      out(item.text);
    }
    return {};
  };
}

base::Result<> read_follow(const YamlNode& list, Policy& policy, const Source& source) {
  if (!list.is_list()) return base::fail(Trouble::usage, "it takes a list of logs: - {{origin: ..., address: ..., most-age: 24h}}");
  for (const auto& item : list.items) {
    std::string origin;
    LogSource log;
    log.most_age = 24 * 3600;
    CHECK_OK(take_map(item, {{"origin", text_into(origin)}, {"address", text_into(log.address)}, {"most-age", duration_into(log.most_age, 0, 3650LL * 86400)}}, source, "a log that is followed"));
    const auto known = std::ranges::find(policy.trust.logs, origin, [](const auto& t) { return t.origin; });
    if (known == policy.trust.logs.end()) return std::unexpected(source.wrong(item, fmt::format("the log '{}' is not among the trusted logs", base::printable(origin))));
    if (const auto url = http::Url::parse(log.address); !url) return std::unexpected(source.wrong(item, url.error().what));
    log.trust = *known;
    policy.logs.push_back(std::move(log));
  }
  return {};
}

base::Result<> read_glass(const YamlNode& node, Policy& policy, const Source& source) {
  std::vector<std::string> files;
  CHECK_OK(take_map(node, {{"keys", texts_into([&](std::string file) { files.push_back(std::move(file)); })}, {"at-most", duration_into(policy.break_glass_most, 60, 7 * 86400)}}, source, "break-glass"));
  for (const auto& file : files) {
    auto key = sign::PublicKey::load(source.path(file));
    if (!key) return base::fail(Trouble::usage, "{}", key.error().what);
    policy.break_glass_keys.push_back(std::move(*key));
  }
  return {};
}

base::Result<> read_updates(const YamlNode& node, Updates& updates, const Source& source) {
  std::vector<std::string> known;
  CHECK_OK(take_map(node, {{"baseline", flag_into(updates.need_baseline, "required", "any")}, {"first", flag_into(updates.allow_first, "allow", "deny")}, {"known", texts_into([&](std::string hex) { known.push_back(std::move(hex)); })}}, source, "updates"));
  for (const auto& hex : known) {
    const auto digest = base::Digest::from_hex(hex);
    if (!digest) return base::fail(Trouble::usage, "known: '{}' is no SHA-256 in 64 hex digits", base::printable(hex));
    updates.known.insert(*digest);
  }
  if (!updates.need_baseline && (!updates.allow_first || !known.empty())) return base::fail(Trouble::usage, "first and known mean nothing without 'baseline: required'");
  return {};
}

/// What no single key shows.
base::Result<> check_whole(const Policy& p, const YamlNode& top, const Source& source) {
  const auto wrong = [&](std::string what) { return std::unexpected(source.wrong(top, std::move(what))); };
  if (p.name.empty()) return wrong("the gate needs a name");
  if (p.trust.offices.empty()) return wrong("trust names no office: nothing could ever pass");
  if (p.hallmarks.empty() && p.logs.empty()) return wrong("there is neither a folder of hallmarks nor a log to follow: nothing could ever pass");
  const auto is_office = [&](const std::string& name) { return std::ranges::any_of(p.trust.offices, [&](const auto& o) { return o.name == name; }); };
  for (const auto& name : p.quorum_of)
    if (!is_office(name)) return wrong(fmt::format("quorum names the office '{}', which is not trusted", base::printable(name)));
  for (const auto& name : p.waiver_offices)
    if (!is_office(name)) return wrong(fmt::format("waivers-by names the office '{}', which is not trusted", base::printable(name)));
  const auto offices = p.quorum_of.empty() ? p.trust.offices.size() : std::set<std::string>(p.quorum_of.begin(), p.quorum_of.end()).size();
  if (p.quorum > offices) return wrong(fmt::format("the quorum asks for {} of {} offices", p.quorum, offices));
  if (!p.waiver_offices.empty() && p.logs.empty()) return wrong("waivers-by needs a log to follow: only logged waivers count");
  if (p.wait_for_unknown && p.vet_command.empty()) return wrong("'unknown: wait' needs a vet command: nobody would ever answer");
  if (!p.vet_command.empty() && !p.vet_command.front().starts_with('/')) return wrong("vet: the command takes the program's whole path");
  return {};
}

}  // namespace

std::optional<hallmark::Time> read_duration(std::string_view text) {
  hallmark::Time n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || n < 0 || n > 1'000'000'000) return std::nullopt;
  const std::string_view unit(end, text.data() + text.size());
  const hallmark::Time factor = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86400 : 0;
  if (factor == 0 && !(unit.empty() && n == 0)) return std::nullopt;
  return n * factor;
}

base::Result<Policy> parse_policy(std::string_view text, const std::string& source_name, const std::string& folder) {
  const Source source{source_name, folder};
  const auto read = report::read_yaml(text, source_name);
  if (!read) return base::fail(Trouble::usage, "{}: {}", base::printable(source_name), read.error().what);
  Policy p;
  const YamlNode* follow = nullptr;
  const Takes vet = {{"command", texts_into([&](std::string word) { p.vet_command.push_back(std::move(word)); })},
                     {"at-most", [&](const YamlNode& node) -> base::Result<> {
                        hallmark::Time seconds = 0;
                        CHECK_OK(duration_into(seconds, 1, 86400)(node));
                        p.vet_seconds = static_cast<int>(seconds);
                        return {};
                      }},
                     {"parallel", number_into(p.vet_parallel, 1u, 64u)}};
  const Takes quorum = {{"need", number_into(p.quorum, 1u, 1000u)}, {"of", texts_into([&](std::string name) { p.quorum_of.push_back(std::move(name)); })}, {"veto", flag_into(p.veto)}};
  const Takes takes = {
      {"name", text_into(p.name)},
      {"trust", [&](const YamlNode& node) -> base::Result<> {
         auto trust = hallmark::read_trust(node, source_name, folder);
         if (!trust) return std::unexpected(base::Error{trust.error().trouble, trust.error().what, source_name});  // names its line itself
         p.trust = std::move(*trust);
         return {};
       }},
      {"follow", [&](const YamlNode& node) -> base::Result<> { follow = &node; return {}; }},  // after trust, wherever it stands
      {"quorum", [&](const YamlNode& node) { return take_map(node, quorum, source, "quorum"); }},
      {"hallmarks", path_into(p.hallmarks, source)},
      {"refresh", duration_into(p.refresh_seconds, 1, 86400)},
      {"conditions-met", texts_into([&](std::string id) { p.conditions_met.insert(std::move(id)); })},
      {"waivers-by", texts_into([&](std::string name) { p.waiver_offices.insert(std::move(name)); })},
      {"updates", [&](const YamlNode& node) { return read_updates(node, p.updates, source); }},
      {"unknown", flag_into(p.wait_for_unknown, "wait", "deny")},
      {"vet", [&](const YamlNode& node) { return take_map(node, vet, source, "vet"); }},
      {"break-glass", [&](const YamlNode& node) { return read_glass(node, p, source); }},
      {"links", text_into(p.link_base)},
  };
  const auto* top = read->find("gate");
  if (!top || !read->is_map() || read->pairs.size() != 1) return std::unexpected(source.wrong(*read, "a gate's policy has the form gate: {name, trust, hallmarks, ...}; `assay-gate init MARKET` writes one"));
  CHECK_OK(take_map(*top, takes, source, "a gate's policy"));
  if (follow) {
    if (auto done = read_follow(*follow, p, source); !done) return std::unexpected(done.error().where.empty() ? source.wrong(*follow, done.error().what) : done.error());
  }
  CHECK_OK(check_whole(p, *top, source));
  return p;
}

base::Result<Policy> load_policy(const std::string& file) {
  const auto text = read_file(file, report::most_yaml_bytes);
  if (!text) return base::fail(Trouble::usage, "the policy can't be read: {}", text.error().what);
  const auto folder = std::filesystem::absolute(file).parent_path().string();
  return parse_policy(*text, file, folder);
}

}  // namespace gate
