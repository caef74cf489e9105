// What unpackers left of a container, joined into one text for examiners that look for patterns in
// any bytes: what a member holds is examined there, once, and not a second time in its container.
#pragma once

#include "evidence/reader.h"
#include "evidence/sink.h"

namespace vet {

/// The remaining parts of `whole`, with a few zero bytes between them. Lives no longer than `whole`.
class Remainder {
 public:
  explicit Remainder(const evidence::View& whole);
  const evidence::View& view() const { return view_; }

  struct Part {
    std::uint64_t joined = 0;  ///< where it stands in view().bytes
    base::Range range;         ///< where it stands in the artifact
  };
  const std::vector<Part>& parts() const { return parts_; }

 private:
  base::Buffer bytes_;
  std::vector<Part> parts_;
  evidence::View view_;
};

/// Passes on what is said of a remainder, with ranges of the artifact. An item's range that spans
/// parts is cut to the first; a label's is divided. Children are not for examiners of remainders,
/// but pass unchanged.
class RemainderSink final : public evidence::Sink {
 public:
  RemainderSink(const Remainder& remainder, evidence::Sink& to) : remainder_(remainder), to_(to) {}
  void state(evidence::Item item) override;
  void label(base::Range range, evidence::Label label, std::string_view why) override;
  base::Result<> begin_child(const artifact::Entry& entry) override { return to_.begin_child(entry); }
  base::Result<> child_bytes(base::Bytes bytes) override { return to_.child_bytes(bytes); }
  void end_child() override { to_.end_child(); }
  std::uint64_t room() const override { return to_.room(); }
  base::Result<> spend(std::uint64_t steps) override { return to_.spend(steps); }

 private:
  const Remainder& remainder_;
  evidence::Sink& to_;
};

}  // namespace vet
