// Known forms inside bytes of no known form: the firmware image without a header anyone knows, the
// unused blocks of a disk, the gap between two partitions. A signature is only a hint: a hit counts
// when its structure is identified and its reader can read it to an end, which also says how many
// bytes belong to it. What lies between the hits is handed on too, to be looked at by itself.
#include "identify/identify.h"
#include "unpack/carved/probe.h"
#include "unpack/carved/signature.h"
#include "unpack/ledger.h"
#include "unpack/member.h"
#include "unpack/stream.h"

namespace unpack {
namespace {

constexpr unsigned least_strength = 30;  // the reading proves the rest
constexpr int most_found = 2000, most_tried = 20'000;
constexpr std::uint64_t least_size = 64;

bool zlib_head(base::Bytes b) { return b.size() > least_size && b[0] == 0x78 && (b[0] * 256 + b[1]) % 31 == 0 && !(b[1] & 0x20); }

class Carved final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card{
        .name = "carved",
        .finds = "archives, file systems, compressed streams and programs inside bytes of no known form",
        .kinds = {"unknown"},
        .states = {evidence::Facet::property},
        .blind_spots = {"forms whose signature was removed or changed, but for zlib and LZMA streams", "forms that no unpacker reads", "a form that is cut into pieces",
                        "files that begin inside another hit that could be read"},
        .version = 1,
        .references = "the specifications of the forms themselves",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    const auto bytes = view.bytes;
    if (bytes.size() < least_size) return {};
    CHECK_OK(sink.spend(bytes.size()));
    Ledger ledger(view, sink);
    int found = 0, tried = 0;
    base::Result<> ended;
    carved_parts::each_candidate(bytes, [&](std::uint64_t at) -> std::uint64_t {
      if (found >= most_found || ++tried > most_tried) {
        ended = base::fail(base::Trouble::limit, "more places that look like known forms than the limit");
        return 0;
      }
      auto took = carve(view, at, ledger, sink);
      if (!took) ended = std::unexpected(took.error());
      if (!took) return 0;
      if (*took) ++found;
      return at + std::max<std::uint64_t>(1, *took);
    });
    CHECK_OK(ended);
    if (found == 0) return {};
    return ledger.close("between");
  }

 private:
  // Size of the form at `at`, handed on; 0 for none.
  static base::Result<std::uint64_t> carve(const evidence::View& view, std::uint64_t at, Ledger& ledger, evidence::Sink& sink) {
    CHECK_OK(sink.spend(256));
    const auto rest = base::slice(view.bytes, at);
    if (zlib_head(rest)) return zlib_stream(at, rest, ledger, sink);
    const auto what = identify::identify({rest, ""});
    if (what.strength < least_strength) return 0;
    const auto extent = TRY(carved_parts::extent_of(what, rest, sink));
    if (!extent || *extent < least_size) return 0;
    CHECK_OK(sink.child(found(what.kind, what.detail, {at, *extent}, ledger, sink), base::slice(rest, 0, *extent)));
    return *extent;
  }

  // A zlib stream has two fixed bytes: its checksum at the end is the proof. Its content is the child.
  static base::Result<std::uint64_t> zlib_stream(std::uint64_t at, base::Bytes rest, Ledger& ledger, evidence::Sink& sink) {
    base::Result<> spent;
    const auto dry = stream::zlib(rest, [&](base::Bytes piece) { return spent = sink.spend(piece.size()); });
    CHECK_OK(spent);
    if (!dry.end || dry.produced < least_size || dry.produced > sink.room()) return 0;
    Child child(sink, found("zlib", "zlib stream", {at, dry.consumed}, ledger, sink));
    CHECK_OK(child.begun());
    CHECK_OK(stream::zlib(rest, [&](base::Bytes piece) { return child.give(piece); }).end);
    return dry.consumed;
  }

  // States and labels a hit; the entry of its child.
  static artifact::Entry found(std::string_view kind, std::string_view detail, base::Range range, Ledger& ledger, evidence::Sink& sink) {
    evidence::Item item;
    item.facet = evidence::Facet::property;
    item.word = "format";
    item.value = fmt::format("{} inside", detail);
    item.attributes = {{"kind", std::string(kind)}};
    item.range = range;
    item.excerpt = kind;
    sink.state(std::move(item));
    ledger.content(range, kind);
    artifact::Entry entry;
    entry.name = fmt::format("{}@0x{:x}", kind, range.offset);
    entry.origin = artifact::Origin::embedded;
    return entry;
  }
};

}  // namespace

const evidence::Reader& carved() {
  static const Carved one;
  return one;
}

}  // namespace unpack
