// OSTree's static deltas, as a Flatpak bundle is one: values of GVariant's serialised form, parts with
// their operations, objects. Facts: GVariant specification; OSTree, ostree-repo-static-delta-private.h and
// ostree-core.h. Bounded reads of hostile bytes; opinion-free.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace unpack::flatpak_format {

/// A member of a tuple: its alignment, and its size where that is fixed (0 = it is not).
struct Member {
  unsigned alignment = 1, size = 0;
};
/// The members' bytes; empty where the tuple is damaged.
std::vector<base::Bytes> tuple(base::Bytes bytes, std::initializer_list<Member> members);
/// The elements of an array whose elements have no fixed size.
std::vector<base::Bytes> array(base::Bytes bytes, unsigned alignment);
/// The value of a variant, without its type.
base::Bytes variant_value(base::Bytes bytes);
std::string_view text(base::Bytes bytes);

using Checksum = std::string;  ///< 32 raw bytes

struct Part {
  base::Bytes packed;
  bool xz = false;
  std::vector<std::pair<unsigned, Checksum>> objects;  ///< kind (1 file, 2 tree, 3 metadata of a folder, 4 commit) and name, in the order of the operations
};

struct Bundle {
  std::map<std::string, base::Bytes> metadata;
  Checksum root_tree;
  std::vector<Part> parts;
};
base::Result<Bundle> read_bundle(base::Bytes bytes);

struct Object {
  unsigned kind = 0;
  Checksum name;
  std::uint32_t uid = 0, gid = 0, mode = 0;  ///< of files
  std::vector<base::Bytes> pieces;           ///< of the part's data
  std::uint64_t size() const;
};
/// Runs a part's operations and tells each object that they make.
base::Result<> run_part(base::Bytes payload, const Part& part, const std::function<base::Result<>(const Object&)>& see);

struct Listed {
  std::string name;
  Checksum object;
  bool folder = false;
};
std::vector<Listed> list_tree(base::Bytes tree);

}  // namespace unpack::flatpak_format
