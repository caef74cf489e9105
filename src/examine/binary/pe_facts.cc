// What PE images and COFF objects say of themselves.
// https://learn.microsoft.com/windows/win32/debug/pe-format
#include <algorithm>

#include "examine/binary/part.h"
#include "parse/pe/coff.h"
#include "parse/pe/pe.h"

namespace examine::binary_part {

using base::Range;
using evidence::Facet;
using evidence::Label;
using parse::pe::Image;

namespace {

void state_identity(const Image& image, evidence::Sink& sink) {
  sink.state(fact(Facet::property, "architecture", image.machine_name()));
  sink.state(fact(Facet::property, "format", fmt::format("PE{} {} ({})", image.wide ? "32+" : "32", image.dll() ? "library" : "program", image.subsystem_name())));
  if (image.dotnet) {
    sink.state(fact(Facet::property, "build", fmt::format(".NET {}", image.dotnet->version)));
    for (const auto s : image.dotnet->streams)
      if (!s.starts_with("#")) sink.state(fact(Facet::property, "format", fmt::format("anomaly: .NET stream {}", s)));
  }
  for (const auto& d : image.debug)
    if (!d.pdb.empty()) {
      auto item = fact(Facet::property, "build", "program database");
      item.attributes["path"] = d.pdb;
      sink.state(std::move(item));
    }
  for (const auto& odd : image.anomalies) sink.state(fact(Facet::property, "format", "anomaly: " + odd));
}

void state_protection(const Image& image, evidence::Sink& sink) {
  const auto say = [&](std::string_view value, Range range = {}) { sink.state(fact(Facet::hardening, "", value, range)); };
  const auto flags = image.dll_characteristics;
  say(flags & 0x40 ? "aslr=yes" : "aslr=no");
  say(flags & 0x100 ? "nx=yes" : "nx=no");
  say(flags & 0x4000 ? "cfg=yes" : "cfg=no");
  if (!image.dotnet) say(image.security_cookie ? "canary=yes" : "canary=no");
  say(image.certificates.size ? "signature=present" : "signature=none", image.certificates);
  for (const auto& s : image.sections)
    if (s.writable() && s.executable()) say("wx=segment", s.range);
}

constexpr std::pair<std::string_view, std::string_view> packer_sections[] = {
    {"UPX0", "UPX"}, {"UPX1", "UPX"}, {".aspack", "ASPack"}, {".adata", "ASPack"}, {"MPRESS1", "MPRESS"}, {"MPRESS2", "MPRESS"}, {".themida", "Themida"}, {".vmp0", "VMProtect"},
    {".vmp1", "VMProtect"}, {".enigma1", "Enigma"}, {".petite", "Petite"}, {".nsp0", "NsPack"}, {"PEC2", "PECompact"}, {".yP", "Y0da"}, {".MPRESS1", "MPRESS"}};

}  // namespace

base::Result<Program> examine_pe(const evidence::View& view, evidence::Sink& sink) {
  const auto& parsed = view.parsed<base::Result<Image>>([&] { return parse::pe::read(view.bytes); });
  if (!parsed) return std::unexpected(parsed.error());
  const auto& image = *parsed;
  CHECK_OK(sink.spend((image.imports.size() + image.exports.size() + image.resources.size()) * 64));
  for (const auto& p : image.parts) claim(view, sink, p.range, Label::structure, p.what);
  state_identity(image, sink);
  state_protection(image, sink);
  Program out;
  out.shared = image.dll();
  out.extent = image.extent;
  out.after_extent_known = image.certificates;
  for (const auto& s : image.sections) {
    auto item = fact(Facet::section, "", s.name, s.range);
    item.excerpt = s.name;
    item.attributes["rights"] = fmt::format("{}{}{}", s.readable() ? "r" : "-", s.writable() ? "w" : "-", s.executable() ? "x" : "-");
    sink.state(std::move(item));
    for (const auto& [name, packer] : packer_sections)
      if (s.name == name) sink.state(fact(Facet::concealment, "packed", packer, s.range, evidence::Confidence::medium));
    (s.executable() ? out.code : out.data).push_back(s.range);
  }
  std::vector<std::string> libraries;
  for (const auto& i : image.imports) {
    const auto whole = i.qualified();
    const auto dot = whole.find('.', whole.size() - (i.name.empty() ? fmt::format("#{}", i.ordinal).size() : i.name.size()) - 1);
    libraries.emplace_back(i.library);
    out.imports.push_back({whole.substr(dot + 1), whole.substr(0, dot)});
  }
  std::ranges::sort(libraries);
  libraries.erase(std::unique(libraries.begin(), libraries.end()), libraries.end());
  for (const auto& l : libraries) sink.state(fact(Facet::reference, "needs", l));
  for (const auto& e : image.exports) out.exports.push_back(e.name.empty() ? fmt::format("#{}", e.ordinal) : std::string(e.name));
  for (std::size_t i = 0; i < image.tls_callbacks.size() && i < 64; ++i) {
    const auto address = image.tls_callbacks[i];
    auto item = fact(Facet::property, "constructor", fmt::format("{:#x}", address));
    item.attributes["kind"] = "tls-callback";
    sink.state(std::move(item));
  }
  std::size_t given = 0;
  for (const auto& r : image.resources) {
    if (r.type == "MANIFEST" || r.type == "VERSION") continue;
    const auto bytes = base::slice(view.bytes, r.range.offset, r.range.size);
    if (r.type != "RCDATA" && !base::starts_with(bytes, "MZ") && !base::starts_with(bytes, "PK\x03\x04")) continue;
    if (++given > 1000) return base::fail(base::Trouble::limit, "more than 1000 resources with content");
    artifact::Entry entry;
    entry.name = fmt::format("resource/{}/{}/{}", r.type, r.name, r.language);
    entry.origin = artifact::Origin::embedded;
    claim(view, sink, r.range, Label::handed_on, "resource");
    CHECK_OK(sink.child(entry, bytes));
  }
  return out;
}

base::Result<Program> examine_coff(const evidence::View& view, evidence::Sink& sink) {
  const auto object = TRY(parse::pe::read_object(view.bytes));
  for (const auto& p : object.parts) claim(view, sink, p, Label::structure, "COFF tables");
  sink.state(fact(Facet::property, "architecture", parse::pe::machine_name(object.machine)));
  sink.state(fact(Facet::property, "format", "COFF object file"));
  Program out;
  out.linked = false;
  out.extent = object.extent;
  for (const auto& s : object.sections) {
    auto item = fact(Facet::section, "", s.name, s.range);
    item.excerpt = s.name;
    sink.state(std::move(item));
    if (s.name.starts_with(".debug")) continue;
    (s.executable() ? out.code : out.data).push_back(s.range);
  }
  for (const auto& s : object.symbols) {
    auto name = s.name;
    if (name.starts_with("__imp_")) name.remove_prefix(6);
    if (object.machine == 0x14c && name.starts_with("_")) name.remove_prefix(1);  // cdecl on i386
    if (s.imported()) out.imports.push_back({std::string(name), {}});
    else if (s.exported() && s.function()) out.exports.push_back(std::string(name));
  }
  return out;
}

}  // namespace examine::binary_part
