// lzop files: the magic, a version pair that makes sense and a method that exists.
#include "identify/look.h"
#include "identify/recogniser.h"

namespace identify {
namespace {

class Lzop final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {"lzop", {"lzop"}, {"lzo"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (b.size() < 32 || !has(b, 0, std::string_view("\x89LZO\0\r\n\x1a\n", 9))) return std::nullopt;
    const auto version = big16(b, 9);
    if (version < 0x0900 || version > 0x2000) return std::nullopt;
    return Identity{"lzop", "lzop", 80};
  }
};

}  // namespace

const Recogniser& lzop() {
  static const Lzop one;
  return one;
}

}  // namespace identify
