// See folder.h.
#include "unpack/cab/folder.h"

#include <optional>

#include <zlib.h>

#include "base/cursor.h"
#include "unpack/codec/lzx.h"

namespace unpack::cab_format {
namespace {

using base::Trouble;

// MS-CAB 3.1: exclusive or of 32-bit words; what is left over counts from its other end.
std::uint32_t checksum(base::Bytes bytes, std::uint32_t sum) {
  base::Cursor at(bytes);
  while (at.left() >= 4) sum ^= at.u32();
  std::uint32_t rest = 0;
  for (const auto b : at.take(at.left())) rest = rest << 8 | b;
  return sum ^ rest;
}

// One MSZIP block is a deflate stream that may point back into the block before.
class MsZip {
 public:
  MsZip() : ready_(inflateInit2(&z_, -15) == Z_OK) {}
  ~MsZip() {
    if (ready_) inflateEnd(&z_);
  }
  MsZip(const MsZip&) = delete;
  MsZip& operator=(const MsZip&) = delete;

  base::Result<std::uint64_t> block(base::Bytes data, base::Buffer& out) {
    if (!ready_) return base::fail(Trouble::bug, "zlib does not start");
    if (!base::starts_with(data, "CK")) return base::fail(Trouble::malformed, "an MSZIP block lacks its mark");
    inflateReset(&z_);
    if (!before_.empty()) inflateSetDictionary(&z_, before_.data(), static_cast<uInt>(before_.size()));
    z_.next_in = const_cast<Bytef*>(data.data() + 2);
    z_.avail_in = static_cast<uInt>(data.size() - 2);
    z_.next_out = out.data();
    z_.avail_out = static_cast<uInt>(out.size());
    const int state = inflate(&z_, Z_FINISH);
    if (z_.avail_out || (state != Z_STREAM_END && state != Z_BUF_ERROR && state != Z_OK)) return base::fail(Trouble::malformed, "an MSZIP block is damaged");
    const auto used = data.size() - z_.avail_in;
    before_.insert(before_.end(), out.begin(), out.end());
    if (before_.size() > 32768) before_.erase(before_.begin(), before_.end() - 32768);
    return used;
  }

 private:
  z_stream z_{};
  bool ready_;
  base::Buffer before_;
};

}  // namespace

void find_blocks(base::Bytes bytes, Folder& folder, unsigned reserve) {
  std::uint64_t at = folder.start;
  for (unsigned i = 0; i < folder.blocks; ++i) {
    base::Cursor in(base::slice(bytes, at));
    const auto sum = in.u32();
    const auto checked = base::slice(bytes, at + 4, 4 + reserve);
    const auto size = in.u16();
    Block block;
    block.plain = in.u16();
    in.skip(reserve);
    const auto data = in.take(size);
    if (!in.ok()) {
      folder.whole = false;
      return;
    }
    block.offset = at;
    block.header = 8u + reserve;
    block.data = {at + block.header, size};
    block.sound = sum == 0 || sum == checksum(checked, checksum(data, 0));
    folder.chain.push_back(block);
    at += block.header + size;
  }
}

base::Result<> decode(base::Bytes bytes, const Folder& folder, const stream::Take& take, const std::function<void(const Block&, std::uint64_t)>& done) {
  const unsigned kind = folder.method & 15;
  std::optional<codec::Lzx> lzx;
  if (kind == 3) lzx = TRY(codec::Lzx::open(folder.method >> 8 & 31));
  MsZip zip;
  base::Buffer out;
  for (const auto& block : folder.chain) {
    const auto data = base::slice(bytes, block.data.offset, block.data.size);
    if (block.plain == 0 && !data.empty()) return base::fail(Trouble::truncated, "the folder goes on in the next cabinet");
    std::uint64_t used = data.size();
    if (kind == 0) {
      if (data.size() != block.plain) return base::fail(Trouble::malformed, "a stored block says {} bytes and has {}", block.plain, data.size());
      CHECK_OK(take(data));
    } else if (kind == 1) {
      out.resize(block.plain);
      used = TRY(zip.block(data, out));
      CHECK_OK(take(out));
    } else if (kind == 3) {
      const auto frame = TRY(lzx->frame(data, block.plain));
      used = frame.used;
      CHECK_OK(take(frame.bytes));
    } else {
      return base::fail(Trouble::unsupported, "cabinet method {} is not read", kind);
    }
    done(block, used);
  }
  if (!folder.whole) return base::fail(Trouble::truncated, "the cabinet ends within a folder");
  return {};
}

}  // namespace unpack::cab_format
