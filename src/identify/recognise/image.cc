// Pictures. A BMP's two-byte magic is checked against its header; an ICO's fields against its size.
#include "identify/look.h"
#include "identify/recogniser.h"

namespace identify {
namespace {

class Image final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {
        "image", {"png", "jpeg", "gif", "webp", "bmp", "ico", "svg"}, {"png", "jpg", "jpeg", "gif", "webp", "bmp", "ico", "svg", "cur"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (b.size() < 8) return std::nullopt;
    if (has(b, 0, "\x89PNG\r\n\x1a\n")) return Identity{"png", "PNG picture", has(b, 12, "IHDR") ? 96u : 64u};
    if (has(b, 0, "\xFF\xD8\xFF") && b[3] >= 0xC0) return Identity{"jpeg", "JPEG picture", has(b, 6, "JFIF") || has(b, 6, "Exif") ? 60u : 32u};
    if (has(b, 0, "GIF87a") || has(b, 0, "GIF89a")) return Identity{"gif", "GIF picture", 48};
    if (has(b, 0, "RIFF") && has(b, 8, "WEBP")) return Identity{"webp", "WebP picture", 64};
    if (has(b, 0, "BM") && b.size() >= 26 && (little32(b, 14) == 12 || little32(b, 14) == 40 || little32(b, 14) == 108 || little32(b, 14) == 124) &&
        little32(b, 10) <= b.size())
      return Identity{"bmp", "bitmap", 40};
    if (little16(b, 0) == 0 && (little16(b, 2) == 1 || little16(b, 2) == 2) && icon(b)) return Identity{"ico", "icon", 40};
    if (b[0] == '<' || b[0] == 0xEF || b[0] == ' ' || b[0] == '\n') return svg(s);
    return std::nullopt;
  }

 private:
  static bool icon(base::Bytes b) {
    const auto count = little16(b, 4);
    if (count == 0 || count > 256 || b.size() < 6u + 16u * count) return false;
    for (unsigned i = 0; i < count; ++i) {
      const auto size = little32(b, 6 + 16 * i + 8), offset = little32(b, 6 + 16 * i + 12);
      if (size == 0 || offset < 6u + 16u * count || std::uint64_t{offset} + size > b.size()) return false;
    }
    return true;
  }
  static std::optional<Identity> svg(const Sample& s) {
    const auto text = opening(s.bytes, 4096);
    const auto at = text.find("<svg");
    if (at == text.npos || !is_text(s.bytes)) return std::nullopt;
    const auto front = trim_front(text);
    const bool xml = front.starts_with("<?xml") || front.starts_with("<svg") || front.starts_with("<!DOCTYPE svg") || front.starts_with("<!--");
    if (!xml || lower(front.substr(0, 512)).find("<html") != std::string::npos) return std::nullopt;
    return Identity{"svg", "SVG picture", 15};
  }
};

}  // namespace

const Recogniser& image() {
  static const Image one;
  return one;
}

}  // namespace identify
