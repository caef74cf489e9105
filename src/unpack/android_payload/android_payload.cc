// Android's update payloads (payload.bin): each partition made from its operations. Operations
// that need the former system (differences) are not applied: their blocks are given as zeros.
// AOSP update_engine: README, update_metadata.proto, payload_consumer.
#include <algorithm>
#include <map>

#include "base/checked.h"
#include "base/cursor.h"
#include "base/digest.h"
#include "unpack/android_payload/manifest.h"
#include "unpack/firmware.h"
#include "unpack/member.h"
#include "unpack/stream.h"

namespace unpack {
namespace {

using base::Trouble;
using namespace payload_format;

constexpr std::uint64_t most_step = 256u << 20;  // bytes that one operation may make

class Payload {
 public:
  Payload(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    base::Cursor at(view_.bytes, std::endian::big);
    at.skip(4);
    const auto version = at.u64(), size = at.u64();
    const std::uint64_t signature = version >= 2 ? at.u32() : 0;
    const auto start = at.position();
    const auto bytes = at.take(size);
    at.skip(signature);
    CHECK_OK(at.status("the payload's manifest"));
    if (version < 2) return base::fail(Trouble::unsupported, "version {} of update payloads", version);
    blobs_ = at.position();
    CHECK_OK(sink_.spend(2 * size));
    ledger_.structure({0, start}, "payload header");
    ledger_.structure({start, size}, "payload manifest");
    ledger_.structure({start + size, signature}, "payload signature");
    const auto manifest = TRY(payload_format::manifest(bytes));
    state_format(sink_, "Android update payload", {{"partitions", fmt::format("{}", manifest.partitions.size())}});
    if (manifest.signatures.size && base::fits(manifest.signatures.offset, manifest.signatures.size, view_.bytes.size() - blobs_))
      ledger_.structure({blobs_ + manifest.signatures.offset, manifest.signatures.size}, "payload signature");
    for (const auto& p : manifest.partitions) CHECK_OK(partition(p, manifest.block));
    return ledger_.close("unused");
  }

 private:
  /// A piece of a partition: where it goes, and what it is of which operation.
  struct Piece {
    std::uint64_t to = 0, from = 0, size = 0;
    std::size_t step = 0;
  };

  base::Result<> partition(const Partition& p, std::uint64_t block) {
    artifact::Entry entry;
    entry.name = p.name + ".img";
    names_.see(entry, {});
    std::vector<Piece> pieces;
    std::uint64_t end = 0;
    bool differences = false;
    for (std::size_t i = 0; i < p.steps.size(); ++i) {
      const auto& step = p.steps[i];
      differences = claim(step) || differences;
      std::uint64_t from = 0;
      for (const auto& b : step.to) {
        CHECK_OK(sink_.spend(16));
        const auto to = base::checked_mul(b.first, block), size = base::checked_mul(b.count, block);
        const auto stop = to && size ? base::checked_add(*to, *size) : std::nullopt;
        if (!stop || *stop > (1ull << 48)) {
          state_trouble(sink_, "malformed", fmt::format("{} has blocks beyond all sizes", base::printable(entry.name)));
          return {};
        }
        if (*size) pieces.push_back({*to, from, *size, i});
        from += *size;
        end = std::max(end, *stop);
      }
    }
    if (differences) state_trouble(sink_, "unsupported", fmt::format("{} is made of differences to a former system", base::printable(entry.name)));
    std::ranges::stable_sort(pieces, {}, &Piece::to);
    if (p.size) end = p.size;
    if (end > sink_.room()) {
      state_trouble(sink_, "limit", fmt::format("{} says it holds {} bytes", base::printable(entry.name), end));
      return {};
    }
    return give(p, entry, pieces, end, differences);
  }

  // Labels an operation's data; true if the operation can't be applied.
  bool claim(const Step& step) {
    const bool known = step.type == replace || step.type == replace_bz || step.type == replace_xz || step.type == zstd || step.type == zero || step.type == discard;
    if (step.data.size == 0 || !base::fits(step.data.offset, step.data.size, view_.bytes.size() - blobs_)) return !known;
    if (known) ledger_.content({blobs_ + step.data.offset, step.data.size}, "payload data");
    else ledger_.opaque({blobs_ + step.data.offset, step.data.size}, "unsupported");
    return !known;
  }

