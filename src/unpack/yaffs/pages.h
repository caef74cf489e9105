// The pages of a YAFFS image: how large they are, where their tags stand, what each one holds.
// Nothing in the image states its shape; it is found by trying, and proved by tags and object
// headers that agree over many pages. https://yaffs.net/documents; layout: yaffs_guts.h and
// yaffs_packedtags2.h. Opinion-free.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/sink.h"

namespace unpack::yaffs_format {

struct Shape {
  std::uint32_t page = 0, spare = 0;  ///< without a spare area the pages follow each other in the order of writing
  std::uint32_t tags = 0;             ///< where in the spare area the tags begin
  bool big = false;
  bool first = false;  ///< YAFFS1: 512-byte pages with tags of its own kind
  std::string words() const;
};

enum class ObjectType : unsigned { file = 1, symlink = 2, directory = 3, hardlink = 4, special = 5 };

struct ObjectHeader {
  ObjectType type = ObjectType::file;
  std::uint32_t parent = 0, mode = 0, uid = 0, gid = 0, same_as = 0, device = 0;
  std::uint64_t size = 0;
  std::string name, target;
};

struct Page {
  std::uint64_t at = 0;
  std::uint32_t object = 0, chunk = 0;  ///< chunk 0 is the object's header
  std::uint32_t bytes = 0;              ///< of content
  std::uint64_t order = 0;              ///< the higher, the later written
  bool obsolete = false;                ///< the flash itself marks it as outdated
};

std::optional<Shape> find_shape(base::Bytes image);
std::optional<ObjectHeader> object_header(base::Bytes page, bool big);
/// Pages in use, in the order of the image.
base::Result<std::vector<Page>> pages(base::Bytes image, const Shape& shape, evidence::Sink& sink);

}  // namespace unpack::yaffs_format
