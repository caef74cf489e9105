// Programs in machine code: ELF, PE, Mach-O (thin and fat) and COFF objects. States what they link,
// offer, contain and are protected by, what they are able to do, and what stands where no header
// accounts for it. Specifications: see parse/elf, parse/pe, parse/macho.
// Code stays "scanned": an ability is no use of it. Only programs that ask for a password, and small ones
// that read and send, are decoded, shallowly.
#include "examine/binary/part.h"

namespace examine {
namespace {

using evidence::Facet;
using evidence::Sink;
using evidence::View;

class Binary final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "binary",
        .finds = "What programs in machine code link, offer, contain, are able to do and are protected by.",
        .kinds = {"elf", "appimage", "pe", "macho", "macho-fat", "coff"},
        .states = {Facet::import, Facet::export_, Facet::section, Facet::reference, Facet::property, Facet::hardening, Facet::concealment,
                   Facet::private_, Facet::outside, Facet::command, Facet::power, Facet::permission, Facet::string, Facet::trust, Facet::flow},
        .blind_spots = {"That a function is linked does not say that or how it is called.",
                        "Hard-coded passwords are found where a typed buffer meets a constant text in strcmp or its kin, in programs of at most 2 MB of code; comparisons written as loops and decoded texts are not.",
                        "System calls made without a library function leave no import and are not seen.",
                        "Functions found by name at run time (dlsym, GetProcAddress) are seen only when their names stand in clear.",
                        "Packed code is stated as packed and not unpacked.",
                        "Mach-O binding opcodes and chained fixups are not interpreted; imports come from the symbol table."},
        .version = 1,
        .references = "gABI, PE/COFF specification, Mach-O loader.h",
    };
    return card;
  }

  base::Result<> read(const View& view, Sink& sink) const override {
    using namespace binary_part;
    if (view.kind == "macho-fat") return examine_fat(view, sink);
    CHECK_OK(sink.spend(view.bytes.size()));
    Program program;
    if (view.kind == "pe") program = TRY(examine_pe(view, sink));
    else if (view.kind == "macho") program = TRY(examine_macho(view, sink));
    else if (view.kind == "coff") program = TRY(examine_coff(view, sink));
    else program = TRY(examine_elf(view, sink));
    CHECK_OK(state_links(program, sink));
    state_hooks(program, sink);
    CHECK_OK(state_strings(view, program, sink));
    CHECK_OK(state_password_checks(view, program, sink));
    CHECK_OK(state_flows(view, program, sink));
    CHECK_OK(state_keyed_texts(view, program, sink));
    if (!program.linked) return {};
    state_packing(view, program, sink);
    if (view.kind != "appimage") CHECK_OK(state_overlay(view, program, sink));  // an AppImage's overlay is its file system: the unpacker's
    return state_embedded(view, program, sink);
  }
};

}  // namespace

namespace binary_part {

evidence::Item fact(Facet facet, std::string_view word, std::string_view value, base::Range range, evidence::Confidence confidence) {
  evidence::Item item;
  item.facet = facet;
  item.word = word;
  item.value = value;
  item.range = range;
  item.confidence = confidence;
  return item;
}

void claim(const View& view, Sink& sink, base::Range range, evidence::Label label, std::string_view why) {
  const auto size = base::slice(view.bytes, range.offset, range.size).size();
  if (size) sink.label({range.offset, size}, label, why);
}

}  // namespace binary_part

const evidence::Reader& binary() {
  static const Binary reader;
  return reader;
}

}  // namespace examine
