// What an ELF file says of itself. https://gabi.xinuos.com/
#include <algorithm>
#include <set>

#include "examine/binary/part.h"
#include "parse/elf/elf.h"

namespace examine::binary_part {

using base::Range;
using evidence::Confidence;
using evidence::Facet;
using evidence::Label;
using parse::elf::File;

namespace {

constexpr std::size_t most_constructors = 64;

void state_identity(const File& file, evidence::Sink& sink) {
  sink.state(fact(Facet::property, "architecture", file.machine_name()));
  auto format = fact(Facet::property, "format", fmt::format("ELF {}-bit {} {}", file.wide ? 64 : 32, file.endian == std::endian::big ? "big-endian" : "little-endian", file.type_name()));
  if (!file.soname.empty()) format.attributes["soname"] = file.soname;
  if (!file.build_id.empty()) format.attributes["build-id"] = file.build_id;
  sink.state(std::move(format));
  if (!file.interpreter.empty()) sink.state(fact(Facet::property, "interpreter", file.interpreter));
  for (const auto& n : file.needed) sink.state(fact(Facet::reference, "needs", n));
  if (!file.go_version.empty()) {
    auto go = fact(Facet::property, "build", fmt::format("Go {}", file.go_version));
    const auto module = file.go_module;
    if (const auto at = module.find("path\t"); at != std::string_view::npos) go.attributes["path"] = module.substr(at + 5, std::min<std::size_t>(module.find('\n', at) - at - 5, 200));
    sink.state(std::move(go));
  }
  std::set<std::string_view> compilers;
  for (auto rest = file.comment; !rest.empty() && compilers.size() < 16;) {
    const auto end = rest.find('\0');
    if (const auto one = rest.substr(0, end); !one.empty()) compilers.insert(one);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  for (const auto c : compilers) sink.state(fact(Facet::property, "build", c));
  const bool module = file.relocatable() && file.section_named(".modinfo");
  if (module) sink.state(fact(Facet::property, "format", "kernel module"));
  for (const auto& odd : file.anomalies) sink.state(fact(Facet::property, "format", "anomaly: " + odd));
}

/// Paths that only the program's own package or the system can fill.
bool ordinary_path(std::string_view path) {
  for (const std::string_view start : {"$ORIGIN", "${ORIGIN}", "/lib", "/usr/lib", "/usr/local/lib", "/opt/", "/snap/", "/nix/store/", "/gnu/store/"})
    if (path.starts_with(start)) return true;
  return false;
}

void state_paths(std::string_view paths, std::string_view what, evidence::Sink& sink) {
  for (int i = 0; i < 64 && !paths.empty(); ++i) {
    const auto end = paths.find(':');
    const auto path = paths.substr(0, end);
    auto item = fact(Facet::hardening, "", fmt::format("{}={}", what, path));
    if (!ordinary_path(path)) item.attributes["outside"] = "yes";
    if (path.empty() || path[0] != '/' || path.starts_with("/tmp") || path.starts_with("/var/tmp") || path.starts_with("/home"))
      if (!path.starts_with("$")) item.attributes["writable-by-others"] = "likely";
    sink.state(std::move(item));
    if (end == std::string_view::npos) break;
    paths.remove_prefix(end + 1);
  }
}

void state_protection(const File& file, evidence::Sink& sink) {
  const auto say = [&](std::string value) { sink.state(fact(Facet::hardening, "", std::move(value))); };
  bool relro = false, stack = false, stack_executable = false;
  for (const auto& s : file.segments) {
    relro |= s.type == parse::elf::pt_gnu_relro;
    if (s.type == parse::elf::pt_gnu_stack) {
      stack = true;
      stack_executable = s.executable();
    }
    if (s.type == parse::elf::pt_load && s.writable() && s.executable()) sink.state(fact(Facet::hardening, "", "wx=segment", s.range));
  }
  if (file.segments.empty()) return;
  const bool now = (file.dynamic_flags & 8) || (file.dynamic_flags_1 & 1) || file.dynamic_value(24).has_value();
  say(!relro ? "relro=none" : now ? "relro=full" : "relro=partial");
  say(stack && !stack_executable ? "nx=yes" : "nx=no");
  if (file.type == 2) say("pie=no");
  else if (!file.interpreter.empty() || (file.dynamic_flags_1 & 0x08000000)) say("pie=yes");
  bool canary = false, fortified = false, fortifiable = false, any = false;
  static const std::set<std::string_view> with_checks = {"memcpy", "memmove", "strcpy", "strcat", "strncpy", "sprintf", "snprintf", "printf", "fprintf", "vsnprintf", "read", "recv", "gets", "fgets"};
  for (const auto* table : {&file.dynamic_symbols, &file.symbols})
    for (const auto& s : *table) {
      any |= !s.name.empty();
      canary |= s.name == "__stack_chk_fail" || s.name == "__stack_chk_guard" || s.name == "__stack_chk_fail_local";
      fortified |= s.imported() && s.name.starts_with("__") && s.name.ends_with("_chk");
      fortifiable |= s.imported() && with_checks.contains(s.name);
    }
  if (any && file.go_version.empty()) say(canary ? "canary=yes" : "canary=no");
  if (fortified) say("fortify=yes");
  else if (fortifiable) say("fortify=no");
  if (file.machine == 62 || file.machine == 3) {
    const auto bits = file.x86_features.value_or(0);
    say(bits & 1 && bits & 2 ? "cet=full" : bits ? "cet=partial" : "cet=no");
  }
  if (file.machine == 183) say(file.arm_features.value_or(0) & 1 ? "bti=yes" : "bti=no");
  state_paths(file.rpath, "rpath", sink);
  state_paths(file.runpath, "runpath", sink);
}

void state_early_code(const File& file, evidence::Sink& sink) {
  std::size_t stated = 0;
  const auto say = [&](std::string_view kind, std::uint64_t address, std::string_view name) {
    if (++stated > most_constructors) return;
    std::string known(name);
    if (known.empty())
      if (const auto* s = file.symbol_at(address)) known = s->name;
    auto item = fact(Facet::property, "constructor", known.empty() ? fmt::format("{:#x}", address) : known);
    if (const auto offset = file.offset_of(address)) item.range = {*offset, std::min<std::uint64_t>(16, file.size - *offset)};
    item.attributes["address"] = fmt::format("{:#x}", address);
    item.attributes["kind"] = kind;
    sink.state(std::move(item));
  };
  for (const auto a : file.init_array) say("init_array", a, {});
  stated = 0;  // a file may have hundreds of resolvers; they don't crowd out constructors
  for (const auto* table : {&file.dynamic_symbols, &file.symbols})
    for (const auto& s : *table)
      if (s.ifunc() && s.section != 0) say("ifunc", s.value, s.name);
  const auto irelative = [&](std::uint32_t type) {
    switch (file.machine) {
      case 62: return type == 37;
      case 3: return type == 42;
      case 183: return type == 1032;
      case 40: return type == 160;
      case 21: return type == 248;
      case 22: return type == 61;
      case 243: return type == 58;
      default: return false;
    }
  };
  for (const auto& r : file.relocations)
    if (irelative(r.type) && stated < most_constructors) say("ifunc", static_cast<std::uint64_t>(r.addend), {});
}

/// Zero bytes between what the headers name are the linker's alignment.
// Bytes that no header accounts for: constant ones are padding, others are examined as what they are.
base::Result<> label_gap(const evidence::View& view, Range gap, int& given, evidence::Sink& sink) {
  constexpr std::uint64_t least = 16;
  constexpr int most = 16;
  const auto bytes = base::slice(view.bytes, gap.offset, gap.size);
  if (bytes.empty()) return {};
  CHECK_OK(sink.spend(bytes.size()));
  if (std::ranges::all_of(bytes, [&](std::uint8_t b) { return b == bytes[0]; })) {
    claim(view, sink, gap, Label::padding, "constant bytes between sections");
  } else if (bytes.size() >= least && given < most) {
    ++given;
    claim(view, sink, gap, Label::handed_on, "bytes between sections");
    artifact::Entry entry;
    entry.name = fmt::format("gap@0x{:x}", gap.offset);
    entry.origin = artifact::Origin::embedded;
    return sink.child(entry, bytes);
  }
  return {};
}

base::Result<> label_gaps(const evidence::View& view, const File& file, evidence::Sink& sink) {
  std::vector<Range> used = {{0, file.wide ? 64u : 52u}};
  for (const auto& p : file.parts) used.push_back(p.range);
  for (const auto& s : file.sections) used.push_back(s.range);
  if (file.sections.empty())
    for (const auto& s : file.segments) used.push_back(s.range);
  std::ranges::sort(used);
  std::uint64_t at = 0;
  int given = 0;
  for (const auto& r : used) {
    if (r.offset > at) CHECK_OK(label_gap(view, {at, r.offset - at}, given, sink));
    at = std::max(at, r.end());
  }
  return {};
}

void fill_ranges(const File& file, Program& out) {
  if (file.segments.empty()) {
    for (const auto& s : file.sections)
      if (s.allocated()) (s.executable() ? out.code : out.data).push_back(s.range);
    return;
  }
  const bool sections = std::ranges::any_of(file.sections, [](const auto& s) { return s.allocated() && s.range.size; });
  for (const auto& s : file.sections)
    if (s.allocated() && !s.executable() && s.range.size && s.type == parse::elf::sht_progbits && s.name != ".eh_frame") out.data.push_back(s.range);
  for (const auto& s : file.segments) {
    if (s.type != parse::elf::pt_load) continue;
    // Old linkers put constants into the executable segment; section headers tell them apart.
    if (s.executable()) out.code.push_back(s.range);
    if (!sections) out.data.push_back(s.range);
  }
  if (sections) {
    std::vector<Range> code;
    for (const auto& s : file.sections)
      if (s.allocated() && s.executable() && s.range.size) code.push_back(s.range);
    if (!code.empty()) out.code = std::move(code);
  }
}

}  // namespace

base::Result<Program> examine_elf(const evidence::View& view, evidence::Sink& sink) {
  const auto& parsed = view.parsed<base::Result<File>>([&] { return parse::elf::read(view.bytes); });
  if (!parsed) return std::unexpected(parsed.error());
  const auto& file = *parsed;
  CHECK_OK(sink.spend((file.dynamic_symbols.size() + file.symbols.size() + file.relocations.size()) * 8));
  for (const auto& p : file.parts) claim(view, sink, p.range, Label::structure, p.what);
  state_identity(file, sink);
  state_protection(file, sink);
  state_early_code(file, sink);
  for (const auto& s : file.sections)
    if (!s.name.empty()) {
      auto item = fact(Facet::section, "", s.name, s.range);
      item.excerpt = s.name;  // not the content
      item.attributes["rights"] = fmt::format("{}{}{}", s.allocated() ? "r" : "-", s.writable() ? "w" : "-", s.executable() ? "x" : "-");
      sink.state(std::move(item));
    }
  CHECK_OK(label_gaps(view, file, sink));
  Program out;
  out.shared = file.type == 3 && file.interpreter.empty();
  out.linked = !file.relocatable();
  out.extent = file.extent;
  if (file.relocatable() && file.section_named(".modinfo")) out.linked = true;  // kernel modules carry signatures behind their end
  const auto& table = file.dynamic_symbols.empty() ? file.symbols : file.dynamic_symbols;
  for (const auto& s : table) {
    if (s.imported()) out.imports.push_back({std::string(s.name), std::string(s.library)});
    else if (s.exported()) out.exports.push_back(std::string(s.name));
  }
  if (file.interpreter.empty() && file.type == 2) out.exports.clear();  // a static program offers nothing
  for (const auto& s : file.symbols)
    if (s.function() && s.section != 0 && out.own_functions.size() < 200000) out.own_functions.push_back(std::string(s.name));
  fill_ranges(file, out);
  // Code that nothing here could ever decode is unread, not "only scanned".
  if (file.machine_name().starts_with("machine "))
    for (const auto& r : out.code) claim(view, sink, r, Label::opaque, fmt::format("unsupported: code of {}", file.machine_name()));
  return out;
}

}  // namespace examine::binary_part
