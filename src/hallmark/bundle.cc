// Sigstore bundle v0.3 (sigstore protobuf-specs, sigstore_bundle.proto) in protobuf's JSON form.
#include "hallmark/bundle.h"

#include "hallmark/json_parts.h"

namespace hallmark {

using base::Trouble;

namespace {

constexpr std::string_view media_type = "application/vnd.dev.sigstore.bundle.v0.3+json";
constexpr std::string_view older_media_type = "application/vnd.dev.sigstore.bundle+json;version=0.3";
constexpr std::size_t most_line_bytes = 24u << 20;    // an envelope in base64, and its proof
constexpr std::size_t most_file_bytes = 64u << 20;
constexpr std::size_t most_bundles = 16;

base::Result<Bundle> read_bundle(const Json& json) {
  Fields f(json, "bundle");
  const auto type = f.text("mediaType");
  CHECK_OK(f.done());
  if (type != media_type && type != older_media_type) return base::fail(Trouble::unsupported, "bundles of the type {} are not read; v0.3 is", type);
  Fields material(f.object("verificationMaterial"), "verificationMaterial");
  CHECK_OK(f.done());
  if (!material.has("publicKey")) return base::fail(Trouble::unsupported, "the bundle names a certificate; offices sign with keys");
  Fields(material.object("publicKey"), "publicKey").text_or_empty("hint");
  if (f.has("messageSignature")) return base::fail(Trouble::unsupported, "the bundle signs a file, not a statement");
  Bundle out;
  out.envelope = TRY(read_envelope(f.object("dsseEnvelope")));
  if (out.envelope.signatures.size() != 1) f.wrong("dsseEnvelope", "a bundle has one signature");
  if (material.has("tlogEntries")) {
    const auto& entries = material.list("tlogEntries", 1);
    if (!entries.empty()) out.entry = TRY(read_log_entry(entries[0]));
  }
  CHECK_OK(material.done());
  CHECK_OK(f.done());
  return out;
}

// A line of a hallmark file: a bundle, or an envelope alone.
base::Result<Bundle> read_line(std::string_view line) {
  const auto json = TRY(parse_json(line, most_line_bytes));
  if (json.is_object() && json.contains("payloadType") && !json.contains("mediaType")) return Bundle{TRY(read_envelope(json)), std::nullopt};
  return read_bundle(json);
}

}  // namespace

base::Result<Bundle> Bundle::from_json(std::string_view line) { return read_bundle(TRY(parse_json(line, most_line_bytes))); }

std::string Bundle::to_json() const {
  Json material = {{"publicKey", {{"hint", envelope.signatures.empty() ? "" : envelope.signatures[0].keyid}}}, {"tlogEntries", Json::array()}};
  if (entry) material["tlogEntries"].push_back(log_entry_json(*entry));
  return print_json({{"mediaType", media_type}, {"verificationMaterial", std::move(material)}, {"dsseEnvelope", envelope_json(envelope)}});
}

base::Result<HallmarkFile> HallmarkFile::parse(std::string_view text) {
  if (text.size() > most_file_bytes) return base::fail(Trouble::limit, "{} bytes are more than a hallmark has", text.size());
  HallmarkFile out;
  // A bundle that other tools wrote over many lines is one bundle as well.
  if (text.find('\n') + 1 < text.size() && !parse_json(text.substr(0, text.find('\n')), most_line_bytes)) {
    out.bundles.push_back(TRY(read_line(text)));
    return out;
  }
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() && text.empty()) break;
    if (out.bundles.size() == most_bundles) return base::fail(Trouble::limit, "a hallmark has at most {} lines", most_bundles);
    auto bundle = read_line(line);
    if (!bundle) {
      bundle.error().what = fmt::format("line {}: {}", out.bundles.size() + 1, bundle.error().what);
      return std::unexpected(bundle.error());
    }
    out.bundles.push_back(std::move(*bundle));
  }
  if (out.bundles.empty()) return base::fail(Trouble::malformed, "the hallmark is empty");
  return out;
}

std::string HallmarkFile::print() const {
  std::string out;
  for (const auto& bundle : bundles) out += bundle.to_json() + "\n";
  return out;
}

}  // namespace hallmark
