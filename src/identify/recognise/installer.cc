// Installers of their own form: what stands behind an installer's program.
#include "identify/look.h"
#include "identify/recogniser.h"

namespace identify {
namespace {

// Four texts: name, a path that ends in it, a version, a size that fits.
bool is_installshield(base::Bytes b) {
  auto text = base::text_of(base::slice(b, 0, 1024));
  std::string_view part[4];
  std::size_t front = 0;
  for (auto& p : part) {
    const auto end = text.find('\0');
    if (end == text.npos || end == 0 || end > 300) return false;
    p = text.substr(0, end);
    for (const char c : p)
      if (static_cast<unsigned char>(c) < ' ') return false;
    text.remove_prefix(end + 1);
    front += end + 1;
  }
  std::uint64_t size = 0;
  for (const char c : part[3]) {
    if (c < '0' || c > '9' || size > b.size()) return false;
    size = size * 10 + static_cast<unsigned>(c - '0');
  }
  return part[1].ends_with(part[0]) && part[2].find_first_not_of("0123456789.") == std::string_view::npos && size <= b.size() - front;
}

class Installer final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {"installer", {"nsis", "installshield", "iscab"}, {}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (b.size() < 28) return std::nullopt;
    // The mark stands behind four bytes of flags; these may have been cut away as zeros.
    for (const std::uint64_t at : {std::uint64_t{4}, std::uint64_t{0}})
      if (has(b, at, "\xEF\xBE\xAD\xDENullsoftInst") && (at == 0 || little32(b, 0) < 32)) return Identity{"nsis", "NSIS installer's data", 128};
    if (has(b, 0, std::string_view("InstallShield\0", 14)) && little16(b, 14) && b.size() > 358 && b[46] > ' ') return Identity{"installshield", "InstallShield installer's files", 112};
    if (has(b, 0, "ISc(") && little32(b, 16) && b.size() > 512 && (b[7] == 1 || b[7] == 2 || b[7] == 4)) return Identity{"iscab", "InstallShield header", 40};
    if (has(b, 0, "ISc(") && b.size() > 512 && (b[7] == 1 || b[7] == 2 || b[7] == 4)) return Identity{"iscab", "InstallShield cabinet", 40};
    if (is_installshield(b)) return Identity{"installshield", "InstallShield installer's files", 64};
    return std::nullopt;
  }
};

}  // namespace

const Recogniser& installer() {
  static const Installer one;
  return one;
}

}  // namespace identify
