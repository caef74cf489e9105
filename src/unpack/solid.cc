// See solid.h.
#include "unpack/solid.h"

#include <algorithm>

#include "unpack/member.h"

namespace unpack {
namespace {

constexpr int most_passes = 16;
constexpr std::uint64_t most_gaps = 4096;

struct Piece {
  std::uint64_t offset = 0, size = 0;
  const artifact::Entry* entry = nullptr;
  std::uint64_t end() const { return size > UINT64_MAX - offset ? UINT64_MAX : offset + size; }
};

// One pass over the stream with pieces that lie apart and in order.
class Pass {
 public:
  Pass(evidence::Sink& sink, std::vector<Piece> pieces, std::string_view what, bool with_gaps) : sink_(sink), pieces_(std::move(pieces)), what_(what), gaps_(with_gaps) {}
  ~Pass() { close(); }

  base::Result<> take(base::Bytes bytes) {
    while (!bytes.empty()) {
      CHECK_OK(sink_.spend(1));
      const bool in = next_ < pieces_.size() && at_ >= pieces_[next_].offset;
      const auto until = in ? pieces_[next_].end() : next_ < pieces_.size() ? pieces_[next_].offset : UINT64_MAX;
      const auto now = base::slice(bytes, 0, until - at_);
      CHECK_OK(in ? member(now) : gap(now));
      at_ += now.size();
      bytes = bytes.subspan(now.size());
      if (at_ == until) {
        close();
        if (in) ++next_;
      }
    }
    return {};
  }

  void state_missing() {
    for (auto i = next_; i < pieces_.size(); ++i) {
      const auto& p = pieces_[i];
      const auto there = at_ > p.offset ? at_ - p.offset : 0;
      state_trouble(sink_, "truncated", fmt::format("{}: {} of {} bytes could not be decoded", base::printable(p.entry->name), p.size - there, p.size));
    }
  }

 private:
  base::Result<> member(base::Bytes bytes) {
    const auto& p = pieces_[next_];
    if (!open_ && !passed_over_) {
      if (p.size > sink_.room()) {
        state_trouble(sink_, "limit", fmt::format("{} says it holds {} bytes", base::printable(p.entry->name), p.size));
        passed_over_ = true;
      } else {
        open_ = true;
        CHECK_OK(sink_.begin_child(*p.entry));
      }
    }
    CHECK_OK(sink_.spend(bytes.size()));
    return open_ ? sink_.child_bytes(bytes) : base::Result<>{};
  }
  base::Result<> gap(base::Bytes bytes) {
    CHECK_OK(sink_.spend(bytes.size()));
    if (!gaps_ || gap_count_ >= most_gaps) return {};
    if (!open_) {
      artifact::Entry entry;
      entry.name = fmt::format("{}@0x{:x}", what_, at_);
      entry.origin = artifact::Origin::hidden;
      open_ = true;
      ++gap_count_;
      CHECK_OK(sink_.begin_child(entry));
    }
    return sink_.child_bytes(bytes);
  }
  void close() {
    if (open_) sink_.end_child();
    open_ = passed_over_ = false;
  }

  evidence::Sink& sink_;
  std::vector<Piece> pieces_;
  std::string_view what_;
  bool gaps_, open_ = false, passed_over_ = false;
  std::size_t next_ = 0;
  std::uint64_t at_ = 0, gap_count_ = 0;
};

}  // namespace

base::Result<> split_solid(evidence::Sink& sink, std::vector<SolidMember> members, std::string_view what, const std::function<base::Result<>(const stream::Take&)>& decode) {
  std::ranges::stable_sort(members, {}, &SolidMember::offset);
  std::vector<Piece> open;
  for (const auto& m : members) {
    if (m.size) open.push_back({m.offset, m.size, &m.entry});
    else CHECK_OK(sink.child(m.entry, {}));
  }
  for (int turn = 0; turn == 0 || !open.empty(); ++turn) {
    if (turn == most_passes) {
      state_trouble(sink, "limit", fmt::format("{} more members overlap others", open.size()));
      return {};
    }
    std::vector<Piece> now, later;
    std::uint64_t end = 0;
    for (const auto& p : open) {
      CHECK_OK(sink.spend(1));
      if (p.offset < end) later.push_back(p);
      else now.push_back(p), end = p.end();
    }
    if (!later.empty() && turn == 0) state_mismatch(sink, fmt::format("{} members share bytes with others", later.size()), "members overlap", evidence::Confidence::low);
    base::Result<> done;
    {
      Pass pass(sink, std::move(now), what, turn == 0);
      done = decode([&](base::Bytes bytes) { return pass.take(bytes); });
      if (done || (done.error().trouble != base::Trouble::limit && done.error().trouble != base::Trouble::bug)) pass.state_missing();
    }
    if (!done) {
      if (done.error().trouble == base::Trouble::limit || done.error().trouble == base::Trouble::bug) return done;
      if (turn == 0) state_trouble(sink, name_of(done.error().trouble), done.error().what);
    }
    open = std::move(later);
  }
  return {};
}

}  // namespace unpack
