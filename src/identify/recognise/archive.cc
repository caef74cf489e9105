// Archives, file systems and packages other than the zip family. For a tar the first entries are
// looked at, since npm packages, crates, gems and container images are tars.
#include "identify/look.h"
#include "identify/recogniser.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/checked.h"

namespace identify {
namespace {

std::optional<std::uint64_t> octal(base::Bytes field) {
  if (!field.empty() && (field[0] & 0x80)) {
    std::uint64_t value = field[0] & 0x7f;
    for (std::size_t i = 1; i < field.size(); ++i) {
      if (value >> 56) return std::nullopt;
      value = value << 8 | field[i];
    }
    return value;
  }
  std::uint64_t value = 0;
  bool any = false;
  for (const auto c : field) {
    if (c == ' ' && !any) continue;
    if (c < '0' || c > '7') return c == 0 || c == ' ' ? std::optional(value) : std::nullopt;
    value = value << 3 | (c - '0');
    any = true;
  }
  return value;
}

bool tar_header(base::Bytes b, std::uint64_t at) {
  if (!base::fits(at, 512, b.size())) return false;
  const auto h = b.subspan(at, 512);
  const auto stated = octal(h.subspan(148, 8));
  if (!stated || *stated == 0) return false;
  std::uint64_t sum = 0;
  for (const auto c : h) sum += c;
  for (std::size_t i = 148; i < 156; ++i) sum -= h[i];
  return sum + 8 * 32 == *stated;
}

std::string_view field_text(base::Bytes field) {
  const auto text = base::text_of(field);
  return text.substr(0, text.find('\0'));
}

// Walks the headers and asks `see(name)`; stops when it answers false.
template <class See>
void each_tar_name(base::Bytes b, std::size_t most, See see) {
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < most && tar_header(b, at); ++i) {
    const auto h = b.subspan(at, 512);
    const auto size = octal(h.subspan(124, 12));
    if (!size || *size > b.size()) return;
    const char type = static_cast<char>(h[156]);
    if (!one_of(std::string_view(&type, 1), {"x", "g", "L", "K"})) {
      auto name = field_text(h.first(100));
      while (name.starts_with("./")) name.remove_prefix(2);
      if (!name.empty() && !see(name)) return;
    }
    at += 512 + (*size + 511) / 512 * 512;
  }
}

std::optional<Identity> tar(base::Bytes b) {
  if (b.size() < 512 || !tar_header(b, 0)) return std::nullopt;
  const bool magic = has(b, 257, "ustar");
  Identity out{"tar", magic ? "tar" : "tar, version 7", magic ? 80u : 36u};
  bool npm = false, metadata = false, data = false, cargo = false, cargo_proof = false, layout = false, manifest = false, index = false;
  std::string_view root;
  bool first = true, one_root = true;
  each_tar_name(b, 4096, [&](std::string_view n) {
    const auto slash = n.find('/');
    const auto top = n.substr(0, slash);
    if (first) root = top, first = false;
    one_root = one_root && top == root && slash != n.npos;
    const auto below = slash == n.npos ? std::string_view{} : n.substr(slash + 1);
    npm = npm || n == "package/package.json";
    metadata = metadata || n == "metadata.gz";
    data = data || n == "data.tar.gz";
    cargo = cargo || below == "Cargo.toml";
    cargo_proof = cargo_proof || below == "Cargo.toml.orig" || below == ".cargo_vcs_info.json";
    layout = layout || n == "oci-layout";
    index = index || n == "index.json";
    manifest = manifest || n == "manifest.json";
    const bool image_like = layout || index || manifest || top == "blobs" || top == "repositories" || top.size() >= 64 || n.ends_with(".json");
    const bool gem_like = metadata || data || n == "checksums.yaml.gz";
    return image_like || gem_like || (one_root && !npm);
  });
  if (layout || (manifest && !one_root && !npm)) return Identity{"oci-image", layout ? "container image, OCI layout" : "container image, saved", 90};
  if (metadata && data) return Identity{"gem", "Ruby gem", 90};
  if (npm && root == "package") return Identity{"npm", "npm package", 90};
  if (cargo && cargo_proof && one_root) return Identity{"crate", "Rust crate", 90};
  return out;
}

std::optional<Identity> ar(base::Bytes b) {
  if (has(b, 0, "!<thin>\n")) return Identity{"ar", "ar index without contents", 64};
  if (!has(b, 0, "!<arch>\n")) return std::nullopt;
  if (has(b, 8, "debian-binary")) return Identity{"deb", "Debian package", 96};
  return Identity{"ar", "ar archive", 64};
}

std::optional<Identity> cpio(base::Bytes b) {
  if (has(b, 0, "070701") || has(b, 0, "070702")) return b.size() >= 110 ? std::optional(Identity{"cpio", "cpio, new form", 48}) : std::nullopt;
  if (has(b, 0, "070707")) return b.size() >= 76 ? std::optional(Identity{"cpio", "cpio, octal form", 48}) : std::nullopt;
  if (b.size() < 28) return std::nullopt;
  const bool little = little16(b, 0) == 070707, big = big16(b, 0) == 070707;
  if (!little && !big) return std::nullopt;
  const auto name = little ? little16(b, 20) : big16(b, 20);
  const auto mode = (little ? little16(b, 6) : big16(b, 6)) & 0170000;
  if (name == 0 || name > 1024 || 26u + name > b.size() || b[26 + name - 1] != 0) return std::nullopt;
  if (mode != 0100000 && mode != 0040000 && mode != 0120000 && mode != 0020000 && mode != 0060000 && mode != 0) return std::nullopt;
  return Identity{"cpio", "cpio, binary form", 32};
}

std::optional<Identity> disc(base::Bytes b) {
  if (b.size() < 0x8800) return std::nullopt;
  if (has(b, 0x8001, "CD001")) return Identity{"iso", "ISO 9660 file system", 48};
  if (has(b, 0x8001, "BEA01") && (has(b, 0x8801, "NSR0") || has(b, 0x9001, "NSR0"))) return Identity{"udf", "UDF file system", 64};
  return std::nullopt;
}

std::optional<Identity> others(base::Bytes b) {
  if (has(b, 0, "\xED\xAB\xEE\xDB") && b.size() > 96) return Identity{"rpm", fmt::format("RPM {} package", b[6] == 0 && b[7] == 1 ? "source" : "binary"), 48};
  if (has(b, 0, "7z\xBC\xAF\x27\x1C")) return Identity{"7z", "7-Zip archive", 48};
  if (has(b, 0, std::string_view("Rar!\x1A\x07\x00", 7))) return Identity{"rar", "RAR 4 archive", 56};
  if (has(b, 0, std::string_view("Rar!\x1A\x07\x01\x00", 8))) return Identity{"rar", "RAR 5 archive", 64};
  if (has(b, 0, "MSCF") && little32(b, 4) == 0 && b.size() > 36) return Identity{"cab", "Microsoft cabinet", 60};
  if (has(b, 0, "xar!") && big16(b, 4) >= 28 && big16(b, 4) < 256) return Identity{"xar", "xar archive", 44};
  if (b.size() > 22 && has(b, 2, "-lh") && b[6] == '-' && b[20] <= 3) return Identity{"lha", "LHA archive", 40};
  if (b.size() > 22 && has(b, 2, "-lz") && b[6] == '-' && b[20] <= 3) return Identity{"lha", "LHA archive", 40};
  return std::nullopt;
}

class Archive final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {
        "archive",
        {"ar", "deb", "rpm", "tar", "npm", "crate", "gem", "oci-image", "cpio", "7z", "rar", "cab", "iso", "udf", "xar", "lha"},
        {"deb", "udeb", "rpm", "tar", "gem", "crate", "cpio", "7z", "rar", "cab", "iso", "xar", "lha", "lzh"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (b.size() < 8) return std::nullopt;
    if (b[0] == '!')
      if (auto found = ar(b)) return found;
    if (auto found = others(b)) return found;
    if (auto found = cpio(b)) return found;
    if (auto found = tar(b)) return found;
    return disc(b);
  }
};

}  // namespace

const Recogniser& archive() {
  static const Archive one;
  return one;
}

}  // namespace identify
