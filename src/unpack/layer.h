// Compressed files with one content: streams or frames one behind the other, given as one child.
#pragma once

#include "evidence/reader.h"
#include "unpack/stream.h"

namespace unpack {

struct LayerFormat {
  std::string_view what;  ///< for messages
  stream::Decoded (*decode)(base::Bytes bytes, const stream::Take& take);
  /// Size of what the format itself puts between streams (padding, skippable frames) at the front.
  std::uint64_t (*between)(base::Bytes rest);
  /// True if another stream starts here.
  bool (*more)(base::Bytes rest);
};

/// Decodes all streams into one layer named `name` (or by the file's own name when empty), labels
/// the bytes, and hands on what follows the last stream.
base::Result<> read_layer(const evidence::View& view, evidence::Sink& sink, const LayerFormat& format, std::string name = {});

std::uint64_t nothing_between(base::Bytes rest);

}  // namespace unpack
