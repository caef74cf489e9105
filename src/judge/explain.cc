// `assay explain` and `assay declare`: what a finding rests on, what would answer it, and what a maker
// would have to say. Nothing here changes a verdict; explain judges again with the line added.
#include <set>

#include "judge/policy.h"
#include "judge/rule_set.h"
#include "judge/standing.h"
#include "report/declaration_yaml.h"

namespace judge {
namespace {

using report::Effect;
using report::Finding;

std::string place_list(const Case& c, const Finding& f) {
  std::string out;
  for (std::size_t i = 0; i < f.places.size() && i < 3; ++i)
    if (f.places[i] != 0) out += (out.empty() ? "" : ", ") + base::printable(c.tree.place_text(f.places[i]));
  if (f.places.size() > 3) out += fmt::format(" and {} more places", f.places.size() - 3);
  return out;
}

/// A remedy with the maker's blanks filled in, as if the maker had answered.
std::string answered(std::string yaml) {
  for (const auto& [blank, text] : {std::pair{"\"(why)\"", "\"as the maker says\""}, {"\"(who gets it)\"", "\"as the maker says\""}, {"\"(describe it)\"", "\"as the maker says\""}})
    for (auto at = yaml.find(blank); at != std::string::npos; at = yaml.find(blank)) yaml.replace(at, std::string_view(blank).size(), text);
  return yaml;
}

std::string_view word_of(Effect effect) {
  switch (effect) {
    case Effect::fail: return "refuses the product";
    case Effect::conditional: return "asks for the maker's word or a human look";
    case Effect::disclose: return "is only disclosed";
  }
  return "is only disclosed";
}

void weigh(Explanation& out, const Finding& f, const Case& c, const RuleSet& rules, const Policy& policy) {
  const auto policy_name = name_of(policy);
  if (f.effect == Effect::disclose) {
    out.effect = fmt::format("Under the policy '{}' it is only disclosed, so nothing needs to be declared for the verdict.", policy_name);
    return;
  }
  if (f.standing == report::Standing::declared) {
    out.effect = fmt::format("It is declared already; under the policy '{}' it still {}.", policy_name, word_of(f.effect));
    return;
  }
  if (out.declaration.empty()) {
    out.effect = f.klass == "broken-trust" ? "No declaration answers it and no waiver covers it: what breaks trust has to leave the product."
                                           : "No declaration answers it; a waiver by somebody other than the maker can let it pass for a while, conditionally.";
    return;
  }
  auto more = report::parse_declaration(answered(out.declaration), "the line");
  if (!more) {
    out.effect = "The line could not be tried: " + more.error().to_string();
    return;
  }
  report::Declaration with = c.declaration;
  for (auto& line : more->lines) with.lines.push_back(std::move(line));
  const auto then = judge(Case{c.tree, c.dossiers, with, c.waivers, c.product_digest, c.at, c.update}, rules, policy);
  out.then = then.verdict;
  const auto same = std::ranges::find(then.findings, f.id, &Finding::id);
  const auto new_effect = same == then.findings.end() ? Effect::disclose : same->effect;
  const auto finding_part = new_effect == f.effect ? fmt::format("With that line the finding still {}", word_of(f.effect))
                                                   : fmt::format("With that line the finding {} instead of what it does now", word_of(new_effect));
  out.effect = out.then == out.now ? fmt::format("{}, and the verdict stays {}.", finding_part, report::name_of(out.now))
                                   : fmt::format("{}, and the verdict changes from {} to {}.", finding_part, report::name_of(out.now), report::name_of(out.then));
}

/// Everything observed, for the draft.
Subject observed(const Case& c) {
  Subject all;
  for (const auto& dossier : c.dossiers)
    for (const auto& item : dossier.items) {
      const bool sure = item.confidence >= evidence::Confidence::medium;
      const bool always = item.facet == evidence::Facet::step || item.facet == evidence::Facet::account;
      if (sure || always) all.add(item);
    }
  return all;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char ch : base::printable(text)) {
    if (ch == '"') out += '\\';
    out += ch;
  }
  return out + "\"";
}

void add_section(std::string& out, std::string_view name, std::string_view about, const std::vector<std::string>& lines) {
  constexpr std::size_t most = 200;
  out += fmt::format("\n# {}\n", about);
  if (lines.empty()) {
    out += fmt::format("{}: none\n", name);
    return;
  }
  out += fmt::format("{}:\n", name);
  for (std::size_t i = 0; i < lines.size() && i < most; ++i) out += "  - " + lines[i] + "\n";
  if (lines.size() > most) out += fmt::format("  # and {} more, not written here\n", lines.size() - most);
}

std::vector<std::string> each(const std::vector<std::string>& words, std::string_view form) {
  std::vector<std::string> out;
  for (const auto& word : words) out.push_back(fmt::format(fmt::runtime(form), quoted(word)));
  return out;
}

/// Hosts that flows or outside facts name come first: those the program itself reaches.
std::vector<std::string> reached_hosts(const Case& c) {
  Subject out;
  for (const auto& dossier : c.dossiers)
    for (const auto& item : dossier.items)
      if (item.facet == evidence::Facet::flow || item.facet == evidence::Facet::outside) {
        out.add(item);
        if (item.facet == evidence::Facet::outside && item.value.find('.') != std::string::npos)
          if (auto host = host_of(item.value); !host.empty() && std::ranges::find(out.hosts, host) == out.hosts.end()) out.hosts.push_back(std::move(host));
      }
  std::ranges::sort(out.hosts);
  return out.hosts;
}

}  // namespace

