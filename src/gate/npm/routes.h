// What a request to an npm registry asks for.
#pragma once

#include <string>
#include <string_view>

namespace gate {

struct NpmRoute {
  enum class Kind {
    packument,   ///< /name, /@scope%2fname
    version,     ///< /name/1.2.3
    file,        ///< a tarball, or anything else that is no metadata: decided by its bytes
    passed,      ///< audit, keys, search
    ping,
    refused,     ///< would change the registry
    unknown,
  };
  Kind kind = Kind::unknown;
  std::string package;   ///< escaped, as the registry is asked for it: "name", "@scope%2fname"
  std::string version;
};

NpmRoute route_of(std::string_view method, std::string_view target);

}  // namespace gate
