// What a machine boots: U-Boot images, device trees and FIT images, Linux kernels.
#include "identify/recogniser.h"
#include "parse/fdt/fdt.h"
#include "parse/firmware/uboot.h"
#include "parse/kernel/kernel.h"

namespace identify {
namespace {

std::optional<Identity> tree(base::Bytes b) {
  const auto h = parse::fdt::header(b);
  if (!h) return std::nullopt;
  if (parse::fdt::is_fit(b, *h)) return Identity{"fit", "FIT image", 100};
  return Identity{"dtb", "device tree", 96};
}

class Boot final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {"boot", {"uboot", "dtb", "fit", "linux-kernel"}, {"dtb", "dtbo", "itb", "uimage"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (b.size() < 40) return std::nullopt;
    if (auto found = tree(b)) return found;
    if (const auto image = parse::firmware::uboot(b)) return Identity{image->kind, image->detail, image->strength};
    if (const auto image = parse::kernel::read(b)) return Identity{"linux-kernel", image->detail, 80};
    return std::nullopt;
  }
};

}  // namespace

const Recogniser& boot() {
  static const Boot one;
  return one;
}

}  // namespace identify
