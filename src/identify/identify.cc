// Asks every recogniser and takes the surest answer; then compares with the name and with the
// second-surest. What it does not do: it never lets a name overrule a structured content, and it
// does not judge why a name lies.
#include "identify/identify.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "identify/look.h"
#include "identify/registry.h"

namespace identify {
namespace {

struct Answer {
  Identity identity;
  std::string_view by;  ///< the recogniser's name, which is the family
};

std::vector<Answer> ask_all(const Sample& sample) {
  std::vector<Answer> out;
  for (const auto* recogniser : registry())
    if (auto found = recogniser->recognise(sample)) out.push_back({std::move(*found), recogniser->card().name});
  std::ranges::stable_sort(out, [](const Answer& a, const Answer& b) { return a.identity.strength > b.identity.strength; });
  return out;
}

Identity nothing(const Sample& sample) {
  return sample.bytes.empty() ? Identity{"empty", "no bytes", 64} : Identity{"unknown", "bytes of no known form", 0};
}

bool is_program(std::string_view kind) { return one_of(kind, {"elf", "appimage", "pe", "macho", "macho-fat", "dex", "class", "pyc", "wasm"}); }
bool is_archive(std::string_view by, std::string_view kind) { return by == "archive" || (by == "zip" && !one_of(kind, {"ooxml", "odf", "epub"})); }

// What the extension promises: the name of the family, "media", or "" for no promise. Names of
// data (dat, bin, db, so, a, 1...) promise nothing, since ordinary packages use them for all sorts.
std::string_view promise(std::string_view ext) {
  if (one_of(ext, {"mp3", "mp4", "m4a", "ogg", "oga", "ogv", "wav", "flac", "avi", "mkv", "webm", "mov", "tif", "tiff", "psd", "heic", "avif"})) return "media";
  if (one_of(ext, {"rtf", "ps", "djvu"})) return "document";
  if (one_of(ext, {"svgz"})) return "compressed";
  for (const auto* recogniser : registry())
    for (const auto e : recogniser->card().extensions)
      if (e == ext) return recogniser->card().name;
  return {};
}

/// How much a name that promises `family` lies about this content; nothing when it is fine.
std::optional<evidence::Confidence> lie(std::string_view family, std::string_view ext, const Answer& what) {
  using enum evidence::Confidence;
  const auto& kind = what.identity.kind;
  if (family.empty() || family == what.by) return std::nullopt;
  const bool program = is_program(kind), script = what.by == "script" && what.identity.strength >= 28, archive = is_archive(what.by, kind);
  const bool picture = family == "image" || family == "media", quiet = family == "document" || family == "key_material";
  if (picture || quiet) {
    if (program || script) return high;
    if (archive) return picture || ext == "pdf" || ext.starts_with("woff") || ext == "ttf" ? high : low;
    return std::nullopt;  // a .gif that is a PNG-less text, a .ttf of an unknown form: nothing to run
  }
  if (family == "text") {
    if (program) return high;
    if (archive) return medium;
    if (what.by == "compressed" || script) return low;
    return std::nullopt;
  }
  if (family == "script") return program ? std::optional(medium) : what.by == "image" || archive ? std::optional(low) : std::nullopt;
  if (family == "executable") return what.by == "image" || what.by == "document" ? std::optional(medium) : std::nullopt;
  if (family == "compressed") return program || script ? std::optional(medium) : what.by == "text" ? std::optional(low) : std::nullopt;
  if (family == "archive" || family == "zip") {
    if (program && kind != "appimage") return medium;
    return what.by == "image" || script ? std::optional(low) : std::nullopt;
  }
  return std::nullopt;
}

void state_lie(const Sample& sample, const Answer& best, evidence::Sink& sink) {
  const auto ext = extension(sample.name);
  if (ext.empty()) return;
  const auto confidence = lie(promise(ext), ext, best);
  if (!confidence) return;
  evidence::Item item;
  item.facet = evidence::Facet::concealment;
  item.word = "masquerade";
  item.value = fmt::format("name says {}, content is {}", ext, best.identity.kind);
  item.attributes = {{"name", ext}, {"content", best.identity.kind}};
  item.confidence = *confidence;
  item.range = {0, std::min<std::uint64_t>(sample.bytes.size(), 16)};
  sink.state(std::move(item));
}

// Two structured kinds at once. A program with an archive behind it is how installers are made, so
// it is stated with low confidence; a picture or document that is also a program or archive is not.
// Containers are passed over: their last member may well be a zip, a fixed disk image begins with its
// partition table, a kernel is a PE too; their unpackers look at every byte and state what stands
// behind the end.
void state_second(const Sample& sample, const std::vector<Answer>& answers, evidence::Sink& sink) {
  const auto& best = answers.front();
  if (!one_of(best.by, {"executable", "coff", "image", "document", "script", "text", "key_material"})) return;
  for (const auto& other : answers) {
    if (other.by == best.by || other.identity.kind == best.identity.kind || other.identity.strength < 32 || best.identity.strength < 28) continue;
    const bool installer = is_program(best.identity.kind) || best.by == "script";
    const bool harmless = best.by == "document" && other.by == "compressed";
    evidence::Item item;
    item.facet = evidence::Facet::concealment;
    item.word = "mismatch";
    item.value = fmt::format("content is {} and {} at once", best.identity.kind, other.identity.kind);
    item.attributes = {{"also", other.identity.kind}, {"content", best.identity.kind}, {"why", "two kinds at once"}};
    item.confidence = installer || harmless ? evidence::Confidence::low
                      : best.by == "image" || other.by == "image" || best.by == "document" ? evidence::Confidence::high
                                                                                             : evidence::Confidence::medium;
    item.range = {0, std::min<std::uint64_t>(sample.bytes.size(), 16)};
    sink.state(std::move(item));
  }
}

}  // namespace

Identity identify(const Sample& sample) {
  auto answers = ask_all(sample);
  return answers.empty() ? nothing(sample) : std::move(answers.front().identity);
}

Identity identify(const Sample& sample, evidence::Sink& sink) {
  auto answers = ask_all(sample);
  auto out = answers.empty() ? nothing(sample) : answers.front().identity;
  evidence::Item item;
  item.facet = evidence::Facet::property;
  item.word = "format";
  item.value = out.detail;
  item.attributes = {{"kind", out.kind}};
  sink.state(std::move(item));
  if (!answers.empty()) {
    state_lie(sample, answers.front(), sink);
    state_second(sample, answers, sink);
  }
  return out;
}

}  // namespace identify
