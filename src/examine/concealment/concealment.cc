// What is hidden: encoded texts (opened and handed on), dense regions that the kind does not
// predict, invisible and bidirectional characters in code, names that mislead, bytes behind the end
// of pictures. Time and magic triggers are seen by the scripts examiner.
#include <algorithm>
#include <array>

#include "evidence/reader.h"
#include "examine/concealment/part.h"

namespace examine {
namespace concealment_parts {

using namespace std::string_view_literals;

bool is_code(const evidence::View& view) {
  if (view.kind.starts_with("script/") || view.kind == "json" || view.kind == "yaml") return true;
  if (view.kind != "text") return false;
  const auto name = view.place.file_name();
  return std::ranges::any_of(std::array{".c"sv, ".h"sv, ".cc"sv, ".cpp"sv, ".hpp"sv, ".go"sv, ".rs"sv, ".java"sv, ".kt"sv, ".swift"sv, ".cs"sv, ".ts"sv, ".tsx"sv, ".js"sv, ".py"sv, ".pl"sv, ".pm"sv, ".rb"sv, ".php"sv, ".sh"sv, ".lua"sv, ".sql"sv,
                                        ".service"sv, ".conf"sv, ".cmake"sv, ".gradle"sv, ".m4"sv, ".ac"sv, ".am"sv, ".ps1"sv, ".vbs"sv, ".bat"sv},
                             [&](auto e) { return name.ends_with(e); });
}

bool is_dense_kind(std::string_view kind, base::Bytes bytes) {
  static constexpr std::array dense = {"gzip"sv, "bzip2"sv, "xz"sv, "lzma"sv, "zstd"sv, "lz4"sv, "lzip"sv, "brotli"sv, "compress"sv, "zip"sv, "jar"sv, "apk"sv, "wheel"sv, "7z"sv, "rar"sv, "cab"sv, "png"sv, "jpeg"sv, "gif"sv, "webp"sv, "pdf"sv, "woff"sv, "woff2"sv,
                                       "squashfs"sv, "gpg"sv, "pgp"sv, "deb"sv, "rpm"sv, "snap"sv, "appimage"sv, "ogg"sv, "crate"sv, "gem"sv, "npm"sv, "iso"sv, "docx"sv, "nupkg"sv, "xpi"sv, "crx"sv, "vsix"sv, "ipa"sv, "aab"sv, "xar"sv, "lha"sv};
  if (std::ranges::find(dense, kind) != dense.end()) return true;
  // Media whose kind nobody recognises further: their own magic is enough to expect density.
  const auto text = base::text_of(base::slice(bytes, 0, 16));
  for (const auto magic : {"OggS"sv, "fLaC"sv, "ID3"sv, "\x1a\x45\xdf\xa3"sv, "FLV\1"sv, "wOF2"sv, "wOFF"sv, "MThd"sv, "\xff\xfb"sv, "\xff\xf3"sv, "\xff\xfa"sv, "\0\0\1\xba"sv})
    if (text.starts_with(magic)) return true;
  return text.size() >= 12 && (text.substr(4, 4) == "ftyp" || text.substr(0, 4) == "RIFF");
}

void state(evidence::Sink& sink, std::string_view word, std::string value, base::Range range, evidence::Confidence confidence, std::map<std::string, std::string> attributes) {
  evidence::Item item;
  item.facet = evidence::Facet::concealment;
  item.word = word;
  item.value = std::move(value);
  item.range = range;
  item.confidence = confidence;
  std::erase_if(attributes, [](const auto& a) { return a.second.empty(); });
  item.attributes = std::move(attributes);
  sink.state(std::move(item));
}

}  // namespace concealment_parts

namespace {

class Concealment final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card{
        .name = "concealment",
        .finds = "encoded texts, dense regions, invisible characters in code, misleading names",
        .kinds = {"*"},
        .states = {evidence::Facet::concealment, evidence::Facet::reference},
        .blind_spots = {"multi-byte and rolling XOR keys, and ciphers of any kind", "encodings made by the program itself", "triggers (the scripts examiner's)",
                        "encoded text shorter than 20 characters", "density of parts smaller than 4 KiB", "beyond 200 decoded strings in one artifact, the rest is only counted"},
        .version = 1,
        .references = "trojansource.codes, UAX #9, RFC 4648",
        .of_remainder = true,
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    CHECK_OK(concealment_parts::find_strange_names(view, sink));
    if (view.bytes.empty()) return {};
    CHECK_OK(sink.spend(3 * view.bytes.size()));
    if (concealment_parts::is_dense_kind(view.kind, view.bytes)) return {};
    CHECK_OK(concealment_parts::find_encoded_text(view, sink));
    CHECK_OK(concealment_parts::find_xored_text(view, sink));
    CHECK_OK(concealment_parts::find_invisible_text(view, sink));
    return concealment_parts::find_dense_regions(view, sink);
  }
};

}  // namespace

const evidence::Reader& concealment() {
  static const Concealment reader;
  return reader;
}

}  // namespace examine
