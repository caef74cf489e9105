#include "vet/receiver.h"

#include <algorithm>

#include "evidence/wire.h"

namespace vet {
namespace {

using base::Bytes;
using base::Trouble;

constexpr int patience_ms = 600'000;  // outer guard only; own code counts steps
constexpr std::size_t most_claims = 2'000'000, most_items = 400'000;

class Taker {
 public:
  Taker(const Job& job, std::uint64_t size, Depot& depot, Received& out) : job_(job), size_(size), depot_(depot), out_(out) {}

  base::Result<> take(Frame type, Bytes payload) {
    base::Cursor in(payload);
    switch (type) {
      case Frame::identity:
        out_.result.kind = evidence::wire::text(in, 64);
        out_.result.detail = evidence::wire::text(in, 4096);
        return in.status("an identity");
      case Frame::item: return item(in);
      case Frame::claim: {
        auto claim = TRY(evidence::wire::claim(in));
        if (!base_fits(claim.range) || claims.size() >= most_claims) return base::fail(Trouble::malformed, "a claim outside the artifact");
        claims.push_back(std::move(claim));
        return {};
      }
      case Frame::child_begin: return begin(in);
      case Frame::child_bytes: return bytes(payload);
      case Frame::child_end: return end();
      case Frame::done:
        if (payload.size() != 1 || open_) return base::fail(Trouble::malformed, "an end out of turn");
        out_.done = true;
        out_.result.dossier.complete = payload[0] != 0;
        return {};
    }
    return base::fail(Trouble::malformed, "an unknown frame");
  }

  std::vector<evidence::Claim> claims;
  bool disk_failed = false;

 private:
  bool base_fits(const base::Range& r) const { return r.offset <= size_ && r.size <= size_ - r.offset; }

  base::Result<> item(base::Cursor& in) {
    auto item = TRY(evidence::wire::item(in));
    if (!base_fits(item.range) || out_.result.dossier.items.size() >= most_items) return base::fail(Trouble::malformed, "an item outside the artifact");
    out_.result.dossier.items.push_back(std::move(item));
    return {};
  }

  base::Result<> begin(base::Cursor& in) {
    if (open_ || out_.result.children.size() >= job_.most_children) return base::fail(Trouble::malformed, "a child out of turn");
    out_.result.children.push_back({TRY(evidence::wire::entry(in)), {}, 0});
    out_.blobs.push_back({});
    open_ = true;
    start_ = depot_.end();
    sha_ = base::Sha256();
    return {};
  }

  base::Result<> bytes(Bytes payload) {
    if (!open_) return base::fail(Trouble::malformed, "content out of turn");
    written_ += payload.size();
    if (written_ > job_.most_output) return base::fail(Trouble::malformed, "more content than the budget");
    sha_.add(payload);
    out_.result.children.back().size += payload.size();
    auto kept = depot_.append(payload);
    disk_failed = !kept;
    return kept;
  }

  base::Result<> end() {
    if (!open_) return base::fail(Trouble::malformed, "an end out of turn");
    open_ = false;
    out_.result.children.back().digest = sha_.finish();
    if (out_.result.children.back().entry.nature == artifact::Nature::file) out_.blobs.back() = depot_.blob_from(start_);
    return {};
  }

  const Job& job_;
  std::uint64_t size_;
  Depot& depot_;
  Received& out_;
  base::Sha256 sha_;
  bool open_ = false;
  std::uint64_t start_ = 0, written_ = 0;
};

// Takes whole frames off the front of `buffer`, up to the end of this artifact; what is left belongs to
// the next one, or is an incomplete frame.
base::Result<> take_frames(Taker& taker, const Received& out, base::Buffer& buffer) {
  std::size_t at = 0;
  while (!out.done && buffer.size() - at >= 5) {
    base::Cursor head(base::slice(buffer, at, 5));
    const auto type = static_cast<Frame>(head.u8());
    const auto length = head.u32();
    if (length > most_frame) return base::fail(Trouble::malformed, "a frame of {} bytes", length);
    if (buffer.size() - at - 5 < length) break;
    CHECK_OK(taker.take(type, base::slice(buffer, at + 5, length)));
    at += 5 + length;
  }
  buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(at));
  return {};
}

// The label of what nobody claimed: searched for patterns, unless its readers gave up with nothing
// to show, or the worker crashed.
evidence::Claim unclaimed(const JobResult& result, const std::vector<evidence::Claim>& claims, bool crashed) {
  using evidence::Label;
  if (crashed) return {{}, Label::opaque, "examiner crashed"};
  const bool unread = std::ranges::any_of(result.dossier.items, [](const evidence::Item& i) {
    return i.facet == evidence::Facet::trouble && (i.word == "unsupported" || i.word == "encrypted" || i.word == "malformed" || i.word == "truncated" || i.word == "limit");
  });
  const bool nothing_shown = result.children.empty() && claims.empty();
  return {{}, unread && nothing_shown ? Label::opaque : Label::scanned, unread ? "not read" : ""};
}

}  // namespace

bool Answers::fill(std::string& blame) {
  constexpr std::size_t chunk_size = 1 << 18;
  if (!chunk_) chunk_ = std::make_unique_for_overwrite<std::uint8_t[]>(chunk_size);
  const auto n = worker_.read(chunk_.get(), chunk_size, patience_ms);
  if (!n) {
    blame = n.error().what;
    worker_.kill();
    return false;
  }
  buffer_.insert(buffer_.end(), chunk_.get(), chunk_.get() + *n);
  return *n != 0;
}

base::Result<std::optional<Received>> Answers::next(const Job& job, std::uint64_t size, bool last, std::string& blame) {
  Received out;
  Taker taker(job, size, depot_, out);
  bool began = !buffer_.empty(), ended = false;
  for (;;) {
    if (auto taken = take_frames(taker, out, buffer_); !taken) {
      worker_.kill();
      if (taker.disk_failed) return std::unexpected(taken.error());
      blame = "the worker broke the protocol: " + taken.error().what;
      break;
    }
    if (out.done && !last) break;
    if (out.done && !buffer_.empty()) {
      worker_.kill();
      blame = "the worker broke the protocol: frames behind the end";
      break;
    }
    if (!fill(blame)) {
      ended = true;
      break;
    }
    began = true;
  }
  if (ended || !blame.empty()) {
    const auto ending = worker_.wait();
    if (blame.empty() && ending.clean && !began && answered_) return std::nullopt;
    if (blame.empty() && (!ending.clean || !out.done)) blame = ending.clean ? "the worker ended early" : ending.reason;
  }
  answered_ = true;
  if (!blame.empty()) {
    out.done = false;
    out.result.dossier.complete = false;
    if (out.result.children.size() > out.blobs.size()) out.result.children.resize(out.blobs.size());
  }
  const auto rest = unclaimed(out.result, taker.claims, !blame.empty());
  if (!blame.empty()) taker.claims.clear();
  out.result.dossier.tiles = TRY(evidence::tile(std::move(taker.claims), size, rest));
  if (auto whole = evidence::check_tiling(out.result.dossier.tiles, size); !whole) {
    evidence::Item item;
    item.facet = evidence::Facet::trouble;
    item.word = "bug";
    item.value = whole.error().what;
    item.examiner = "ledger";
    out.result.dossier.items.push_back(std::move(item));
    out.result.dossier.complete = false;
    out.result.dossier.tiles = {{{0, size}, evidence::Label::opaque, "internal error"}};
  }
  return out;
}

}  // namespace vet
