// The zip family, told apart by what the central directory lists. APPNOTE 6.3.10.
// A zip with something before it counts as a zip of its own strength, so that a picture or a
// program with one appended is seen as both.
#include "identify/look.h"
#include "identify/recogniser.h"

#include <algorithm>

#include <fmt/format.h>

namespace identify {
namespace {

struct Marks {
  bool manifest_mf = false, java_class = false, android_manifest = false, dex = false, bundle = false, dist_info = false, nuspec = false;
  bool content_types = false, office = false, vsix = false, install_rdf = false, mozilla = false, extension_manifest = false, ios = false;
  bool mimetype = false, main_py = false;
};

Marks marks_of(const std::vector<std::string_view>& names) {
  Marks m;
  for (const auto n : names) {
    if (n == "META-INF/MANIFEST.MF") m.manifest_mf = true;
    else if (n == "AndroidManifest.xml") m.android_manifest = true;
    else if (n == "classes.dex" || n == "resources.arsc") m.dex = true;
    else if (n == "BundleConfig.pb") m.bundle = true;
    else if (n == "[Content_Types].xml") m.content_types = true;
    else if (n == "extension.vsixmanifest") m.vsix = true;
    else if (n == "install.rdf") m.install_rdf = true;
    else if (n == "META-INF/mozilla.rsa") m.mozilla = true;
    else if (n == "manifest.json") m.extension_manifest = true;
    else if (n == "mimetype") m.mimetype = true;
    else if (n == "__main__.py") m.main_py = true;
    else if (n.ends_with(".class")) m.java_class = true;
    else if (n.ends_with(".nuspec") && n.find('/') == n.npos) m.nuspec = true;
    else if (n.starts_with("Payload/") && n.find(".app/") != n.npos) m.ios = true;
    else if (n.starts_with("word/") || n.starts_with("xl/") || n.starts_with("ppt/") || n == "_rels/.rels") m.office = true;
    if (n.ends_with(".dist-info/WHEEL") || n.ends_with(".dist-info/METADATA")) m.dist_info = std::ranges::count(n, '/') == 1;
  }
  return m;
}

Identity of_family(base::Bytes b, const ZipNames& zip, std::string_view ext) {
  const auto m = marks_of(zip.names);
  const auto make = [&](std::string kind, std::string_view detail) { return Identity{std::move(kind), fmt::format("{}, {} members", detail, zip.names.size()), 56}; };
  if (m.bundle) return make("aab", "Android app bundle");
  if (m.android_manifest && (m.dex || ext == "apk")) return make("apk", "Android package");
  if (m.ios) return make("ipa", "iOS package");
  if (m.dist_info) return make("wheel", "Python wheel");
  if (m.nuspec) return make("nupkg", "NuGet package");
  if (m.vsix) return make("vsix", "Visual Studio extension");
  if (m.mozilla || m.install_rdf || (m.extension_manifest && ext == "xpi")) return make("xpi", "Mozilla extension");
  if (m.content_types && m.office) return make("ooxml", "Office Open XML document");
  if (m.mimetype && has(b, zip.start + 30, "mimetypeapplication/epub+zip")) return make("epub", "EPUB book");
  if (m.mimetype && has(b, zip.start + 30, "mimetypeapplication/vnd.oasis.opendocument")) return make("odf", "OpenDocument document");
  if (m.manifest_mf || m.java_class) return make("jar", "Java archive");
  if (m.main_py && zip.start) return make("zip", "Python zipapp");
  return make("zip", "zip archive");
}

class Zip final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {
        "zip",
        {"zip", "jar", "apk", "aab", "ipa", "wheel", "nupkg", "xpi", "crx", "vsix", "ooxml", "odf", "epub"},
        {"zip", "jar", "war", "ear", "apk", "aab", "ipa", "whl", "nupkg", "xpi", "crx", "vsix", "docx", "xlsx", "pptx", "odt", "ods", "odp",
         "odg", "epub", "aar", "pyz"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    const auto ext = extension(s.name);
    if (has(b, 0, "Cr24") && little32(b, 4) >= 2 && little32(b, 4) <= 3) return Identity{"crx", fmt::format("Chrome extension, format {}", little32(b, 4)), 60};
    const bool at_front = has(b, 0, "PK\x03\x04") || has(b, 0, "PK\x05\x06") || has(b, 0, "PK\x30\x30PK\x03\x04");
    const auto zip = zip_names(b);
    if (zip.valid) {
      auto out = of_family(b, zip, ext);
      if (!at_front) out.strength = 44;
      // A line that names an interpreter and a zip behind it: the interpreter runs the zip.
      if (!at_front && has(b, 0, "#!") && zip.start < 512 && zip.start) out.strength = 56;
      return out;
    }
    if (!at_front) return std::nullopt;
    return Identity{"zip", "zip archive without a readable directory", 36};
  }
};

}  // namespace

const Recogniser& zip() {
  static const Zip one;
  return one;
}

}  // namespace identify
