// Programs packed by UPX: the program inside is given as a layer. There is no published
// specification; the layout is that of packed programs. Windows programs get their sections and
// imports back, ELF programs all of their file.
#include "unpack/member.h"
#include "unpack/upx/program.h"

namespace unpack {
namespace {

using namespace upx_format;
using evidence::Label;

void state_packer(evidence::Sink& sink, const Program& program, base::Range at) {
  evidence::Item item;
  item.facet = evidence::Facet::property;
  item.word = "format";
  item.value = "packed by UPX";
  item.attributes = {{"method", program.method}};
  item.range = at;
  sink.state(std::move(item));
  for (const auto& m : program.missing) state_trouble(sink, "unsupported", fmt::format("the unpacked program lacks: {}", m), at);
}

class Upx final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "upx",
        .finds = "The program inside an ELF or Windows program that UPX packed.",
        .kinds = {"elf", "pe"},
        .states = {evidence::Facet::trouble, evidence::Facet::property},
        .blind_spots = {"Relocations and unpacked resources of Windows programs are not put back.", "Programs whose pack header was changed are not opened.",
                        "Packed Mach-O, DOS and kernel images, and ELF libraries, are not opened."},
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    std::optional<Program> program;
    if (view.kind == "elf") {
      program = TRY(unpack_elf(view.bytes, sink));
    } else if (const auto header = find_pack_header(view.bytes, std::min<std::uint64_t>(view.bytes.size(), 65536))) {
      program = TRY(unpack_pe(view.bytes, *header, sink));
    }
    if (!program) return {};
    for (const auto& r : program->structure) sink.label(r, Label::structure, "UPX header");
    for (const auto& r : program->packed) sink.label(r, Label::handed_on, "packed program");
    state_packer(sink, *program, program->structure.at(0));
    artifact::Entry entry;
    entry.origin = artifact::Origin::layer;
    entry.mode = view.entry.mode;
    if (!program->file.empty()) {
      CHECK_OK(sink.spend(program->file.size()));
      CHECK_OK(sink.child(entry, program->file));
    }
    if (program->extra.empty() || all_zero(program->extra)) return {};
    entry.name = "unpacked-remainder";
    entry.origin = artifact::Origin::embedded;
    return sink.child(entry, program->extra);
  }
};

}  // namespace

const evidence::Reader& upx() {
  static const Upx reader;
  return reader;
}

}  // namespace unpack
