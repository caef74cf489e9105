// The account of a container's bytes: what its reader took, and what it left over. Unpackers of
// file systems and firmware claim ranges here instead of at the sink; close() then proves the rest
// constant or hands it on, so that slack, gaps, deleted files and unused blocks are examined too.
// One ledger serves one read of one artifact; single-threaded.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "evidence/reader.h"

namespace unpack {

/// A piece of a member's content in the order of the content: bytes of the image, or zeros that
/// the image doesn't store.
struct Extent {
  std::uint64_t offset = 0;  ///< in the image; meaningless for a hole
  std::uint64_t size = 0;
  bool hole = false;
};

class Ledger {
 public:
  Ledger(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink) {}

  /// Claims [offset, offset+size), cut to the artifact's end. False if it had to be cut: the input
  /// points outside itself, which the caller states as trouble.
  bool structure(base::Range range, std::string_view why) { return claim(range, evidence::Label::structure, why); }
  bool content(base::Range range, std::string_view why) { return claim(range, evidence::Label::handed_on, why); }
  bool padding(base::Range range, std::string_view why) { return claim(range, evidence::Label::padding, why); }
  bool opaque(base::Range range, std::string_view why) { return claim(range, evidence::Label::opaque, why); }
  bool claim(base::Range range, evidence::Label label, std::string_view why);

  /// Gives a member whose content stands uncompressed in pieces of the image, cut to `size`, and
  /// claims the pieces. A member larger than the budget is stated as a limit and passed over (its
  /// bytes stay unclaimed, so that close() still hands them on); pieces outside the image are
  /// stated as truncated. An error ends the reader.
  base::Result<> give(const artifact::Entry& entry, std::span<const Extent> extents, std::uint64_t size);

  /// Deals with all bytes of [from, end) that nobody claimed: constant runs become padding (`what`
  /// says of what), the rest hidden children named `<what>@0x<offset>`, pieces below 16 bytes and
  /// those beyond 4,096 pieces stay scanned. Claims made later don't count. Call it once.
  base::Result<> close(std::uint64_t from, std::uint64_t end, std::string_view what);
  /// The whole artifact.
  base::Result<> close(std::string_view what) { return close(0, view_.bytes.size(), what); }

 private:
  base::Result<> leftover(base::Range range, std::string_view what);
  base::Result<> hand_on(base::Range range, std::string_view what);

  const evidence::View& view_;
  evidence::Sink& sink_;
  std::vector<base::Range> claimed_;
  std::uint64_t pieces_ = 0;
};

}  // namespace unpack
