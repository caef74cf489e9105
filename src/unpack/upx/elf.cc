// ELF programs. Behind the program headers stand two heads (l_info, p_info) and a chain of blocks,
// each with its own head of 12 bytes: first the original headers, then the loaded segments, and
// behind the loader what lies between and after them.
#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/upx/nrv.h"
#include "unpack/upx/program.h"

namespace unpack::upx_format {
namespace {

using base::Trouble;

struct Block {
  std::uint32_t unpacked = 0, packed = 0;
  std::uint8_t method = 0, filter = 0, mark = 0;
  std::uint64_t at = 0;  ///< of its head
  std::uint64_t end() const { return at + 12 + packed; }
};

struct Chain {
  base::Bytes bytes;
  std::endian endian = std::endian::little;
  std::uint64_t block_size = 0;

  std::optional<Block> block(std::uint64_t at) const {
    base::Cursor in(base::slice(bytes, at), endian);
    Block b;
    b.at = at;
    b.unpacked = in.u32();
    b.packed = in.u32();
    b.method = in.u8();
    b.filter = in.u8();
    b.mark = in.u8();
    in.skip(1);
    if (!in.ok() || b.unpacked == 0 || b.packed == 0 || b.packed > b.unpacked || b.unpacked > block_size || b.packed > in.left()) return std::nullopt;
    if (b.packed < b.unpacked && (b.method < 2 || b.method > 15)) return std::nullopt;
    return b;
  }
  bool ends(std::uint64_t at) const {
    base::Cursor in(base::slice(bytes, at), endian);
    return in.u32() == 0 && base::text_of(in.take(4)) == "UPX!";
  }
};

class ElfUnpack {
 public:
  ElfUnpack(base::Bytes bytes, evidence::Sink& sink) : sink_(sink) { chain_.bytes = bytes; }

  base::Result<std::optional<Program>> run() {
    const auto first = heads();
    if (!first) return std::optional<Program>();
    auto header = TRY(open(*first));
    if (!base::starts_with(header, "\x7F" "ELF")) return std::optional<Program>();
    if (file_size_ > std::min<std::uint64_t>(sink_.room(), 256u << 20)) return base::fail(Trouble::limit, "a packed program of {} bytes", file_size_);
    segments(header);
    // Never more than the blocks hold: a file of that size is only made as they come.
    CHECK_OK(fill(first->at));
    finish();
    return std::optional(std::move(out_));
  }

 private:
  // The first block, when both heads stand in front of it.
  std::optional<Block> heads() {
    const auto bytes = chain_.bytes;
    if (bytes.size() < 128) return std::nullopt;
    chain_.endian = bytes[5] == 2 ? std::endian::big : std::endian::little;
    const auto text = base::text_of(base::slice(bytes, 0, 4096));
    for (std::size_t at = 0; (at = text.find("UPX!", at)) != text.npos; ++at) {
      if (at < 4) continue;
      base::Cursor in(base::slice(bytes, at), chain_.endian);
      in.skip(4);
      loader_ = in.u16();
      in.skip(2);
      in.skip(4);
      file_size_ = in.u32();
      chain_.block_size = in.u32();
      if (chain_.block_size == 0 || file_size_ == 0) continue;
      const auto block = chain_.block(at + 20);
      if (!block || block->unpacked > 65536) continue;
      out_.structure.push_back({at - 4, 24});
      return block;
    }
    return std::nullopt;
  }

  base::Result<base::Buffer> open(const Block& b) {
    const auto packed = base::slice(chain_.bytes, b.at + 12, b.packed);
    CHECK_OK(sink_.spend(64));
    base::Buffer plain;
    if (b.packed == b.unpacked) plain.assign(packed.begin(), packed.end());
    else plain = TRY(unpack_block(b.method, packed, b.unpacked, sink_));
    if (b.packed < b.unpacked) out_.method = method_name(b.method);
    if (b.filter && !unfilter(b.filter, b.mark, plain, 0)) note(fmt::format("branches that the filter 0x{:02x} rewrote", b.filter));
    return plain;
  }

  void note(std::string what) {
    if (std::ranges::find(out_.missing, what) == out_.missing.end()) out_.missing.push_back(std::move(what));
  }

