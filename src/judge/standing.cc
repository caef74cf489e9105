// A line answers a finding only when it names everything the finding is about: a declaration that is
// silent on one host or one kind of private data leaves the finding undeclared.
#include "judge/standing.h"

namespace judge {
namespace {

using evidence::Facet;
using report::DeclarationLine;

void put(std::vector<std::string>& list, std::string text) {
  if (text.empty()) return;
  const auto at = std::ranges::lower_bound(list, text);
  if (at == list.end() || *at != text) list.insert(at, std::move(text));
}

bool counts(const DeclarationLine& line, std::string_view section) {
  return !line.weak && !line.is_void && line.section == section && line.value != "none";
}

bool host_declared(const std::string& host, const report::Declaration& d, const DeclarationLine* also) {
  if (also && (host_of(also->recipient) == host || host_of(also->value) == host)) return true;
  return std::ranges::any_of(d.lines, [&](const auto& l) { return counts(l, "endpoints") && host_of(l.value) == host; });
}

bool privates_declared(const Subject& s, const report::Declaration& d) {
  if (s.privates.empty()) return false;
  for (const auto& word : s.privates) {
    const auto fits = [&](const DeclarationLine& l) {
      if (!counts(l, "private") || l.value != word) return false;
      if (s.hosts.empty()) return !l.recipient.empty();
      return std::ranges::all_of(s.hosts, [&](const auto& host) { return host_declared(host, d, &l); });
    };
    if (std::ranges::none_of(d.lines, fits)) return false;
  }
  return true;
}

bool way_in_declared(const Subject& s, std::string_view section, const report::Declaration& d) {
  return std::ranges::any_of(d.lines, [&](const DeclarationLine& l) {
    return counts(l, section) && std::ranges::all_of(s.hosts, [&](const auto& host) { return host_declared(host, d, &l); });
  });
}

/// Every word is the first word of some line's value: "listen tcp/8080" declares listen.
bool each_declared(const std::vector<std::string>& words, std::string_view section, const report::Declaration& d) {
  return !words.empty() && std::ranges::all_of(words, [&](const auto& word) {
    return std::ranges::any_of(d.lines, [&](const auto& l) { return counts(l, section) && (l.value == word || l.value.starts_with(word + " ")); });
  });
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : base::printable(text)) {
    if (c == '"') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::string host_of(std::string_view endpoint) {
  if (const auto scheme = endpoint.find("://"); scheme != std::string_view::npos) endpoint.remove_prefix(scheme + 3);
  endpoint = endpoint.substr(0, endpoint.find_first_of("/?# \t"));
  if (const auto at = endpoint.rfind('@'); at != std::string_view::npos) endpoint.remove_prefix(at + 1);
  if (endpoint.starts_with('[')) {
    endpoint = endpoint.substr(1, endpoint.find(']') - 1);
  } else if (const auto colon = endpoint.find(':'); colon != std::string_view::npos && colon == endpoint.rfind(':')) {
    endpoint = endpoint.substr(0, colon);
  }
  std::string out(endpoint);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  while (out.ends_with('.')) out.pop_back();
  return out;
}

void Subject::add(const evidence::Item& item) {
  switch (item.facet) {
    case Facet::private_: put(privates, item.word); break;
    case Facet::command: put(commands, item.word); break;
    case Facet::power: put(powers, item.word); break;
    case Facet::outside: put(outsides, item.word); break;
    case Facet::step: put(steps, item.word); break;
    case Facet::account: put(accounts, item.secret ? evidence::fingerprint(item.value) : item.value); break;
    case Facet::key: put(keys, item.secret ? evidence::fingerprint(item.value) : item.value); break;
    case Facet::endpoint:
      if (item.word != "port" && item.word != "socket") put(hosts, host_of(item.value));
      break;
    case Facet::flow: {
      const auto& text = item.value.empty() ? item.word : item.value;
      const auto to = text.find(" to ");
      if (to == std::string::npos) break;
      const auto from = text.substr(0, to), target = text.substr(to + 4);
      if (evidence::is_word(Facet::private_, from)) put(privates, from);
      if (evidence::is_word(Facet::command, target)) put(commands, target);
      break;
    }
    default: break;
  }
  for (const auto name : {"endpoint", "url", "host"})
    if (const auto at = item.attributes.find(name); at != item.attributes.end()) put(hosts, host_of(at->second));
}

std::string section_of(const Rule& rule) {
  if (!rule.declarable) return "";
  if (!rule.declare.empty()) return rule.declare;
  if (rule.klass == "private-flow") return "private";
  if (rule.klass == "command-flow") return "remote-administration";
  if (rule.klass == "later-stage") return "updates";
  if (rule.klass == "ability") return "powers";
  return "";
}

report::Standing standing_of(const Rule& rule, const Subject& s, const report::Declaration& d) {
  if (!rule.declarable) return report::Standing::not_declarable;
  const auto section = section_of(rule);
  bool declared = false;
  if (section == "private") declared = privates_declared(s, d);
  else if (section == "updates" || section == "remote-administration") declared = way_in_declared(s, section, d);
  else if (section == "endpoints") declared = !s.hosts.empty() && std::ranges::all_of(s.hosts, [&](const auto& h) { return host_declared(h, d, nullptr); });
  else if (section == "powers") declared = each_declared(s.powers, section, d);
  else if (section == "accounts") declared = each_declared(s.accounts, section, d);
  else if (section == "keys") declared = each_declared(s.keys, section, d);
  else if (section == "steps") declared = each_declared(s.steps, section, d);
  return declared ? report::Standing::declared : report::Standing::undeclared;
}

std::string remedy_of(const Rule& rule, const Subject& s) {
  const auto section = section_of(rule);
  if (section.empty()) return "";
  std::string out = section + ":\n";
  const auto list = [&](const std::vector<std::string>& words) {
    for (const auto& word : words) out += "  - " + quoted(word) + "\n";
    return words.empty() ? std::string() : out;
  };
  if (section == "private") {
    for (const auto& word : s.privates)
      out += fmt::format("  - {{what: {}, purpose: \"(why)\", recipient: {}}}\n", word, s.hosts.empty() ? "\"(who gets it)\"" : quoted(s.hosts[0]));
    if (s.privates.empty()) return "";
    if (s.hosts.size() > 1) {
      out += "endpoints:\n";
      for (const auto& host : s.hosts) out += fmt::format("  - {{host: {}, purpose: \"(why)\"}}\n", quoted(host));
    }
    return out;
  }
  if (section == "updates" || section == "remote-administration") {
    if (s.hosts.empty()) return out + "  - {what: \"(describe it)\", purpose: \"(why)\"}\n";
    for (const auto& host : s.hosts) out += fmt::format("  - {{endpoint: {}, purpose: \"(why)\"}}\n", quoted(host));
    if (s.hosts.size() > 1) {
      out += "endpoints:\n";
      for (const auto& host : s.hosts) out += fmt::format("  - {{host: {}, purpose: \"(why)\"}}\n", quoted(host));
    }
    return out;
  }
  if (section == "endpoints") {
    for (const auto& host : s.hosts) out += fmt::format("  - {{host: {}, purpose: \"(why)\"}}\n", quoted(host));
    return s.hosts.empty() ? "" : out;
  }
  if (section == "powers") return list(s.powers);
  if (section == "accounts") return list(s.accounts);
  if (section == "keys") return list(s.keys);
  return list(s.steps);
}

}  // namespace judge
