// What Office documents carry inside their streams: packaged files and objects of presentations.
// MS-OLEDS 2.3 and the packager's form; MS-PPT 2.10.34. Bounded reads of hostile bytes; opinion-free.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace unpack::office_format {

struct Packaged {
  std::string name;
  base::Range range;  ///< in the stream
};
/// The file inside a stream "\1Ole10Native". Nothing when its form is another.
base::Result<Packaged> packaged_file(base::Bytes stream);

struct PptObject {
  base::Range range;    ///< in the stream
  bool packed = false;  ///< zlib
};
/// The storages of embedded objects in a stream "PowerPoint Document".
std::vector<PptObject> presentation_objects(base::Bytes stream);

}  // namespace unpack::office_format
