// Decompresses the blocks of one SquashFS image. The superblock's word is tried first; images of
// before version 4 say nothing, and makers put other compressors, above all LZMA without its
// header, behind any number: then the block itself tells, and what was proved once is tried first
// from then on. Keeps its contexts and one output block; single-threaded.
#pragma once

#include <memory>

#include "unpack/decode/lzma_raw.h"
#include "unpack/squashfs/super.h"

namespace unpack::squashfs_format {

class Codec {
 public:
  explicit Codec(Compressor stated);
  ~Codec();
  Codec(Codec&&) noexcept;
  Codec& operator=(Codec&&) noexcept;

  /// At most `most` bytes; valid until the next call. `exact`: what the block should hold, where that
  /// is known. `search`: also look for LZMA whose properties nothing states, which costs up to some
  /// thousand attempts; done for a few small blocks only.
  base::Result<base::Bytes> decode(base::Bytes packed, std::uint64_t most, std::optional<std::uint64_t> exact, bool search);
  /// What the blocks proved to be, for people; "" before the first one.
  std::string name() const;

 private:
  struct Contexts;
  /// LZMA without its usual header: where the stream begins and with which properties.
  struct Bare {
    std::uint64_t skip = 0;
    stream::LzmaProperties properties;
    bool stated = false;  ///< the properties stand in the block's first byte
  };
  base::Result<base::Bytes> by(Compressor compressor, base::Bytes packed, std::uint64_t most);
  base::Result<base::Bytes> zlib(base::Bytes packed, std::uint64_t most);
  base::Result<base::Bytes> by_liblzma(base::Bytes packed, std::uint64_t most, bool alone);
  base::Result<base::Bytes> zstd(base::Bytes packed, std::uint64_t most);
  base::Result<base::Bytes> lz4(base::Bytes packed, std::uint64_t most);
  bool bare(const Bare& form, base::Bytes packed, std::uint64_t most, std::optional<std::uint64_t> exact);
  bool guess(base::Bytes packed, std::uint64_t most, std::optional<std::uint64_t> exact, bool search);
  base::Bytes keep(base::Buffer bytes);

  Compressor stated_;
  std::optional<Compressor> proved_;
  std::optional<Bare> bare_;
  unsigned searches_left_ = 4;
  base::Buffer out_;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace unpack::squashfs_format
