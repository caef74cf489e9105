// Packages of applications that are no zip and no file system: Electron's asar, Flatpak's bundles.
#include "identify/look.h"
#include "identify/recogniser.h"

namespace identify {
namespace {

// Four sizes, one inside the other, then a JSON object that begins with "files".
bool is_asar(base::Bytes b) {
  if (b.size() < 28 || little32(b, 0) != 4) return false;
  const std::uint64_t outer = little32(b, 4), inner = little32(b, 8), text = little32(b, 12);
  return outer == inner + 4 && text + 4 <= inner && inner < text + 8 && 8 + outer <= b.size() && has(b, 16, "{\"files\":");
}

class Package final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {"package", {"asar", "flatpak"}, {"asar", "flatpak"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    if (is_asar(s.bytes)) return Identity{"asar", "Electron archive", 128};
    // The first key of the bundle's metadata and its value, which begins the file.
    if (has(s.bytes, 0, std::string_view("flatpak\0\1\0\x89\xE5", 12))) return Identity{"flatpak", "Flatpak bundle", 96};
    return std::nullopt;
  }
};

}  // namespace

const Recogniser& package() {
  static const Package one;
  return one;
}

}  // namespace identify
