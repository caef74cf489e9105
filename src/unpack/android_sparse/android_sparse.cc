// Android sparse images: chunks of raw blocks, of one repeated word, or of nothing, made one raw
// image again. https://android.googlesource.com/platform/system/core, libsparse/sparse_format.h.
#include "base/checked.h"
#include "base/cursor.h"
#include "base/sums.h"
#include "unpack/firmware.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;

enum Chunk : std::uint16_t { raw = 0xCAC1, fill = 0xCAC2, nothing = 0xCAC3, sum = 0xCAC4 };

class Sparse {
 public:
  Sparse(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink) {}

  base::Result<> run() {
    base::Cursor at(view_.bytes);
    at.skip(8);
    const auto header = at.u16();
    const auto chunk_header = at.u16();
    const std::uint64_t block = at.u32(), blocks = at.u32(), chunks = at.u32();
    at.seek(header);
    CHECK_OK(at.status("the sparse image"));
    if (header < 28 || chunk_header < 12 || block == 0 || block % 4 || block > (64u << 20)) return base::fail(Trouble::malformed, "no header of a sparse image");
    ledger_.structure({0, header}, "sparse image header");
    const bool small = blocks * block <= sink_.room();
    if (!small) state_trouble(sink_, "limit", fmt::format("the sparse image makes {} bytes", blocks * block));
    std::uint64_t position = header;
    if (small) {
      artifact::Entry entry;
      entry.name = "raw";
      entry.origin = artifact::Origin::layer;
      Child child(sink_, entry);
      CHECK_OK(child.begun());
      for (std::uint64_t i = 0; i < chunks; ++i) {
        CHECK_OK(sink_.spend(16));
        if (auto done = chunk(position, chunk_header, block, blocks, child); !done) return damaged(position, done.error());
      }
      if (made_ < blocks * block) state_trouble(sink_, "truncated", fmt::format("the chunks make {} of {} bytes", made_, blocks * block));
    } else {
      ledger_.opaque({position, view_.bytes.size() - position}, "limit");
      return {};
    }
    return hand_on_rest(view_, sink_, position, evidence::Confidence::low);
  }

 private:
  std::unexpected<base::Error> damaged(std::uint64_t position, const base::Error& error) {
    ledger_.opaque({position, UINT64_MAX - position}, error.trouble == Trouble::limit ? "limit" : "damaged");
    return std::unexpected(error);
  }

  base::Result<> chunk(std::uint64_t& position, std::uint16_t header, std::uint64_t block, std::uint64_t blocks, Child& child) {
    base::Cursor at(base::slice(view_.bytes, position));
    const auto type = at.u16();
    at.skip(2);
    const std::uint64_t size = at.u32() * block, total = at.u32();
    at.seek(header);
    CHECK_OK(at.status("a sparse chunk"));
    if (total < header || made_ + size > blocks * block) return base::fail(Trouble::malformed, "a sparse chunk of {} bytes", total);
    const auto body = at.take(total - header);
    CHECK_OK(at.status("a sparse chunk"));
    ledger_.structure({position, header}, "sparse chunk");
    const base::Range where{position + header, body.size()};
    position += total;
    made_ += size;
    switch (type) {
      case raw:
        if (body.size() != size) return base::fail(Trouble::malformed, "a raw chunk of {} bytes for {}", body.size(), size);
        ledger_.content(where, "sparse data");
        return child.give(body);
      case fill:
        if (body.size() < 4) return base::fail(Trouble::malformed, "a fill chunk without its word");
        ledger_.content(where, "sparse data");
        return repeat(body.first(4), size, child);
      case nothing:
        ledger_.structure(where, "sparse chunk");
        return repeat(base::Bytes(zero), size, child);
      case sum:
        made_ -= size;
        ledger_.structure(where, "sparse sum");
        return {};
      default: return base::fail(Trouble::malformed, "a sparse chunk of type {:#x}", type);
    }
  }

  static base::Result<> repeat(base::Bytes word, std::uint64_t size, Child& child) {
    base::Buffer piece;
    while (piece.size() < std::min<std::uint64_t>(size, 1u << 16)) piece.insert(piece.end(), word.begin(), word.end());
    while (size) {
      const auto part = base::slice(piece, 0, size);
      CHECK_OK(child.give(part));
      size -= part.size();
    }
    return {};
  }

  static constexpr std::uint8_t zero[4] = {};
  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  std::uint64_t made_ = 0;
};

class AndroidSparse final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "android_sparse",
        .finds = "The raw image of an Android sparse image.",
        .kinds = {"android-sparse"},
        .states = {evidence::Facet::concealment, evidence::Facet::property, evidence::Facet::trouble},
        .blind_spots = {"Blocks that the image leaves open are taken as zeros.", "Sums of the image are not compared."},
        .references = "AOSP libsparse/sparse_format.h",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return Sparse(view, sink).run(); }
};

}  // namespace

const evidence::Reader& android_sparse() {
  static const AndroidSparse reader;
  return reader;
}

}  // namespace unpack