base::Result<Explanation> explain(const std::string& finding_id, const Case& c, const RuleSet& rules, const Policy& policy) {
  const auto outcome = judge(c, rules, policy);
  const Finding* found = nullptr;
  for (const auto& f : outcome.findings)
    if (f.id.starts_with(finding_id) && !finding_id.empty()) {
      if (found) return base::fail(base::Trouble::usage, "'{}' begins more than one finding's id: give more digits", finding_id);
      found = &f;
    }
  if (!found) return base::fail(base::Trouble::usage, "this product has no finding '{}'", base::printable(finding_id));
  Explanation out;
  out.now = out.then = outcome.verdict;
  out.cause = found->what + ".";
  if (const auto places = place_list(c, *found); !places.empty()) out.cause += " Found in " + places + ".";
  if (!found->why.empty()) out.cause += " " + found->why;
  out.remedy = found->settle.empty() ? "The rule names no remedy; ask its author." : found->settle;
  if (found->standing != report::Standing::not_declarable) out.declaration = found->remedy;
  weigh(out, *found, c, rules, policy);
  return out;
}

std::string draft_declaration(const Case& c, const report::ProductIdentity& product) {
  const auto all = observed(c);
  std::string out = "# A first draft, from what is observed; complete it and put it at the product's root as\n"
                    "# assay.declaration.yaml. Text in (parentheses) is for you to replace: a line that still holds\n"
                    "# some has no effect, and neither has one with a wildcard. Remove what is not so.\n";
  out += fmt::format("product: {}\nversion: {}\nmaker: {}\n", quoted(product.name), quoted(product.version), quoted(product.maker.empty() ? "(who you are)" : product.maker));
  add_section(out, "endpoints", "Where the product connects to, and what for.", each(reached_hosts(c), "{{host: {}, purpose: \"(why)\"}}"));
  add_section(out, "private", "Private data that it reads or sends: why, and who gets it.", each(all.privates, "{{what: {}, purpose: \"(why)\", recipient: \"(who gets it, or nobody)\"}}"));
  auto powers = all.powers;
  powers.insert(powers.end(), all.commands.begin(), all.commands.end());
  add_section(out, "powers", "What it needs to be able to do.", each(powers, "{{power: {}, purpose: \"(why)\"}}"));
  add_section(out, "keys", "Keys, certificates and tokens that it carries.", each(all.keys, "{{key: {}, purpose: \"(why)\"}}"));
  const bool updates = std::ranges::find(all.commands, "update-self") != all.commands.end();
  add_section(out, "updates", "From where it takes updates, and how they are authenticated.",
              updates ? std::vector<std::string>{"{endpoint: \"(host)\", by: \"(how they are signed)\", purpose: updates}"} : std::vector<std::string>{});
  const bool remote = std::ranges::find(all.commands, "open-shell") != all.commands.end();
  add_section(out, "remote-administration", "Who can command it from outside, and how they prove who they are.",
              remote ? std::vector<std::string>{"{endpoint: \"(where)\", by: \"(how they log in)\", purpose: \"(why)\"}"} : std::vector<std::string>{});
  add_section(out, "accounts", "Accounts, rights to log in, and services that start by themselves.", each(all.accounts, "{{account: {}, purpose: \"(why)\"}}"));
  add_section(out, "steps", "What runs at installation, update, removal or start.", each(all.steps, "{{step: {}, purpose: \"(what it does)\"}}"));
  return out;
}

}  // namespace judge
