// Archives and programs behind the end of something else: self-extractors, AppImages, shell
// installers, pictures with a tail. The end is computed from the format (ELF and PE by parse/,
// PNG chunks, GIF blocks, the text of a script); what stands behind it is handed on when its
// structure is that of an archive, a compressed stream or a program.
// Does not search the inside of a format for further ones: that is examine's business.
#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"
#include "identify/identify.h"
#include "identify/look.h"
#include "parse/elf/elf.h"
#include "parse/pe/pe.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using evidence::Confidence;

std::optional<std::uint64_t> end_of_png(base::Bytes b) {
  base::Cursor at(b, std::endian::big);
  at.skip(8);
  for (int i = 0; i < 1'000'000 && at.left() >= 12; ++i) {
    const auto size = at.u32();
    const auto name = base::text_of(at.take(4));
    at.skip(std::uint64_t{size} + 4);
    if (!at.ok()) return std::nullopt;
    if (name == "IEND") return at.position();
  }
  return std::nullopt;
}

std::optional<std::uint64_t> end_of_gif(base::Bytes b) {
  base::Cursor at(b);
  at.skip(10);
  const auto flags = at.u8();
  at.skip(2);
  if (flags & 0x80) at.skip(3u << ((flags & 7) + 1));
  const auto blocks = [&] {
    for (unsigned n = 1; n && at.ok();) at.skip(n = at.u8());
  };
  while (at.ok()) {
    const auto what = at.u8();
    if (what == 0x3b) return at.position();
    if (what == 0x21) {
      at.skip(1);
      blocks();
    } else if (what == 0x2c) {
      at.skip(8);
      const auto local = at.u8();
      if (local & 0x80) at.skip(3u << ((local & 7) + 1));
      at.skip(1);
      blocks();
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

// The last end-of-image mark is no proof, so the first one that an archive follows is taken.
std::optional<std::uint64_t> end_of_jpeg(base::Bytes b) {
  base::Cursor at(b, std::endian::big);
  at.skip(2);
  while (at.left() >= 4) {
    if (at.u8() != 0xff) return std::nullopt;
    const auto mark = at.u8();
    if (mark == 0xd9) return at.position();
    if (mark == 0xda) break;  // coded data follow: up to the next mark that is no restart or stuffing
    const auto size = at.u16();
    if (size < 2) return std::nullopt;
    at.skip(size - 2u);
  }
  const auto text = base::text_of(b);
  for (auto found = text.find("\xff\xd9", at.position()); found != text.npos; found = text.find("\xff\xd9", found + 2)) return found + 2;
  return std::nullopt;
}

// A script ends where bytes begin that no text holds: at the start of that line.
std::optional<std::uint64_t> end_of_script(base::Bytes b) {
  if (!base::starts_with(b, "#!")) return std::nullopt;
  std::uint64_t line = 0;
  for (std::uint64_t i = 0; i < b.size(); ++i) {
    const auto c = b[i];
    if (c == '\n') line = i + 1;
    if (c == 0 || (c < 0x20 && c != '\n' && c != '\t' && c != '\r' && c != '\f' && c != 0x1b && c != '\b') ) return line;
    if (i - line > 8 && c == '\n') line = i + 1;
    // Magics that begin with high bytes stand at the start of a line.
    if (c >= 0x80 && i == line && i + 6 < b.size() && (identify::has(b, i, "\xFD" "7zXZ") || identify::has(b, i, "\x28\xB5\x2F\xFD"))) return line;
    if (i == line && (identify::has(b, i, "BZh9" "1AY&SY") || identify::has(b, i, "PK\x03\x04"))) return line;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> end_of(const evidence::View& view) {
  const auto& kind = view.kind;
  if (kind == "elf" || kind == "appimage") {
    const auto& file = view.parsed<base::Result<parse::elf::File>>([&] { return parse::elf::read(view.bytes); });
    return file ? std::optional(file->extent) : std::nullopt;
  }
  if (kind == "pe") {
    const auto& image = view.parsed<base::Result<parse::pe::Image>>([&] { return parse::pe::read(view.bytes); });
    return image ? std::optional(image->extent) : std::nullopt;
  }
  if (kind == "png") return end_of_png(view.bytes);
  if (kind == "gif") return end_of_gif(view.bytes);
  if (kind == "jpeg") return end_of_jpeg(view.bytes);
  return end_of_script(view.bytes);
}

bool worth_handing_on(const identify::Identity& what) {
  using identify::one_of;
  if (what.strength < 32) return false;
  return !one_of(what.kind, {"png", "jpeg", "gif", "webp", "bmp", "ico", "empty", "unknown"}) && !what.kind.starts_with("script/");
}

class Appended final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "appended",
        .finds = "Archives, compressed streams and programs behind the end of a program, script or picture.",
        .kinds = {"elf", "appimage", "pe", "script/*", "png", "gif", "jpeg"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Behind a program's end only the start of the rest and the usual installer signatures in its first 4 MiB are tried.",
                        "Installers of their own format other than NSIS and InstallShield (Inno Setup, PyInstaller) are not opened.", "Archives written as text (base64) are left to the examiners."},
        .references = "https://github.com/AppImage/AppImageSpec",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    CHECK_OK(sink.spend(1 + view.bytes.size() / 64));
    if (view.kind == "appimage" && identify::has(view.bytes, 0x8001, "CD001")) return first_form(view, sink);
    auto end = end_of(view);
    if (!end || *end == 0 || *end >= view.bytes.size()) return {};
    const auto found = start_of_archive(view, *end);
    if (!found) return {};
    const auto& [at, what] = *found;
    const base::Range range{at, view.bytes.size() - at};
    const bool picture = identify::one_of(view.kind, {"png", "gif", "jpeg"});
    const bool expected = view.kind == "appimage" && what.kind == "squashfs";
    if (!expected)
      state_mismatch(sink, fmt::format("{} behind the end of the {}", what.kind, view.kind), "archive behind the end", picture ? Confidence::high : Confidence::low, range);
    sink.label(range, evidence::Label::handed_on, "archive behind the end");
    artifact::Entry entry;
    entry.name = "appended";
    entry.origin = artifact::Origin::embedded;
    return sink.child(entry, base::slice(view.bytes, at));
  }

 private:
  // AppImages of type 1 are an ISO image whose unused first sectors hold the program.
  static base::Result<> first_form(const evidence::View& view, evidence::Sink& sink) {
    sink.label({0x8000, view.bytes.size() - 0x8000}, evidence::Label::handed_on, "AppImage's ISO image");
    artifact::Entry entry;
    entry.name = "image.iso";
    entry.origin = artifact::Origin::embedded;
    entry.kind = "iso";
    return sink.child(entry, view.bytes);
  }
  struct Found {
    std::uint64_t at;
    identify::Identity what;
  };
  static std::optional<Found> start_of_archive(const evidence::View& view, std::uint64_t end) {
    // Padding in front of the archive is skipped.
    const auto rest = base::slice(view.bytes, end);
    const auto zeros = std::min<std::uint64_t>(static_cast<std::uint64_t>(std::ranges::find_if(rest, [](std::uint8_t b) { return b != 0; }) - rest.begin()), rest.size());
    for (const auto skip : {std::uint64_t{0}, zeros}) {
      auto what = identify::identify({base::slice(rest, skip), {}});
      if (worth_handing_on(what)) return Found{end + skip, std::move(what)};
    }
    if (view.kind != "pe" && view.kind != "elf") return std::nullopt;
    const auto window = base::text_of(base::slice(rest, 0, 4u << 20));
    for (const std::string_view magic : {std::string_view("7z\xBC\xAF\x27\x1C"), std::string_view("Rar!\x1A\x07"), std::string_view("MSCF\0\0\0\0", 8), std::string_view("InstallShield\0", 14),
                                         std::string_view("PK\x03\x04")}) {
      const auto found = window.find(magic);
      if (found == window.npos) continue;
      auto what = identify::identify({base::slice(rest, found), {}});
      if (worth_handing_on(what)) return Found{end + found, std::move(what)};
    }
    return std::nullopt;
  }
};

}  // namespace

const evidence::Reader& appended() {
  static const Appended reader;
  return reader;
}

}  // namespace unpack
