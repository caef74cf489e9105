// What Mach-O files say of themselves; the slices of a fat file are handed on.
// https://github.com/apple-oss-distributions/xnu (EXTERNAL_HEADERS/mach-o/loader.h)
#include <algorithm>

#include "examine/binary/part.h"
#include "parse/macho/macho.h"

namespace examine::binary_part {

using evidence::Facet;
using evidence::Label;
using parse::macho::Image;

namespace {

std::string_view plain(std::string_view name) {
  if (name.starts_with('_')) name.remove_prefix(1);
  return name;
}

void state_rights(const Image& image, evidence::Sink& sink) {
  static constexpr std::string_view open = "<key>", close = "</key>";
  const auto text = image.entitlements;
  int count = 0;
  for (auto at = text.find(open); at != std::string_view::npos && count < 200; at = text.find(open, at + 1), ++count) {
    const auto end = text.find(close, at);
    if (end == std::string_view::npos) return;
    const auto name = text.substr(at + open.size(), end - at - open.size());
    auto item = fact(Facet::permission, "", name.substr(0, 200));
    const auto value = text.substr(end + close.size(), 40);
    item.attributes["value"] = value.find("<true/>") != std::string_view::npos && value.find("<true/>") < 20 ? "true" : "other";
    sink.state(std::move(item));
  }
}

}  // namespace

base::Result<Program> examine_macho(const evidence::View& view, evidence::Sink& sink) {
  const auto& parsed = view.parsed<base::Result<Image>>([&] { return parse::macho::read(view.bytes); });
  if (!parsed) return std::unexpected(parsed.error());
  const auto& image = *parsed;
  CHECK_OK(sink.spend(image.symbols.size() * 8));
  for (const auto& p : image.parts) claim(view, sink, p, Label::structure, "Mach-O tables");
  sink.state(fact(Facet::property, "architecture", image.machine_name()));
  auto format = fact(Facet::property, "format", fmt::format("Mach-O {}-bit {}", image.wide ? 64 : 32, image.type_name()));
  if (!image.uuid.empty()) format.attributes["uuid"] = image.uuid;
  sink.state(std::move(format));
  for (const auto& odd : image.anomalies) sink.state(fact(Facet::property, "format", "anomaly: " + odd));
  for (const auto l : image.libraries) sink.state(fact(Facet::reference, "needs", l));
  for (const auto p : image.run_paths) sink.state(fact(Facet::hardening, "", fmt::format("rpath={}", p)));
  const auto say = [&](std::string_view value) { sink.state(fact(Facet::hardening, "", value)); };
  if (image.type == 2) {
    say(image.flags & 0x200000 ? "pie=yes" : "pie=no");
    say(image.flags & 0x20000 ? "nx=no" : "nx=yes");
    say(image.signature.size ? "signature=present" : "signature=none");
  }
  state_rights(image, sink);
  Program out;
  out.linked = image.type != 1;
  out.shared = image.type == 6 || image.type == 8;
  out.extent = image.extent;
  for (const auto& s : image.segments)
    if ((s.rights & 6) == 6 && out.linked) sink.state(fact(Facet::hardening, "", "wx=segment", s.range));
  for (const auto& s : image.sections) {
    auto item = fact(Facet::section, "", fmt::format("{},{}", s.segment, s.name), s.range);
    item.excerpt = item.value;
    sink.state(std::move(item));
    if (s.segment == "__DWARF") continue;
    (s.code() ? out.code : out.data).push_back(s.range);
  }
  for (std::size_t i = 0; i < image.initialisers.size() && i < 64; ++i) {
    auto item = fact(Facet::property, "constructor", fmt::format("{:#x}", image.initialisers[i]));
    item.attributes["kind"] = "mod_init";
    sink.state(std::move(item));
  }
  if (image.encrypted) {
    sink.state(fact(Facet::concealment, "packed", "encrypted segment", image.encrypted_range, evidence::Confidence::medium));
    claim(view, sink, image.encrypted_range, Label::opaque, "encrypted");
  }
  bool canary = false;
  for (const auto& s : image.symbols) {
    canary |= s.name == "___stack_chk_fail";
    if (s.imported()) out.imports.push_back({std::string(plain(s.name)), std::string(image.library_of(s))});
    else if (s.exported()) out.exports.push_back(std::string(plain(s.name)));
    if (!s.debug() && (s.type & 0x0e) == 0x0e && out.own_functions.size() < 200000) out.own_functions.push_back(std::string(plain(s.name)));
  }
  if (out.linked && !image.symbols.empty()) say(canary ? "canary=yes" : "canary=no");
  return out;
}

base::Result<> examine_fat(const evidence::View& view, evidence::Sink& sink) {
  const auto fat = TRY(parse::macho::read_fat(view.bytes));
  claim(view, sink, fat.header, Label::structure, "fat header");
  sink.state(fact(Facet::property, "format", fmt::format("Mach-O for {} architectures", fat.slices.size())));
  for (const auto& odd : fat.anomalies) sink.state(fact(Facet::property, "format", "anomaly: " + odd));
  std::uint64_t at = fat.header.end();
  auto slices = fat.slices;
  std::ranges::sort(slices, {}, [](const parse::macho::Slice& s) { return s.range.offset; });
  for (const auto& s : slices) {
    if (s.range.offset > at) {
      const auto gap = base::slice(view.bytes, at, s.range.offset - at);
      if (std::ranges::all_of(gap, [](std::uint8_t b) { return b == 0; })) claim(view, sink, {at, gap.size()}, Label::padding, "alignment");
    }
    at = std::max(at, s.range.end());
    artifact::Entry entry;
    entry.name = parse::macho::machine_name(s.cpu);
    entry.origin = artifact::Origin::embedded;
    claim(view, sink, s.range, Label::handed_on, "architecture slice");
    CHECK_OK(sink.child(entry, base::slice(view.bytes, s.range.offset, s.range.size)));
  }
  if (at < view.bytes.size()) sink.state(fact(Facet::property, "format", fmt::format("overlay {} bytes", view.bytes.size() - at), {at, view.bytes.size() - at}));
  return {};
}

}  // namespace examine::binary_part
