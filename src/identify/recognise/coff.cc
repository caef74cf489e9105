// COFF object files, which have no magic: the machine number and tables that fit prove them.
// https://learn.microsoft.com/windows/win32/debug/pe-format
// "Big" objects and import library members are not recognised.
#include <algorithm>

#include "identify/recogniser.h"
#include "parse/pe/coff.h"

namespace identify {
namespace {

class Coff final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    // No extensions: .obj is a 3D model as well, .o is ELF too.
    static const RecogniserCard card = {"coff", {"coff"}, {}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (b.size() < 20) return std::nullopt;
    const unsigned machine = b[0] | b[1] << 8;
    if (machine != 0x14c && machine != 0x8664 && machine != 0xaa64 && machine != 0x1c4) return std::nullopt;
    const unsigned sections = b[2] | b[3] << 8, optional = b[16] | b[17] << 8;
    if (sections == 0 || sections > 10000 || optional != 0) return std::nullopt;
    const auto object = parse::pe::read_object(b);
    if (!object || object->symbols.empty() || object->sections.size() != sections) return std::nullopt;
    // Symbols must point at sections that are there, and section names must be text.
    for (const auto& symbol : object->symbols)
      if (symbol.storage != 0xff && symbol.section > static_cast<int>(sections)) return std::nullopt;
    for (const auto& section : object->sections)
      if (section.name.empty() || !std::ranges::all_of(section.name, [](char c) { return c >= 0x20 && c < 0x7f; })) return std::nullopt;
    return Identity{"coff", fmt::format("COFF object for machine 0x{:x}, {} sections", machine, sections), 48};
  }
};

}  // namespace

const Recogniser& coff() {
  static const Coff recogniser;
  return recogniser;
}

}  // namespace identify