  // Where loaded segments stand in the original file, in their order, then the gaps between them.
  void segments(base::Bytes header) {
    base::Cursor in(header, chain_.endian);
    const bool wide = header.size() > 4 && header[4] == 2;
    in.seek(wide ? 32 : 28);
    const auto table = in.word(wide);
    in.seek(wide ? 54 : 42);
    const std::uint64_t size = in.u16(), count = in.u16();
    std::vector<base::Range> loads;
    for (std::uint64_t i = 0; i < count && i < 256; ++i) {
      base::Cursor one(base::slice(header, table + i * size, wide ? 56 : 32), chain_.endian);
      const auto type = one.u32();
      if (wide) one.skip(4);
      const auto offset = one.word(wide);
      one.skip(wide ? 16 : 8);
      const auto length = one.word(wide);
      if (one.ok() && type == 1 && length && base::fits(offset, length, file_size_)) loads.push_back({offset, length});
    }
    places_ = loads;
    std::ranges::sort(loads, {}, &base::Range::offset);
    loads.push_back({file_size_, 0});
    std::uint64_t at = 0;
    for (const auto& l : loads) {
      if (l.offset > at) gaps_.push_back({at, l.offset - at});
      at = std::max(at, l.end());
    }
  }

  void write(std::uint64_t at, base::Bytes bytes) {
    if (out_.file.size() < at + bytes.size()) out_.file.resize(at + bytes.size());
    std::ranges::copy(bytes, out_.file.begin() + static_cast<std::ptrdiff_t>(at));
  }

  // Opens blocks from `at` until the place is full; where the next one stands, or nothing.
  base::Result<std::optional<std::uint64_t>> extent(std::uint64_t at, base::Range place) {
    while (place.size) {
      const auto b = chain_.block(at);
      if (!b || b->unpacked > place.size) return std::optional<std::uint64_t>();
      const auto plain = TRY(open(*b));
      write(place.offset, plain);
      out_.structure.push_back({b->at, 12});
      out_.packed.push_back({b->at + 12, b->packed});
      place.offset += plain.size();
      place.size -= plain.size();
      at = b->end();
    }
    return std::optional(at);
  }

  base::Result<> fill(std::uint64_t at) {
    for (const auto& place : places_) {
      const auto next = TRY(extent(at, place));
      if (!next) {
        note("loaded segments");
        return {};
      }
      at = *next;
    }
    std::uint64_t left = 0;
    for (const auto& g : gaps_) left += g.size;
    if (left == 0) return {};
    const auto from = TRY(chain_behind(at, left));
    if (!from) {
      note("what lies between and behind the loaded segments");
      return {};
    }
    at = *from;
    for (const auto& gap : gaps_) {
      const auto next = TRY(extent(at, gap));
      if (!next) break;
      at = *next;
    }
    return {};
  }

  // The loader stands between the segments and the rest; the chain is the one that comes to the end
  // mark with all the bytes that are missing.
  base::Result<std::optional<std::uint64_t>> chain_behind(std::uint64_t from, std::uint64_t left) {
    const auto leads = [&](std::uint64_t at) {
      std::uint64_t sum = 0;
      for (unsigned i = 0; i < 65536 && sum < left; ++i) {
        const auto b = chain_.block(at);
        if (!b) return false;
        sum += b->unpacked;
        at = b->end();
      }
      return sum == left && chain_.ends(at);
    };
    if (leads(from + loader_)) return std::optional(from + loader_);
    const auto end = std::min<std::uint64_t>(chain_.bytes.size(), from + 65536);
    for (auto at = from; at < end; ++at) {
      CHECK_OK(sink_.spend(16));
      if (leads(at)) return std::optional(at);
    }
    return std::optional<std::uint64_t>();
  }

  void finish() {
    if (out_.method.empty()) out_.method = "no compression";
    if (out_.file.size() < file_size_ && out_.missing.empty()) note("the end of the file");
  }

  evidence::Sink& sink_;
  Chain chain_;
  Program out_;
  std::uint64_t file_size_ = 0, loader_ = 0;
  std::vector<base::Range> places_, gaps_;
};

}  // namespace

base::Result<std::optional<Program>> unpack_elf(base::Bytes bytes, evidence::Sink& sink) { return ElfUnpack(bytes, sink).run(); }

}  // namespace unpack::upx_format
