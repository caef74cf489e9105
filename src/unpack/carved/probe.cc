#include "unpack/carved/probe.h"

#include <algorithm>

#include "parse/elf/elf.h"
#include "parse/pe/pe.h"
#include "unpack/member.h"
#include "unpack/registry.h"

namespace unpack::carved_parts {
namespace {

// Keeps nothing but how far the reader came.
class Probe final : public evidence::Sink {
 public:
  explicit Probe(evidence::Sink& to) : to_(to), room_(to.room()) {}

  void state(evidence::Item) override {}
  void label(base::Range range, evidence::Label label, std::string_view why) override {
    if (why == rest_label || label == evidence::Label::opaque || label == evidence::Label::scanned) return;
    if (label == evidence::Label::padding) padded_ = std::max(padded_, range.end());
    else end = std::max(end, range.end());
  }
  base::Result<> begin_child(const artifact::Entry& entry) override {
    // Gaps that a ledger hands on, and what follows the end, are not what the form promised.
    in_member_ = entry.origin != artifact::Origin::hidden && entry.name != rest_name;
    return {};
  }
  base::Result<> child_bytes(base::Bytes bytes) override {
    if (bytes.size() > room_) return base::fail(base::Trouble::limit, "more than may be unpacked");
    room_ -= bytes.size();
    if (in_member_) given += bytes.size();
    return to_.spend(bytes.size() / 16);
  }
  void end_child() override { in_member_ = false; }
  std::uint64_t room() const override { return room_; }
  base::Result<> spend(std::uint64_t steps) override { return to_.spend(steps); }

  std::uint64_t end = 0;    ///< of the last byte that the form accounts for
  std::uint64_t given = 0;  ///< bytes of members

 private:
  evidence::Sink& to_;
  std::uint64_t room_, padded_ = 0;
  bool in_member_ = false;
};

std::optional<std::uint64_t> program_extent(const identify::Identity& what, base::Bytes bytes) {
  const auto& kind = what.kind;
  if (what.strength < 64) return std::nullopt;  // a damaged header proves no program
  if (kind == "elf") {
    const auto file = parse::elf::read(bytes);
    if (file && (!file->segments.empty() || !file->sections.empty()) && file->anomalies.empty()) return file->extent;
  } else if (kind == "pe") {
    const auto image = parse::pe::read(bytes);
    if (image && image->extent > 512) return image->extent;
  }
  return std::nullopt;
}

}  // namespace

base::Result<std::optional<std::uint64_t>> extent_of(const identify::Identity& what, base::Bytes bytes, evidence::Sink& sink) {
  if (what.kind == "elf" || what.kind == "pe") return program_extent(what, bytes);  // its overlay is not part of it
  for (const auto* reader : registry()) {
    const auto& kinds = reader->card().kinds;
    if (std::ranges::find(kinds, what.kind) == kinds.end()) continue;
    evidence::View view;
    view.bytes = bytes;
    view.kind = what.kind;
    view.remaining = evidence::remaining({}, bytes.size());
    view.place.links.push_back({"carved", what.kind, artifact::Origin::embedded});
    Probe probe(sink);
    const auto read = reader->read(view, probe);
    if (auto counted = sink.spend(1); !counted) return std::unexpected(counted.error());
    if ((read || probe.given >= 64) && probe.end > 0 && probe.given > 0) return std::optional(probe.end);
  }
  return std::optional<std::uint64_t>();
}

}  // namespace unpack::carved_parts
