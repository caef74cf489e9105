// Unix compress (.Z): LZW with codes of 9 to 16 bits, own small decoder.
// The format has no checksum and no end mark; zeros at the end can't be told from codes.
#include <array>

#include "unpack/layer.h"
#include "unpack/member.h"

namespace unpack {
namespace {

class Lzw {
 public:
  Lzw(base::Bytes bytes, const stream::Take& take) : bytes_(bytes), take_(take) {}

  stream::Decoded run() {
    stream::Decoded out;
    out.end = decode(out);
    out.consumed = bytes_.size();
    return out;
  }

 private:
  base::Result<> decode(stream::Decoded& out) {
    if (bytes_.size() < 3 || (bytes_[2] & 0x1f) < 9 || (bytes_[2] & 0x1f) > 16) return base::fail(base::Trouble::malformed, "the compress header is damaged");
    most_bits_ = bytes_[2] & 0x1f;
    const bool blocks = bytes_[2] & 0x80;
    next_ = blocks ? 257 : 256;
    bool first = true;
    unsigned before = 0;
    std::uint8_t last_byte = 0;
    while (const auto code = read_code()) {
      if (*code == 256 && blocks) {
        next_ = 257;
        align();
        bits_ = 9;
        first = true;
        continue;
      }
      if (first ? *code > 255 : *code > next_ || (*code == next_ && next_ >= table_size())) return base::fail(base::Trouble::malformed, "a compress code is out of turn");
      unsigned at = *code;
      std::size_t depth = 0;
      if (!first && *code == next_) stack_[depth++] = last_byte, at = before;
      for (; at > 255; at = prefix_[at]) {
        if (depth + 1 >= stack_.size() || (at == 256)) return base::fail(base::Trouble::malformed, "a compress code leads nowhere");
        stack_[depth++] = suffix_[at];
      }
      last_byte = static_cast<std::uint8_t>(at);
      stack_[depth++] = last_byte;
      if (!first && next_ < table_size()) {
        prefix_[next_] = static_cast<std::uint16_t>(before);
        suffix_[next_++] = last_byte;
      }
      before = *code;
      first = false;
      while (depth) pending_.push_back(stack_[--depth]);
      if (pending_.size() > 200'000) CHECK_OK(flush(out));
    }
    return flush(out);
  }

  base::Result<> flush(stream::Decoded& out) {
    out.produced += pending_.size();
    auto taken = pending_.empty() ? base::Result<>{} : take_(pending_);
    pending_.clear();
    return taken;
  }

  unsigned table_size() const { return 1u << most_bits_; }

  // Codes come in groups of eight; when the width changes the rest of the group is dropped.
  std::optional<unsigned> read_code() {
    if (bits_ < most_bits_ && next_ >= (1u << bits_)) {
      align();
      ++bits_;
    }
    const std::uint64_t bit = group_ * 8 + in_group_ * bits_;
    const std::uint64_t byte = 3 + bit / 8;
    if (byte * 8 + bit % 8 + bits_ > bytes_.size() * 8) return std::nullopt;
    std::uint32_t raw = 0;
    for (unsigned i = 0; i < 3 && byte + i < bytes_.size(); ++i) raw |= static_cast<std::uint32_t>(bytes_[byte + i]) << (8 * i);
    if (++in_group_ == 8) {
      in_group_ = 0;
      group_ += bits_;
    }
    return raw >> (bit % 8) & ((1u << bits_) - 1);
  }
  void align() {
    if (in_group_) group_ += bits_;
    in_group_ = 0;
  }

  base::Bytes bytes_;
  const stream::Take& take_;
  unsigned most_bits_ = 16, bits_ = 9, next_ = 257;
  std::uint64_t group_ = 0;  ///< byte offset of the current group behind the header
  unsigned in_group_ = 0;
  std::array<std::uint16_t, 65536> prefix_{};
  std::array<std::uint8_t, 65536> suffix_{};
  std::array<std::uint8_t, 65540> stack_{};
  base::Buffer pending_;
};

stream::Decoded lzw(base::Bytes bytes, const stream::Take& take) { return std::make_unique<Lzw>(bytes, take)->run(); }

constexpr LayerFormat compress_format = {"compress", lzw, nothing_between, [](base::Bytes) { return false; }};

class Compress final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "compress",
        .finds = "The content of a file made by Unix compress.",
        .kinds = {"compress"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"The format has no checksum: damage that keeps it readable is not seen."},
        .references = "https://man.freebsd.org/cgi/man.cgi?query=compress&sektion=1",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    return read_layer(view, sink, compress_format);
  }
};

}  // namespace

const evidence::Reader& compress() {
  static const Compress reader;
  return reader;
}

}  // namespace unpack
