// See codec.h.
#include "unpack/squashfs/codec.h"

#include <lz4.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>

#include "base/cursor.h"
#include "unpack/decode/lzo.h"

namespace unpack::squashfs_format {

using base::Trouble;
using stream::LzmaProperties;

struct Codec::Contexts {
  z_stream deflate{};
  bool deflate_begun = false;
  lzma_stream lzma = LZMA_STREAM_INIT;
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> zstd{nullptr, &ZSTD_freeDCtx};
  Contexts() = default;
  Contexts(const Contexts&) = delete;
  Contexts& operator=(const Contexts&) = delete;
  ~Contexts() {
    if (deflate_begun) inflateEnd(&deflate);
    lzma_end(&lzma);
  }
};

Codec::Codec(Compressor stated) : stated_(stated), contexts_(std::make_unique<Contexts>()) {}
Codec::~Codec() = default;
Codec::Codec(Codec&&) noexcept = default;
Codec& Codec::operator=(Codec&&) noexcept = default;

base::Result<base::Bytes> Codec::decode(base::Bytes packed, std::uint64_t most, std::optional<std::uint64_t> exact, bool search) {
  if (out_.size() < most) out_.resize(most);
  if (bare_ && bare(*bare_, packed, most, exact)) return base::Bytes(out_);
  const auto first = proved_.value_or(stated_);
  std::optional<base::Error> error;
  if (first != Compressor::unknown) {
    auto done = by(first, packed, most);
    if (done) {
      proved_ = first;
      return done;
    }
    error = std::move(done.error());
  }
  if (!proved_ || bare_) {
    for (const auto other : {Compressor::gzip, Compressor::xz, Compressor::lzma, Compressor::zstd}) {
      if (other == first) continue;
      if (auto done = by(other, packed, most)) {
        proved_ = other;
        return done;
      }
    }
    if (guess(packed, most, exact, search)) return base::Bytes(out_);
  }
  if (error) return std::unexpected(std::move(*error));
  return base::fail(Trouble::malformed, "a SquashFS block is damaged, or compressed in an unknown way");
}

std::string Codec::name() const {
  if (bare_) return fmt::format("LZMA without its header (lc={} lp={} pb={} at byte {})", bare_->properties.lc, bare_->properties.lp, bare_->properties.pb, bare_->skip);
  static constexpr std::array<std::string_view, 7> names = {"", "gzip", "LZMA", "LZO", "xz", "LZ4", "zstd"};
  return std::string(names.at(static_cast<std::size_t>(proved_.value_or(Compressor::unknown))));
}

base::Bytes Codec::keep(base::Buffer bytes) {
  const auto size = bytes.size();
  out_ = std::move(bytes);
  return base::Bytes(out_).first(size);
}

base::Result<base::Bytes> Codec::by(Compressor compressor, base::Bytes packed, std::uint64_t most) {
  switch (compressor) {
    case Compressor::gzip: return zlib(packed, most);
    case Compressor::lzma: return by_liblzma(packed, most, true);
    case Compressor::lzo: return keep(TRY(stream::lzo1x(packed, most)));
    case Compressor::xz: return by_liblzma(packed, most, false);
    case Compressor::lz4: return lz4(packed, most);
    case Compressor::zstd: return zstd(packed, most);
    case Compressor::unknown: break;
  }
  return base::fail(Trouble::unsupported, "an unknown SquashFS compressor");
}

base::Result<base::Bytes> Codec::zlib(base::Bytes packed, std::uint64_t most) {
  auto& z = contexts_->deflate;
  if (!contexts_->deflate_begun) {
    if (inflateInit(&z) != Z_OK) return base::fail(Trouble::bug, "zlib does not start");
    contexts_->deflate_begun = true;
  } else {
    inflateReset(&z);
  }
  z.next_in = const_cast<Bytef*>(packed.data());
  z.avail_in = static_cast<uInt>(packed.size());
  z.next_out = out_.data();
  z.avail_out = static_cast<uInt>(most);
  if (inflate(&z, Z_FINISH) != Z_STREAM_END) return base::fail(Trouble::malformed, "a SquashFS block is damaged ({})", z.msg ? z.msg : "ends early or is too large");
  return base::Bytes(out_).first(z.total_out);
}

base::Result<base::Bytes> Codec::by_liblzma(base::Bytes packed, std::uint64_t most, bool alone) {
  auto& z = contexts_->lzma;
  constexpr std::uint64_t most_memory = 128u << 20;
  const auto begun = alone ? lzma_alone_decoder(&z, most_memory) : lzma_stream_decoder(&z, most_memory, 0);
  if (begun != LZMA_OK) return base::fail(Trouble::bug, "liblzma does not start");
  z.next_in = packed.data();
  z.avail_in = packed.size();
  z.next_out = out_.data();
  z.avail_out = most;
  lzma_ret state = LZMA_OK;
  while (state == LZMA_OK) state = lzma_code(&z, LZMA_FINISH);
  if (state != LZMA_STREAM_END) return base::fail(state == LZMA_MEMLIMIT_ERROR ? Trouble::limit : Trouble::malformed, "a SquashFS block is damaged near byte {}", packed.size() - z.avail_in);
  return base::Bytes(out_).first(most - z.avail_out);
}

base::Result<base::Bytes> Codec::zstd(base::Bytes packed, std::uint64_t most) {
  auto& context = contexts_->zstd;
  if (!context) context.reset(ZSTD_createDCtx());
  if (!context) return base::fail(Trouble::bug, "zstd does not start");
  const auto n = ZSTD_decompressDCtx(context.get(), out_.data(), most, packed.data(), packed.size());
  if (ZSTD_isError(n)) return base::fail(Trouble::malformed, "a SquashFS block is damaged ({})", ZSTD_getErrorName(n));
  return base::Bytes(out_).first(n);
}

base::Result<base::Bytes> Codec::lz4(base::Bytes packed, std::uint64_t most) {
  const int n = LZ4_decompress_safe(reinterpret_cast<const char*>(packed.data()), reinterpret_cast<char*>(out_.data()), static_cast<int>(packed.size()), static_cast<int>(most));
  if (n < 0) return base::fail(Trouble::malformed, "a SquashFS block is damaged");
  return base::Bytes(out_).first(static_cast<std::size_t>(n));
}

// Some encoders leave the coder short of its rest: then the size that is known decides, or, for a
// form that is known already, that the input was used up.
bool Codec::bare(const Bare& form, base::Bytes packed, std::uint64_t most, std::optional<std::uint64_t> exact) {
  auto properties = form.properties;
  if (form.stated) {
    const auto said = packed.empty() ? std::nullopt : LzmaProperties::from_byte(packed[0], properties.dictionary);
    if (!said) return false;
    properties = *said;
  }
  auto block = stream::lzma_block(base::slice(packed, form.skip), properties, exact.value_or(most));
  if (!block || block->bytes.empty() || (exact && block->bytes.size() != *exact)) return false;
  const bool trusted = bare_ && bare_->skip == form.skip && bare_->stated == form.stated;
  if (!block->sound && !(block->left <= 4 && (exact || trusted))) return false;
  out_ = std::move(block->bytes);
  bare_ = form;
  bare_->properties = properties;
  return true;
}

// Forms seen in the field: the 5 bytes of properties without the size, the whole header with a
// size that is not one, and the naked stream with the properties that LZMA has by default.
bool Codec::guess(base::Bytes packed, std::uint64_t most, std::optional<std::uint64_t> exact, bool search) {
  const auto begins_at = [&](std::uint64_t skip) { return skip + 5 <= packed.size() && packed[skip] == 0; };
  for (const std::uint64_t skip : {5u, 13u, 1u, 4u})
    if (begins_at(skip) && bare({skip, {}, true}, packed, most, exact)) return true;
  for (const std::uint64_t skip : {0u, 4u})
    if (begins_at(skip) && bare({skip, {}, false}, packed, most, exact)) return true;
  if (!search || searches_left_ == 0 || most > 8192) return false;
  --searches_left_;
  for (std::uint64_t skip = 0; skip <= 10; ++skip)
    for (unsigned byte = 0; begins_at(skip) && byte < 225; ++byte)
      if (bare({skip, *LzmaProperties::from_byte(static_cast<std::uint8_t>(byte), 1u << 20), false}, packed, most, exact)) return true;
  return false;
}

}  // namespace unpack::squashfs_format
