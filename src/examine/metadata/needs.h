// What a package's own manifest names as its dependencies, stated as reference:needs.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "evidence/sink.h"

namespace YAML {
class Node;
}

namespace examine::package {

inline constexpr std::size_t most_needs = 2000;          ///< of one artifact
inline constexpr std::size_t most_version_bytes = 200;   ///< of a range as written

struct Need {
  std::string name;                    ///< plain: no version, no architecture, no extras
  std::string version;                 ///< the range or address as written; may be ""
  std::string_view purpose = "run";    ///< run, build, optional, peer, test or install
  base::Range range = {};              ///< in the manifest; empty = not to be told
  std::map<std::string, std::string> also = {};  ///< further attributes: `as`, `bundled`
};

/// States the dependencies of one manifest and counts them. `text` and `sink` outlive it.
class Needs {
 public:
  Needs(std::string_view text, std::string_view ecosystem, evidence::Sink& sink) : text_(text), ecosystem_(ecosystem), sink_(sink) {}

  void add(Need need);
  /// The range of a part of `text`.
  base::Range range_of(std::string_view part) const { return {static_cast<std::uint64_t>(part.data() - text_.data()), part.size()}; }
  /// The first place of `wanted` from an offset on; empty when it is not there, or when the searches
  /// of this manifest have cost too much.
  base::Range search(std::string_view wanted, std::size_t from = 0);
  std::string_view text() const { return text_; }
  /// Error: limit, when there were more than most_needs.
  base::Result<> done() const;

 private:
  std::string_view text_;
  std::string_view ecosystem_;
  evidence::Sink& sink_;
  std::size_t count_ = 0;
  std::size_t search_left_ = 32u << 20;
};

/// Calls for each "Key: value" line before the first empty line: the key in lower case, the value as a
/// part of the text with its continuation lines.
void each_header_field(std::string_view text, const std::function<void(const std::string& key, std::string_view value)>& use);

base::Result<> state_debian_needs(std::string_view control, evidence::Sink& sink);
base::Result<> state_python_needs(std::string_view metadata, evidence::Sink& sink);
/// The bundles that an OSGi manifest requires; `value` is Require-Bundle, unfolded.
base::Result<> state_bundle_needs(std::string_view manifest, const std::string& value, evidence::Sink& sink);
base::Result<> state_npm_needs(const nlohmann::json& package, std::string_view text, evidence::Sink& sink);
base::Result<> state_gem_needs(const YAML::Node& specification, std::string_view text, evidence::Sink& sink);
base::Result<> state_cargo_needs(std::string_view toml, evidence::Sink& sink);
base::Result<> state_maven_needs(std::string_view pom, evidence::Sink& sink);
base::Result<> state_nuget_needs(std::string_view nuspec, evidence::Sink& sink);

}  // namespace examine::package
