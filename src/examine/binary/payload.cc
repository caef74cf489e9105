// What stands in a program without belonging to it: bytes behind the end, whole files inside the
// data, packed code. Whole files are handed on, once their own structure proves their size.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/checked.h"
#include "examine/binary/part.h"
#include "parse/elf/elf.h"
#include "parse/pe/pe.h"

namespace examine::binary_part {

using base::Bytes;
using base::Range;
using base::Result;
using evidence::Confidence;
using evidence::Facet;
using evidence::Label;

namespace {

bool all_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

struct Magic {
  std::string_view bytes, kind;
};
constexpr auto magics = std::to_array<Magic>({
    {"\x7f" "ELF", "elf"}, {"MZ", "pe"}, {"PK\x03\x04", "zip"}, {"7z\xbc\xaf\x27\x1c", "7z"}, {"Rar!\x1a\x07", "rar"}, {"hsqs", "squashfs"}, {"\x1f\x8b\x08", "gzip"},
    {"\xfd" "7zXZ", "xz"}, {"BZh", "bzip2"}, {"\x28\xb5\x2f\xfd", "zstd"}, {"MSCF", "cab"}, {"!<arch>\n", "ar"}, {"\xed\xab\xee\xdb", "rpm"}, {"#!", "script"},
    {"-----BEGIN ", "pem"}, {"SQLite format 3", "sqlite"}, {"%PDF-", "pdf"},
});

std::string_view kind_by_magic(Bytes bytes) {
  for (const auto& m : magics)
    if (base::starts_with(bytes, m.bytes)) return m.kind;
  return {};
}

Result<> hand_on(const evidence::View& view, evidence::Sink& sink, Range range, std::string name) {
  artifact::Entry entry;
  entry.name = std::move(name);
  entry.origin = artifact::Origin::embedded;
  claim(view, sink, range, Label::handed_on, "embedded content");
  return sink.child(entry, base::slice(view.bytes, range.offset, range.size));
}

bool plausible_elf(Bytes bytes) {
  return bytes.size() > 52 && (bytes[4] == 1 || bytes[4] == 2) && (bytes[5] == 1 || bytes[5] == 2) && bytes[6] == 1;
}

/// The size of a whole ELF, PE or xz file that starts the bytes; 0 when none does. Small or odd
/// ones are taken for chance.
std::uint64_t whole_file(Bytes bytes) {
  if (base::starts_with(bytes, "\x7f" "ELF")) {
    const auto file = parse::elf::read(bytes);
    if (!file || file->segments.size() + file->sections.size() < 2 || !file->anomalies.empty() || file->extent < 200) return 0;
    return file->extent;
  }
  if (base::starts_with(bytes, "MZ")) {
    const auto image = parse::pe::read(bytes);
    if (!image || image->sections.empty() || !image->anomalies.empty()) return 0;
    return std::max(image->extent, image->certificates.end());
  }
  static constexpr std::string_view xz_magic("\xfd" "7zXZ\0\0", 7), xz_end = "YZ";
  if (base::starts_with(bytes, xz_magic)) {
    // A stream ends with "YZ" behind a copy of its flags and the size of its index.
    const auto text = base::text_of(bytes);
    for (auto at = text.find(xz_end, 24); at != std::string_view::npos; at = text.find(xz_end, at + 1))
      if (at % 4 == 2 && text.substr(at - 2, 2) == text.substr(6, 2)) return at + 2;
  }
  return 0;
}

}  // namespace

Result<> state_overlay(const evidence::View& view, const Program& program, evidence::Sink& sink) {
  std::vector<Range> runs;
  const auto known = program.after_extent_known;
  if (known.size && known.offset >= program.extent && known.end() <= view.bytes.size()) {
    runs.push_back({program.extent, known.offset - program.extent});
    runs.push_back({known.end(), view.bytes.size() - known.end()});
  } else if (program.extent < view.bytes.size()) {
    runs.push_back({program.extent, view.bytes.size() - program.extent});
  }
  for (const auto& run : runs) {
    const auto bytes = base::slice(view.bytes, run.offset, run.size);
    if (bytes.empty()) continue;
    if (all_zero(bytes)) {
      claim(view, sink, run, Label::padding, "zero bytes after the end");
      continue;
    }
    if (base::text_of(bytes).ends_with("~Module signature appended~\n")) {
      claim(view, sink, run, Label::structure, "kernel module signature");
      sink.state(fact(Facet::hardening, "", "signed=appended", run));
      continue;
    }
    const auto kind = kind_by_magic(bytes);
    const auto chaos = base::entropy(base::slice(bytes, 0, 1 << 20));
    auto item = fact(Facet::property, "format", fmt::format("overlay {} bytes", run.size), run);
    item.attributes["entropy"] = fmt::format("{:.2f}", chaos);
    if (!kind.empty()) item.attributes["content"] = kind;
    sink.state(std::move(item));
    if (kind == "elf" || kind == "pe") sink.state(fact(Facet::concealment, "encrypted-payload", fmt::format("a {} program behind the end", kind), run, Confidence::medium));
    else if (kind.empty() && run.size >= 1024 && chaos > 7.5) sink.state(fact(Facet::concealment, "encrypted-payload", "bytes without order behind the end", run, Confidence::low));
    if (run.size >= 16) CHECK_OK(hand_on(view, sink, run, "overlay"));
  }
  return {};
}

Result<> state_embedded(const evidence::View& view, const Program& program, evidence::Sink& sink) {
  static constexpr std::array<std::string_view, 3> starts = {"\x7f" "ELF", "MZ", "\xfd" "7zXZ"};
  static constexpr unsigned most_tries = 200, most_found = 64;
  unsigned tries = 0, found = 0;
  for (const auto& range : program.data) {
    const auto data = base::slice(view.bytes, range.offset, range.size);
    const auto text = base::text_of(data);
    CHECK_OK(sink.spend(data.size()));
    for (const auto start : starts) {
      for (auto at = text.find(start); at != std::string_view::npos && found < most_found; at = text.find(start, at + 1)) {
        if (range.offset + at == 0) continue;
        if (start == "MZ") {  // cheap first: the PE header must be where the DOS header says
          const auto head = base::slice(data, at + 0x3c, 4);
          if (head.size() < 4) continue;
          const std::uint32_t pe = head[0] | head[1] << 8 | head[2] << 16 | static_cast<std::uint32_t>(head[3]) << 24;
          if (pe > 4096 || !base::starts_with(base::slice(data, at + pe), std::string_view("PE\0\0", 4))) continue;
        }
        if (start[0] == 0x7f && !plausible_elf(data.subspan(at))) continue;
        if (++tries > most_tries) return base::fail(base::Trouble::limit, "more than {} possible files inside one program", most_tries);
        const auto size = whole_file(data.subspan(at));
        CHECK_OK(sink.spend(size ? size : data.size() - at));  // a try that fails may have read to the end
        if (!size) continue;
        ++found;
        const Range where{range.offset + at, size};
        const auto kind = kind_by_magic(data.subspan(at));
        sink.state(fact(Facet::property, "format", fmt::format("contains {} of {} bytes", kind, size), where));
        CHECK_OK(hand_on(view, sink, where, fmt::format("embedded-{:x}.{}", where.offset, kind)));
        at += size - 1;
      }
    }
  }
  return {};
}

void state_packing(const evidence::View& view, const Program& program, evidence::Sink& sink) {
  const auto head = base::text_of(base::slice(view.bytes, 0, 4096));
  const auto tail = base::text_of(base::slice(view.bytes, view.bytes.size() > 4096 ? view.bytes.size() - 4096 : 0));
  const auto upx = head.find("UPX!");
  const bool marked = upx != std::string_view::npos || tail.find("UPX!") != std::string_view::npos;
  bool chaos = false;
  for (const auto& range : program.code) {
    const auto bytes = base::slice(view.bytes, range.offset, range.size);
    if (bytes.size() < 4096) continue;
    const auto bits = base::entropy(bytes);
    if (bits < 7.2) continue;
    if (program.imports.size() > 12 && bits < 7.8) continue;
    chaos = true;
    auto item = fact(Facet::concealment, "packed", marked ? "UPX" : "code without order, few imports", range, Confidence::medium);
    item.attributes["entropy"] = fmt::format("{:.2f}", bits);
    item.attributes["imports"] = std::to_string(program.imports.size());
    sink.state(std::move(item));
    claim(view, sink, range, Label::opaque, "packed");
  }
  if (!chaos && upx != std::string_view::npos && program.imports.size() <= 12)
    sink.state(fact(Facet::concealment, "packed", "UPX", {upx, 4}, Confidence::medium));
}

}  // namespace examine::binary_part
