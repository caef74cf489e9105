// Images of Android devices.
#include "base/checked.h"
#include "base/cursor.h"
#include "identify/look.h"
#include "identify/recogniser.h"
#include "parse/firmware/android.h"

#include <fmt/format.h>

namespace identify {
namespace {

std::optional<Identity> sparse(base::Bytes b) {
  if (little32(b, 0) != 0xED26FF3A || little16(b, 4) != 1 || little16(b, 8) < 28 || little16(b, 8) > 256 || little16(b, 10) < 12 || little16(b, 10) > 256) return std::nullopt;
  const auto block = little32(b, 12);
  if (block == 0 || block % 4 || (little16(b, little16(b, 8)) & 0xFFF0) != 0xCAC0) return std::nullopt;
  return Identity{"android-sparse", fmt::format("Android sparse image, {} blocks of {} bytes", little32(b, 16), block), 80};
}

std::optional<Identity> super(base::Bytes b) {
  for (const std::uint64_t at : {4096u, 8192u})
    if (little32(b, at) == 0x616C4467 && little32(b, at + 4) >= 52 && little32(b, at + 4) <= 4096 && little32(b, at + 40) % 512 == 0 && little32(b, at + 44) - 1 < 64)
      return Identity{"android-super", "Android super partition", 72};
  return std::nullopt;
}

std::optional<Identity> payload(base::Bytes b) {
  if (!has(b, 0, "CrAU") || big32(b, 4) != 0 || big32(b, 8) < 1 || big32(b, 8) > 16 || big32(b, 12) != 0) return std::nullopt;
  if (big32(b, 16) > b.size()) return std::nullopt;
  return Identity{"android-payload", "Android update payload", 80};
}

class Android final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {"android", {"android-boot", "android-dtbo", "vbmeta", "android-sparse", "android-super", "android-payload"}, {"simg"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    using namespace parse::firmware;
    const auto b = s.bytes;
    if (b.size() < 32) return std::nullopt;
    for (const auto format : {android_boot, vendor_boot, android_dtbo, vbmeta})
      if (const auto image = format(b)) return Identity{image->kind, image->detail, image->strength};
    if (auto found = sparse(b)) return found;
    if (auto found = payload(b)) return found;
    return super(b);
  }
};

}  // namespace

const Recogniser& android() {
  static const Android one;
  return one;
}

}  // namespace identify
