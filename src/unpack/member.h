// What all unpackers say in the same words: troubles that don't end the reading, names that lead
// out of the package, bytes after the end.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

#include "evidence/reader.h"

namespace unpack {

/// States trouble:<word> for a part, when the rest can still be read.
void state_trouble(evidence::Sink& sink, std::string_view word, std::string value, base::Range range = {});
/// States concealment:mismatch with attribute why.
void state_mismatch(evidence::Sink& sink, std::string value, std::string_view why, evidence::Confidence confidence, base::Range range = {});

/// Watches the names of one container's members. Not for use across containers.
class NameWatch {
 public:
  /// `twice`: how telling it is that a name is used again; nothing where it is ordinary.
  explicit NameWatch(evidence::Sink& sink, std::optional<evidence::Confidence> twice = evidence::Confidence::low) : sink_(sink), twice_(twice) {}
  /// States what is wrong with a name: it climbs out of the package, goes through a link that does,
  /// was used before by another file, or by one whose name differs in case or Unicode form only; and
  /// device nodes outside a folder "dev". `at` is where the container says it.
  void see(const artifact::Entry& entry, base::Range at);

 private:
  evidence::Sink& sink_;
  std::optional<evidence::Confidence> twice_;
  std::unordered_set<std::string> files_;
  std::unordered_set<std::string> folded_;
  std::set<std::string, std::less<>> outward_links_;
};

/// True if following `path` from a folder of this depth climbs above the root.
bool climbs(std::string_view path, int depth = 0);

/// Deals with what stands behind the end of a format: nothing, zeros or one repeated byte
/// (padding), or other bytes, which are handed on as an embedded child and stated.
base::Result<> hand_on_rest(const evidence::View& view, evidence::Sink& sink, std::uint64_t offset, evidence::Confidence confidence);
/// The name of that child, and the label's reason.
inline constexpr std::string_view rest_name = "after-the-end", rest_label = "bytes after the end";
bool all_zero(base::Bytes bytes);

/// The name of a compressed file's content: ".gz" and the like removed, ".tgz" made ".tar".
std::string layer_name(const evidence::View& view);

/// Gives one child whose bytes come in pieces; closes it on every way out.
class Child {
 public:
  Child(evidence::Sink& sink, const artifact::Entry& entry) : sink_(sink), begun_(sink.begin_child(entry)) {}
  ~Child() {
    if (begun_) sink_.end_child();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  const base::Result<>& begun() const { return begun_; }
  base::Result<> give(base::Bytes bytes) {
    CHECK_OK(sink_.spend(bytes.size() + 1));
    return sink_.child_bytes(bytes);
  }

 private:
  evidence::Sink& sink_;
  base::Result<> begun_;
};

}  // namespace unpack
