// Each line of the declaration against what was observed; weak lines from metadata. A weak line only
// informs: it is never used by standing_of.
#include <set>

#include "judge/standing.h"

namespace judge {
namespace {

using evidence::Confidence;
using evidence::Facet;
using report::DeclarationLine;
using report::LineState;

/// Everything observed that lines are held against.
struct Observed {
  std::set<std::string> hosts, privates, powers, outsides, commands, accounts, steps, keys;
  std::map<std::string, std::set<std::string>> flows;  ///< private word -> hosts named by its flows

  explicit Observed(const Case& c) {
    for (const auto& dossier : c.dossiers)
      for (const auto& item : dossier.items) note(item);
  }

 private:
  void note(const evidence::Item& item) {
    const bool sure = item.confidence >= Confidence::medium;
    switch (item.facet) {
      case Facet::endpoint: hosts.insert(host_of(item.value)); break;
      case Facet::private_: if (sure) privates.insert(item.word); break;
      case Facet::power: if (sure) powers.insert(item.word); break;
      case Facet::outside: if (sure) outsides.insert(item.word); break;
      case Facet::command: if (sure) commands.insert(item.word); break;
      case Facet::account: accounts.insert(item.value); accounts.insert(item.word); break;
      case Facet::step: steps.insert(item.word); break;
      case Facet::key: keys.insert(item.word); keys.insert(item.secret ? evidence::fingerprint(item.value) : item.value); break;
      case Facet::flow: note_flow(item); break;
      default: break;
    }
  }
  void note_flow(const evidence::Item& item) {
    Subject subject;
    subject.add(item);
    for (const auto& word : subject.privates) {
      privates.insert(word);
      flows[word].insert(subject.hosts.begin(), subject.hosts.end());
    }
    commands.insert(subject.commands.begin(), subject.commands.end());
    const auto& text = item.value.empty() ? item.word : item.value;
    if (const auto to = text.find(" to "); to != std::string::npos) outsides.insert(text.substr(to + 4));
  }
};

bool any_outside(const Observed& o) {
  return std::ranges::any_of(o.outsides, [](const auto& w) { return w == "network" || w == "dns" || w == "sms" || w == "push"; }) ||
         o.powers.contains("connect");
}

LineState state_of_none(const DeclarationLine& line, const Observed& o) {
  const bool seen = line.section == "endpoints"  ? any_outside(o)
                    : line.section == "private"  ? !o.privates.empty()
                    : line.section == "powers"   ? !o.powers.empty()
                    : line.section == "accounts" ? !o.accounts.empty()
                    : line.section == "keys"     ? !o.keys.empty()
                    : line.section == "steps"    ? !o.steps.empty()
                    : line.section == "updates"  ? o.commands.contains("update-self")
                                                 : o.commands.contains("open-shell");
  return seen ? LineState::contradicted : LineState::confirmed;
}

LineState state_of(const DeclarationLine& line, const Observed& o, const report::Declaration& d) {
  if (line.value == "none") return state_of_none(line, o);
  const auto first = line.value.substr(0, line.value.find(' '));
  bool seen = false;
  if (line.section == "endpoints") seen = o.hosts.contains(host_of(line.value));
  else if (line.section == "private") {
    seen = o.privates.contains(line.value);
    if (const auto flow = o.flows.find(line.value); flow != o.flows.end() && !line.is_void)
      for (const auto& host : flow->second) {
        const bool named = std::ranges::any_of(d.lines, [&](const auto& l) {
          return !l.weak && !l.is_void && (host_of(l.recipient) == host || (l.section == "endpoints" && host_of(l.value) == host));
        });
        if (!named) return LineState::contradicted;
      }
  } else if (line.section == "powers") seen = o.powers.contains(first) || o.commands.contains(first) || o.outsides.contains(first);
  else if (line.section == "accounts") seen = o.accounts.contains(line.value) || o.accounts.contains(first);
  else if (line.section == "keys") seen = o.keys.contains(line.value) || o.keys.contains(first);
  else if (line.section == "steps") seen = o.steps.contains(first);
  else seen = o.hosts.contains(host_of(line.value)) || (line.section == "updates" && o.commands.contains("update-self")) ||
              (line.section == "remote-administration" && (o.powers.contains("listen") || o.commands.contains("open-shell")));
  return seen ? LineState::confirmed : LineState::unobserved;
}

}  // namespace

std::vector<DeclarationLine> weak_lines(const Case& c) {
  std::vector<DeclarationLine> out;
  std::set<std::string> seen;
  for (artifact::NodeId id = 0; id < c.dossiers.size(); ++id)
    for (const auto& item : c.dossiers[id].items) {
      if (item.facet != Facet::permission || item.value.empty() || !seen.insert(item.value).second || out.size() >= 200) continue;
      DeclarationLine line;
      line.section = "powers";
      line.value = item.value;
      line.weak = true;
      line.note = "from metadata: informs, and never improves the verdict";
      line.source = std::string(c.tree.place(id).file_name());
      out.push_back(std::move(line));
    }
  return out;
}

std::vector<DeclarationLine> settle_lines(const Case& c, const std::vector<report::Finding>& findings) {
  const Observed observed(c);
  auto lines = c.declaration.lines;
  const bool has_weak = std::ranges::any_of(lines, &DeclarationLine::weak);
  if (!has_weak)
    for (auto& line : weak_lines(c)) lines.push_back(std::move(line));
  for (auto& line : lines) {
    line.state = state_of(line, observed, c.declaration);
    const bool update = line.section == "updates" && line.value != "none" && !line.weak;
    if (update && std::ranges::any_of(findings, [](const auto& f) { return f.klass == "later-stage" && f.effect != report::Effect::disclose; })) {
      line.note += line.note.empty() ? "" : "; ";
      line.note += "something is fetched and takes effect without authentication";
    }
  }
  return lines;
}

}  // namespace judge
