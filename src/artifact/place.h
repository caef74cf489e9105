// The place of an artifact: the path of names through the containers, from the product down.
// Written for people and reports as  pkg.deb//data.tar.xz//data.tar//./usr/bin/x
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "artifact/entry.h"

namespace artifact {

struct Link {
  std::string name;  ///< name in its container (raw bytes)
  std::string kind;  ///< kind of this artifact, e.g. "deb"; "" for the last link before identification
  Origin origin = Origin::member;
};

struct Place {
  std::vector<Link> links;  ///< first the product's file, last the artifact itself

  std::string to_string() const;  ///< names joined with "//"; raw bytes, not escaped
  /// The last link's name without its directories; "" when it has none.
  std::string_view file_name() const;
  /// The path inside the nearest tree-like container: normalised name of the last named link that
  /// is a member, so a decompressed layer keeps the path of its compressed form.
  std::string path() const;
  /// Kind of the n-th ancestor (0 = direct container); "" when there is none.
  std::string_view ancestor(std::size_t n) const;
  /// True if any ancestor is of this kind.
  bool inside(std::string_view kind) const;
};

}  // namespace artifact
