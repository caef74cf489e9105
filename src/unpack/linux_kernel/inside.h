// What a Linux kernel carries inside: a built-in initramfs, packed or not, and its configuration.
#pragma once

#include <vector>

#include "evidence/sink.h"
#include "unpack/codec.h"

namespace unpack::kernel_format {

struct Carried {
  std::string name;
  base::Range range;
};

/// True if the banner "Linux version <digit>" is in the bytes.
bool has_banner(base::Bytes kernel);
/// In the order of the file, apart.
base::Result<std::vector<Carried>> carried(base::Bytes kernel, evidence::Sink& sink);

struct Packed {
  const stream::Codec* codec = nullptr;
  std::uint64_t offset = 0;
};
/// The first compressed stream at or behind `from` whose beginning can be decoded to content that
/// `wanted` takes.
base::Result<Packed> find_packed(base::Bytes bytes, std::uint64_t from, bool (*wanted)(base::Bytes begin), evidence::Sink& sink);

}  // namespace unpack::kernel_format
