// The metadata examiner: who the product says it is.
#pragma once

#include <map>
#include <string>

#include "evidence/reader.h"

namespace examine {
const evidence::Reader& metadata();
}

namespace examine::package {

/// What a package's own metadata says of it.
struct Identity {
  std::string ecosystem;  ///< deb, npm, pypi, gem, cargo, nuget, maven
  std::string name;
  std::string version;
  std::string maker;
  std::string arch;
  std::string description;
};

/// pkg:deb/debian/curl@7.88.1-10?arch=amd64, by https://github.com/package-url/purl-spec
std::string purl_of(const Identity& identity);
/// "Key: value" lines with continuations; keys in lower case, the first of each kept.
std::map<std::string, std::string> header_fields(std::string_view text);

void state_identity(const Identity& identity, evidence::Sink& sink);

}  // namespace examine::package
