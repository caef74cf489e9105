// Disk images and installer payloads of Apple's systems. There is no published specification.
#include "identify/look.h"
#include "identify/recogniser.h"

namespace identify {
namespace {

bool trailer(base::Bytes b, std::uint64_t at) { return has(b, at, "koly") && big32(b, at + 4) == 4 && big32(b, at + 8) == 512; }

class Apple final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {"apple", {"dmg", "pbzx"}, {"dmg"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (b.size() < 28) return std::nullopt;
    if (has(b, 0, "pbzx") && big32(b, 4) == 0 && big32(b, 12) == 0) return Identity{"pbzx", "payload of an Apple installer package", 64};
    if (b.size() < 512) return std::nullopt;
    if (has(b, 0, "encrcdsa") && big32(b, 8) <= 4) return Identity{"dmg", "Apple disk image, encrypted", 80};
    if (trailer(b, b.size() - 512) || trailer(b, 0)) return Identity{"dmg", "Apple disk image", 128};  // more than a disk that stands in it unpacked
    return std::nullopt;
  }
};

}  // namespace

const Recogniser& apple() {
  static const Apple one;
  return one;
}

}  // namespace identify