  base::Result<> give(const Partition& p, const artifact::Entry& entry, const std::vector<Piece>& pieces, std::uint64_t size, bool differences) {
    Child child(sink_, entry);
    CHECK_OK(child.begun());
    base::Sha256 digest;
    std::uint64_t at = 0;
    const auto put = [&](base::Bytes bytes) -> base::Result<> {
      bytes = base::slice(bytes, 0, size - at);
      at += bytes.size();
      digest.add(bytes);
      return child.give(bytes);
    };
    for (const auto& piece : pieces) {
      CHECK_OK(sink_.spend(16));
      if (piece.to < at || piece.to >= size) {
        state_trouble(sink_, "malformed", fmt::format("{} is written twice or behind its end", base::printable(entry.name)));
        continue;
      }
      CHECK_OK(zeros(piece.to - at, put));
      auto made = TRY(content(p.steps[piece.step]));
      const auto part = base::slice(*made, piece.from, piece.size);
      CHECK_OK(put(part));
      CHECK_OK(zeros(std::min(piece.size - part.size(), size - at), put));
    }
    CHECK_OK(zeros(size - at, put));
    if (p.hash.size() == 32 && !differences && !std::ranges::equal(digest.finish().bytes, p.hash))
      state_mismatch(sink_, fmt::format("the content of {} differs from its stated sha256", base::printable(entry.name)), "a sum does not match", evidence::Confidence::medium);
    return {};
  }

  template <class Put>
  static base::Result<> zeros(std::uint64_t count, const Put& put) {
    static const base::Buffer piece(1 << 16, 0);
    for (; count; count -= std::min<std::uint64_t>(count, piece.size())) CHECK_OK(put(base::slice(piece, 0, count)));
    return {};
  }

  // The bytes that an operation makes; none for zeros, differences and damaged data. The last
  // answer is kept, since an operation may write to several places.
  base::Result<const base::Buffer*> content(const Step& step) {
    if (&step == last_) return &made_;
    last_ = &step;
    made_.clear();
    const auto data = base::slice(view_.bytes, blobs_ + std::min(step.data.offset, view_.bytes.size() - blobs_), step.data.size);
    if (data.size() < step.data.size) state_trouble(sink_, "truncated", "the data of an operation lie outside the payload");
    const auto take = [&](base::Bytes b) -> base::Result<> {
      CHECK_OK(sink_.spend(b.size()));
      if (made_.size() + b.size() > most_step) return base::fail(Trouble::limit, "an operation of the payload makes more than 256 MiB");
      made_.insert(made_.end(), b.begin(), b.end());
      return {};
    };
    base::Result<> done;
    if (step.type == replace) done = take(data);
    if (step.type == replace_bz) done = stream::bzip2(data, take).end;
    if (step.type == replace_xz) done = stream::xz(data, take).end;
    if (step.type == zstd) done = stream::zstd_frame(data, take).end;
    if (!done && done.error().trouble == Trouble::limit) return std::unexpected(done.error());
    if (!done) state_trouble(sink_, name_of(done.error().trouble), done.error().what, data.empty() ? base::Range{} : base::Range{blobs_ + step.data.offset, data.size()});
    return &made_;
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  NameWatch names_;
  std::uint64_t blobs_ = 0;
  const Step* last_ = nullptr;
  base::Buffer made_;
};

class AndroidPayload final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "android_payload",
        .finds = "The partitions of an Android update payload.",
        .kinds = {"android-payload"},
        .states = {evidence::Facet::concealment, evidence::Facet::property, evidence::Facet::trouble},
        .blind_spots = {"Differences to a former system can't be applied; blocks made of them are given as zeros.", "Signatures are not verified."},
        .references = "AOSP update_engine/update_metadata.proto",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return Payload(view, sink).run(); }
};

}  // namespace

const evidence::Reader& android_payload() {
  static const AndroidPayload reader;
  return reader;
}

}  // namespace unpack
