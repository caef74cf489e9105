// Compressed streams known by their first bytes: for formats that hold "something packed" and
// leave it to the magic which way.
#pragma once

#include "unpack/stream.h"

namespace unpack::stream {

struct Codec {
  std::string_view name;   ///< "gzip"
  std::string_view magic;  ///< what it begins with
  /// True if the header behind the magic makes sense too.
  bool (*begins)(base::Bytes bytes);
  Decoded (*decode)(base::Bytes bytes, const Take& take);
};

/// gzip, xz, bzip2, lzma (by its usual properties), zstd, lz4 frames old and new, lzop.
const std::vector<Codec>& codecs();
/// The codec of the stream that begins here; nullptr when it is none of them.
const Codec* codec_at(base::Bytes bytes);
/// True if the first 4 KiB of content (or all of it) can be decoded; `begin` receives them.
bool decodes(const Codec& codec, base::Bytes bytes, base::Buffer* begin = nullptr);

/// The legacy lz4 frame (magic 0x184C2102): blocks of at most 8 MiB, up to the first size that
/// can't be one. lz4_Frame_format.md, "Legacy frame".
Decoded lz4_legacy(base::Bytes bytes, const Take& take);
/// One part of an lzop file.
Decoded lzop_part(base::Bytes bytes, const Take& take);

}  // namespace unpack::stream
