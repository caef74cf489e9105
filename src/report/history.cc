#include "report/history.h"

#include <algorithm>
#include <tuple>

#include "report/gravity.h"
#include "report/json_parts.h"
#include "report/wording.h"

namespace report {
namespace {

using Json = nlohmann::ordered_json;

Json of(const HistoryVersion& v) {
  Json out = Json::object();
  put(out, "name", v.product.name);
  put(out, "version", v.product.version);
  put(out, "maker", v.product.maker);
  put(out, "ecosystem", v.product.ecosystem);
  out["digest"] = sentence(v.product.digest);
  out["size"] = v.product.size;
  out["verdict"] = name_of(v.verdict);
  out["findings"] = {{"fail", v.fail}, {"conditional", v.conditional}, {"disclose", v.disclosed}, {"new", v.fresh}, {"resolved", v.resolved}};
  out["artifacts"] = v.artifacts;
  Json coverage = Json::object();
  for (std::size_t i = 0; i < evidence::label_count; ++i) coverage[std::string(evidence::name_of(static_cast<evidence::Label>(i)))] = v.coverage.bytes[i];
  out["coverage"] = std::move(coverage);
  out["facts"] = {{"gained", v.gained}, {"lost", v.lost}, {"changed", v.changed}, {"moved", v.moved}};
  Json counts = Json::object();
  for (const auto& [name, n] : v.counts) counts[sentence(name)] = n;
  out["files"] = std::move(counts);
  return out;
}

Json of(const HistoryLine& l) {
  Json out = {{"facet", evidence::name_of(l.facet)}};
  put(out, "word", l.word);
  put(out, "value", l.value);
  Json present = Json::array();
  for (std::size_t i = 0; i < l.present.size(); ++i)
    if (l.present[i]) present.push_back(i);
  out["versions"] = std::move(present);
  out["places"] = Json::array();
  for (const auto& p : l.places) {
    Json place = Json::object();
    put(place, "place", p);
    out["places"].push_back(std::move(place));
  }
  out["place_count"] = l.place_count;
  return out;
}

template <class List>
void array(std::string& out, std::string_view key, const List& list) {
  out += fmt::format("\"{}\": [", key);
  std::size_t i = 0;
  for (const auto& element : list) {
    out += i++ ? ",\n" : "\n";
    out += of(element).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  out += i ? "\n],\n" : "],\n";
}

}  // namespace

std::size_t HistoryLine::first() const { return static_cast<std::size_t>(std::ranges::find(present, true) - present.begin()); }

std::size_t HistoryLine::last() const {
  for (auto i = present.size(); i-- > 0;)
    if (present[i]) return i;
  return 0;
}

bool HistoryLine::always() const { return std::ranges::find(present, false) == present.end(); }

void HistoryCollector::begin(HistoryVersion version) { out_.versions.push_back(std::move(version)); }

void HistoryCollector::add(const evidence::Item& item, std::string_view key, std::string_view place) {
  if (out_.versions.empty() || is_detail(item.facet)) return;
  const auto version = out_.versions.size() - 1;
  auto whole = fmt::format("{}\n{}\n{}", static_cast<int>(item.facet), item.word, key);
  auto at = index_.find(whole);
  if (at == index_.end()) {
    if (records_.size() >= most_history_facts) return ++too_many_, void();
    at = index_.emplace(std::move(whole), records_.size()).first;
    records_.push_back({{item.facet, item.word, item.value, {}, {}, 0}, gravity_of(item), SIZE_MAX});
  }
  auto& record = records_[at->second];
  record.line.present.resize(version + 1);
  record.line.present[version] = true;
  if (record.seen_in != version) {
    record.seen_in = version;
    record.line.value = item.value;
    record.line.places.clear();
    record.line.place_count = 0;
  }
  if (++record.line.place_count <= most_history_places) record.line.places.emplace_back(place);
}

History HistoryCollector::take() {
  auto out = std::move(out_);
  for (auto& r : records_) r.line.present.resize(out.versions.size());
  std::ranges::sort(records_, [](const Record& a, const Record& b) {
    const auto order = [](const Record& r) {
      return std::tuple(r.line.always(), r.gravity, -static_cast<long>(r.line.first()), std::string_view(r.line.word), std::string_view(r.line.value), -static_cast<long>(r.line.place_count));
    };
    return order(a) < order(b);
  });
  for (auto& r : records_) {
    if (out.lines.size() < most_history_lines) out.lines.push_back(std::move(r.line));
    else ++(r.line.always() ? out.left_out_always : out.left_out);
  }
  out.left_out += too_many_;
  *this = {};
  return out;
}

std::string to_json(const History& h) {
  std::string out = "{\n\"schema\": 1,\n";
  array(out, "versions", h.versions);
  array(out, "facts", h.lines);
  return out + fmt::format("\"left_out\": {},\n\"left_out_always\": {}\n}}\n", h.left_out, h.left_out_always);
}

}  // namespace report
