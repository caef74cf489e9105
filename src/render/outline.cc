#include "render/outline.h"

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

#include "report/wording.h"

namespace render {
namespace {

using evidence::Label;
using report::Finding;

std::vector<Group> group(const std::vector<Finding>& findings, bool disclosed) {
  std::vector<Group> out;
  std::map<std::tuple<std::string_view, std::string_view, int, int, bool>, std::size_t> seen;
  for (const auto& f : findings) {
    if ((f.effect == report::Effect::disclose) != disclosed) continue;
    const auto [at, added] = seen.try_emplace({f.rule, f.what, static_cast<int>(f.effect), static_cast<int>(f.standing), f.waiver.empty()}, out.size());
    if (added) out.push_back({&f, {}, 0});
    out[at->second].all.push_back(&f);
    out[at->second].places += std::max<std::size_t>(1, f.places.size());
  }
  return out;
}

std::vector<EndpointGroup> endpoints(const report::Report& report) {
  std::map<std::string, std::map<std::string, EndpointGroup::One>> by_kind;
  for (const auto& e : report.evidence) {
    if (e.item.facet != evidence::Facet::endpoint) continue;
    auto& one = by_kind[e.item.word][e.item.value];
    one.value = base::printable(e.item.value);
    one.count += e.item.count;
    if (const auto label = e.item.attributes.find("label"); label != e.item.attributes.end()) one.label = base::printable(label->second);
  }
  std::vector<EndpointGroup> out;
  for (auto& [kind, values] : by_kind) {
    EndpointGroup g{base::printable(kind), {}};
    for (auto& [value, one] : values) g.all.push_back(std::move(one));
    std::ranges::stable_sort(g.all, [](const auto& a, const auto& b) { return a.count > b.count; });
    out.push_back(std::move(g));
  }
  return out;
}

}  // namespace

Outline outline(const report::Report& report) {
  static constexpr std::array<std::tuple<Label, std::string_view, std::string_view>, 6> rows = {{
      {Label::examined, "examined", "decoded by what understands it"},
      {Label::structure, "structure", "headers and tables of a parsed format"},
      {Label::padding, "padding", "constant, or the format's own padding"},
      {Label::known, "known", "listed in a signed set that the policy names"},
      {Label::scanned, "scanned", "searched for patterns only, not decoded"},
      {Label::opaque, "opaque", "could not be read"},
  }};
  Outline out;
  out.deciding = group(report.findings, false);
  out.disclosed = group(report.findings, true);
  out.endpoints = endpoints(report);
  for (const auto& [label, name, meaning] : rows) {
    out.coverage.push_back({label, name, meaning, report.coverage.of(label)});
    out.covered_bytes += out.coverage.back().bytes;
  }
  for (const auto& e : report.evidence) out.exhibits.emplace(e.id, &e);
  return out;
}

std::string news_of(const Group& g) {
  const auto count = [&](report::News state) { return std::ranges::count(g.all, state, &report::Finding::news); };
  const auto fresh = count(report::News::fresh), changed = count(report::News::changed);
  const auto part = [&](auto n, report::News state) { return g.all.size() == 1 ? std::string(name_of(state)) : fmt::format("{} {}", n, name_of(state)); };
  std::string out;
  if (fresh) out = part(fresh, report::News::fresh);
  if (changed) out += (out.empty() ? "" : ", ") + part(changed, report::News::changed);
  return out;
}

std::string fact_of(const evidence::Item& item) {
  const std::string facet(evidence::name_of(item.facet));
  return item.word.empty() ? facet : facet + " " + base::printable(item.word);
}

std::string place_of(const report::Report& report, artifact::NodeId node) {
  if (node == 0 || node >= report.artifacts.size() || report.artifacts[node].place.empty()) return "the product";
  return base::printable(report.artifacts[node].place);
}

std::string line_of(const evidence::Item& item) {
  const auto line = item.attributes.find("line");
  return line == item.attributes.end() ? std::string() : "line " + base::printable(line->second);
}

bool is_text(std::string_view excerpt) {
  // An escaped byte grows by three: at most a quarter of the bytes may be such.
  const auto shown = base::printable(excerpt);
  return shown.find("\\x") == std::string::npos || shown.size() <= excerpt.size() + excerpt.size() * 3 / 4;
}

std::string upper(std::string_view word) {
  std::string out(word);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

std::string_view meaning_of(report::Verdict verdict) {
  switch (verdict) {
    case report::Verdict::pass: return "Nothing was found that the policy counts against this product.";
    case report::Verdict::conditional: return "It may enter when the conditions below are met: declare, waive, or let a person look.";
    case report::Verdict::fail: return "Under this policy it may not enter.";
    case report::Verdict::inconclusive: return "Vetting could not finish. That is not a pass, and says nothing against the product.";
  }
  return "";
}

std::string title_of(const report::ProductIdentity& product) {
  auto name = base::printable(!product.name.empty() ? product.name : product.files.empty() ? "unnamed product" : product.files[0]);
  return product.version.empty() ? name : name + " " + base::printable(product.version);
}

}  // namespace render
