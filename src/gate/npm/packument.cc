#include "gate/npm/packument.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "gate/npm/semver.h"
#include "gate/proxy/bounded_json.h"

namespace gate {
namespace {

using base::Trouble;
using nlohmann::json;

// The version that "latest" falls back to: the highest release below the refused one, else the highest
// release, else the highest of all.
std::string fallback(const json& versions, const std::string& refused) {
  const auto ceiling = Semver::parse(refused);
  std::string out;
  std::optional<Semver> best;
  int best_rank = -1;
  for (const auto& [text, manifest] : versions.items()) {
    const auto version = Semver::parse(text);
    if (!version) continue;
    const bool below = ceiling && *version < *ceiling;
    const int rank = version->is_prerelease() ? 0 : below ? 2 : 1;
    if (rank > best_rank || (rank == best_rank && *version > *best)) {
      best_rank = rank;
      best = version;
      out = text;
    }
  }
  return out;
}

// "2.0.0, 1.9.0 and 3 more: <sentence>", a line for each sentence, so that many versions stay readable.
std::string message_of(const Refusals& refusals) {
  std::map<std::string, std::vector<std::string>> by_sentence;
  for (const auto& [version, sentence] : refusals) by_sentence[sentence].push_back(version);
  std::string out = "Assay refuses these versions:";
  std::size_t lines = 0;
  for (const auto& [sentence, versions] : by_sentence) {
    if (++lines > 20) return out + "\n…";
    std::string names;
    for (std::size_t i = 0; i < std::min<std::size_t>(versions.size(), 6); ++i) names += (i ? ", " : "") + base::printable(versions[i]);
    if (versions.size() > 6) names += fmt::format(" and {} more", versions.size() - 6);
    out += fmt::format("\n{}: {}", names, base::printable(sentence));
  }
  return out;
}

json& object_at(json& parent, const char* key) {
  auto& out = parent[key];
  if (!out.is_object()) out = json::object();
  return out;
}

}  // namespace

base::Result<std::vector<VersionFile>> files_of(const json& packument) {
  const auto& versions = part_in(packument, "versions");
  if (!versions.is_object()) return base::fail(Trouble::malformed, "the registry's answer names no versions");
  if (versions.size() > most_versions) return base::fail(Trouble::limit, "the package has more than {} versions", most_versions);
  std::set<std::string> tagged;
  const auto& tags = part_in(packument, "dist-tags");
  const auto latest = text_in(tags, "latest");
  if (tags.is_object())
    for (const auto& tag : tags)
      if (tag.is_string()) tagged.insert(tag.get<std::string>());
  struct Ranked {
    VersionFile file;
    int rank;
    std::optional<Semver> version;
  };
  std::vector<Ranked> ranked;
  for (const auto& [version, manifest] : versions.items()) {
    const auto& dist = part_in(manifest, "dist");
    VersionFile file{version, text_in(dist, "tarball"), {}};
    // An integrity may list several (Subresource Integrity, section 3.5); the sha512 one names the bytes.
    const auto integrity = text_in(dist, "integrity");
    const auto at = integrity.find("sha512-");
    if (at != integrity.npos) file.integrity = integrity.substr(at, integrity.find_first_of(" ?", at) - at);
    else if (const auto sum = text_in(dist, "shasum"); sum.size() == 40) file.integrity = "sha1-" + sum;
    ranked.push_back({std::move(file), version == latest ? 0 : tagged.contains(version) ? 1 : 2, Semver::parse(version)});
  }
  std::ranges::stable_sort(ranked, [](const Ranked& a, const Ranked& b) {
    if (a.rank != b.rank) return a.rank < b.rank;
    if (a.version.has_value() != b.version.has_value()) return a.version.has_value();
    return a.version && *a.version > *b.version;
  });
  std::vector<VersionFile> out;
  for (auto& r : ranked) out.push_back(std::move(r.file));
  return out;
}

Filtered filter_packument(json& packument, Refusals refusals, const GatePath& path, const std::string& base) {
  Filtered out;
  auto& versions = object_at(packument, "versions");
  for (auto& [version, manifest] : versions.items()) {
    const auto address = text_in(part_in(manifest, "dist"), "tarball");
    const auto here = address.empty() ? std::nullopt : path(address);
    if (here) manifest["dist"]["tarball"] = base + *here;
    else if (!refusals.contains(version)) refusals[version] = address.empty() ? "its registry entry names no file" : "its file is kept at an origin that this gate is not told to ask (--also)";
    // What a client could run or fetch without the file itself is not to be found in the metadata.
  }
  for (const auto& [version, sentence] : refusals) {
    const auto at = versions.find(version);
    if (at == versions.end()) continue;
    auto& kept = object_at(object_at(packument, "policyRestrictions"), "versions");
    kept[version] = std::move(*at);
    versions.erase(version);
    ++out.refused;
  }
  if (out.refused == 0) return out;
  packument["policyRestrictions"]["message"] = message_of(refusals);
  auto& tags = object_at(packument, "dist-tags");
  const auto latest = text_in(tags, "latest");
  if (!refusals.contains(latest)) return out;
  const auto next = fallback(versions, latest);
  const auto name = base::printable(text_in(packument, "name"));
  if (next.empty()) {   // left as it is: npm then says why, instead of that there is no such tag
    out.notice = fmt::format("no version of {} may enter: {}", name, base::printable(refusals.at(latest)));
  } else {
    tags["latest"] = next;
    out.notice = fmt::format("{} {} may not enter ({}); latest is {} here", name, base::printable(latest), base::printable(refusals.at(latest)), base::printable(next));
  }
  return out;
}

}  // namespace gate
