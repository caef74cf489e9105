// See member.h.
#include "unpack/member.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "unpack/fold.h"

namespace unpack {

using evidence::Facet;

void state_trouble(evidence::Sink& sink, std::string_view word, std::string value, base::Range range) {
  evidence::Item item;
  item.facet = Facet::trouble;
  item.word = word;
  item.value = std::move(value);
  item.range = range;
  sink.state(std::move(item));
}

void state_mismatch(evidence::Sink& sink, std::string value, std::string_view why, evidence::Confidence confidence, base::Range range) {
  evidence::Item item;
  item.facet = Facet::concealment;
  item.word = "mismatch";
  item.value = std::move(value);
  item.attributes["why"] = why;
  item.confidence = confidence;
  item.range = range;
  sink.state(std::move(item));
}

bool climbs(std::string_view path, int depth) {
  if (path.find("..") == path.npos) return false;
  while (!path.empty()) {
    const auto slash = path.find_first_of("/\\");
    const auto part = path.substr(0, slash);
    path = slash == path.npos ? std::string_view{} : path.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (--depth < 0) return true;
    } else {
      ++depth;
    }
  }
  return false;
}

void NameWatch::see(const artifact::Entry& entry, base::Range at) {
  using evidence::Confidence;
  if (climbs(entry.name)) state_mismatch(sink_, entry.name, "path escapes the package", Confidence::medium, at);
  const bool link = entry.nature == artifact::Nature::symlink;
  const bool file = entry.nature == artifact::Nature::file;
  if (entry.nature == artifact::Nature::device && entry.name.find("dev/") == std::string::npos) state_mismatch(sink_, entry.name, "a device node outside dev", Confidence::low, at);
  if (!link && !file && outward_links_.empty()) return;
  auto path = artifact::normal_path(entry.name);
  if (!outward_links_.empty())
    for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1))
      if (outward_links_.contains(std::string_view(path).substr(0, slash)))
        state_mismatch(sink_, entry.name, "path goes through a link that leaves the package", Confidence::medium, at);
  if (link) {
    const auto depth = static_cast<int>(std::ranges::count(path, '/'));
    if (entry.link.starts_with('/') || climbs(entry.link, depth)) outward_links_.insert(path);
    return;
  }
  if (!file || !twice_) return;
  const bool folded_new = folded_.insert(folded_name(path)).second;
  if (!files_.insert(std::move(path)).second) state_mismatch(sink_, entry.name, "two members of this name", *twice_, at);
  else if (!folded_new) state_mismatch(sink_, entry.name, "names that differ in case or Unicode form only", Confidence::low, at);
}

bool all_zero(base::Bytes bytes) {
  if (bytes.empty()) return true;
  return bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

base::Result<> hand_on_rest(const evidence::View& view, evidence::Sink& sink, std::uint64_t offset, evidence::Confidence confidence) {
  auto rest = base::slice(view.bytes, offset);
  CHECK_OK(sink.spend(rest.size()));
  const auto zeros = static_cast<std::uint64_t>(std::ranges::find_if(rest, [](std::uint8_t b) { return b != 0; }) - rest.begin());
  if (zeros) sink.label({offset, zeros}, evidence::Label::padding, "zeros after the end");
  rest = rest.subspan(zeros);
  if (rest.empty()) return {};
  const base::Range range{offset + zeros, rest.size()};
  if (std::ranges::all_of(rest, [first = rest[0]](std::uint8_t b) { return b == first; })) {  // erased flash
    sink.label(range, evidence::Label::padding, "one repeated byte after the end");
    return {};
  }
  state_mismatch(sink, fmt::format("{} bytes after the end of the {}", rest.size(), view.kind), rest_label, confidence, range);
  sink.label(range, evidence::Label::handed_on, rest_label);
  artifact::Entry entry;
  entry.name = rest_name;
  entry.origin = artifact::Origin::embedded;
  return sink.child(entry, rest);
}

std::string layer_name(const evidence::View& view) {
  const std::string_view name = view.place.file_name();
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 18> ends = {{{".tgz", ".tar"}, {".tbz2", ".tar"}, {".tbz", ".tar"},
      {".txz", ".tar"}, {".tlz", ".tar"}, {".tzst", ".tar"}, {".crate", ".tar"}, {".svgz", ".svg"}, {".gz", ""}, {".bz2", ""}, {".xz", ""},
      {".lzma", ""}, {".Z", ""}, {".taz", ".tar"}, {".zst", ""}, {".lz4", ""}, {".lz", ""}, {".br", ""}}};
  for (const auto& [end, instead] : ends)
    if (name.size() > end.size() && name.ends_with(end)) return std::string(name.substr(0, name.size() - end.size())).append(instead);
  return {};
}

}  // namespace unpack
