// Private keys, certificates and public keys: PEM armour anywhere, DER as a whole file or inside
// a binary, OpenSSH and PuTTY files, SSH public keys in one line, OpenPGP keys and keyrings.
#include <cstring>
#include <set>

#include "examine/encodings/find_text.h"
#include "examine/keys/part.h"
#include "parse/openpgp/openpgp.h"
#include "parse/pem/pem.h"
#include "parse/x509/private_key.h"
#include "parse/x509/x509.h"

namespace examine::key_parts {
namespace {

using namespace std::string_view_literals;
using evidence::Confidence;
using evidence::Facet;
using evidence::Item;

constexpr std::size_t most_attempts = 4096;  // DER starts tried inside one artifact
constexpr std::size_t bundle = 20;           // certificates that make a file a root store rather than an addition

struct Found {
  const evidence::View& view;
  evidence::Sink& sink;
  std::set<std::string> seen;  ///< digests: a key in PEM is not stated again from its DER
  std::vector<Item> roots;
  std::size_t certificates = 0;

  std::string first_line(base::Range range) const {
    const auto line = base::text_of(base::slice(view.bytes, range.offset, std::min<std::uint64_t>(range.size, 80)));
    return std::string(line.substr(0, line.find_first_of("\r\n\\")));
  }
};

std::map<std::string, std::string> with_context(const evidence::View& view, std::map<std::string, std::string> attributes) {
  if (const auto context = context_of(view); !context.empty()) attributes["context"] = context;
  std::erase_if(attributes, [](const auto& a) { return a.second.empty(); });
  return attributes;
}

void state_private_key(Found& found, const parse::x509::PrivateKey& key, base::Range range, bool armoured) {
  const auto fingerprint = key.has_material ? key.material.hex() : base::sha256(base::slice(found.view.bytes, range.offset, range.size)).hex();
  if (!found.seen.insert("key " + fingerprint).second) return;
  Item item;
  item.facet = Facet::key;
  item.word = "private-key";
  item.value = fmt::format("{} {} {}", key.form, key.algorithm.empty() ? "key" : key.algorithm, key.bits ? fmt::format("{} bits", key.bits) : "");
  while (item.value.ends_with(' ')) item.value.pop_back();
  item.attributes = with_context(found.view, {{"encrypted", key.encrypted ? "yes" : "no"}, {"cipher", key.cipher}, {"material", fingerprint.substr(0, 16)}, {"bits", key.bits ? std::to_string(key.bits) : ""}});
  item.range = range;
  // Never the body: what stands in evidence is copied into reports.
  item.excerpt = armoured ? found.first_line(range) : "(DER)";
  found.sink.state(item);
  if (key.encrypted) return;
  item.facet = Facet::trust;
  item.word = "embedded-private-key";
  item.confidence = is_live_place(found.view) ? Confidence::high : Confidence::medium;
  item.attributes["used"] = is_live_place(found.view) ? "place" : "unknown";
  found.sink.state(item);
}

// Folders whose certificates every program trusts.
bool is_trust_store(const std::string& path) {
  for (const auto folder : {"usr/local/share/ca-certificates/"sv, "etc/ssl/certs/"sv, "etc/pki/ca-trust/source/"sv, "etc/pki/tls/certs/"sv, "etc/ca-certificates/trust-source/"sv,
                            "usr/share/pki/ca-trust-source/"sv, "usr/share/pki/trust/"sv, "etc/pki/trust/anchors/"sv, "system/etc/security/cacerts/"sv})
    if (path.starts_with(folder) || path.find("/" + std::string(folder)) != std::string::npos) return true;
  return false;
}

void state_certificate(Found& found, const parse::x509::Certificate& certificate, base::Range range) {
  const auto fingerprint = certificate.fingerprint.hex();
  if (!found.seen.insert("certificate " + fingerprint).second) return;
  ++found.certificates;
  Item item;
  item.facet = Facet::key;
  item.word = "certificate";
  item.value = certificate.subject.empty() ? "(no subject)" : certificate.subject;
  item.attributes = with_context(found.view, {{"subject", certificate.subject}, {"issuer", certificate.issuer}, {"not_before", certificate.not_before}, {"not_after", certificate.not_after},
                                              {"ca", certificate.is_ca ? "yes" : "no"}, {"self_signed", certificate.self_signed ? "yes" : "no"}, {"sha256", fingerprint},
                                              {"algorithm", certificate.key.algorithm}, {"bits", certificate.key.bits ? std::to_string(certificate.key.bits) : ""},
                                              {"material", certificate.key.material.hex().substr(0, 16)}});
  item.range = range;
  item.excerpt = found.first_line(range).starts_with("-----") ? found.first_line(range) : "(DER)";
  found.sink.state(item);
  if (!(certificate.is_ca || (certificate.version < 3 && certificate.self_signed)) || !is_trust_store(found.view.place.path())) return;
  item.facet = Facet::trust;
  item.word = "added-trust-root";
  found.roots.push_back(std::move(item));
}

void state_public_key(Found& found, std::string word, std::string value, base::Range range, std::map<std::string, std::string> attributes) {
  if (!found.seen.insert(word + value).second) return;
  Item item;
  item.facet = Facet::key;
  item.word = std::move(word);
  item.value = std::move(value);
  item.attributes = with_context(found.view, std::move(attributes));
  item.range = range;
  item.excerpt = found.first_line(range);
  found.sink.state(std::move(item));
}

/// Armoured, with the range of the armour, or as they stand in a keyring of bytes.
void from_openpgp(Found& found, base::Bytes packets, std::optional<base::Range> armour) {
  const auto keys = parse::openpgp::read_keys(packets);
  if (!keys) return;  // stays what it is: bytes without a meaning that is known
  for (const auto& key : *keys) {
    const auto name = fmt::format("OpenPGP {}{} {}", key.algorithm, key.subkey ? " subkey" : "", key.fingerprint.substr(0, 40));
    const auto range = armour.value_or(key.range);
    if (!key.secret) {
      state_public_key(found, "public-key", name, range, {{"form", "OpenPGP"}, {"algorithm", key.algorithm}});
      continue;
    }
    if (!found.seen.insert("private " + name).second) continue;
    Item item;
    item.facet = Facet::key, item.word = "private-key", item.value = "OpenPGP " + key.algorithm, item.range = range, item.excerpt = armour ? found.first_line(range) : "(OpenPGP)";
    item.attributes = with_context(found.view, {{"encrypted", key.encrypted ? "yes" : "no"}, {"material", key.fingerprint.substr(0, 16)}});
    found.sink.state(std::move(item));
  }
}

void from_armour(Found& found) {
  static constexpr auto begin = "-----BEGIN "sv;
  if (find_text(base::text_of(found.view.bytes), begin) == std::string_view::npos) return;
  for (const auto& block : parse::pem::find(found.view.bytes)) {
    if (block.type.ends_with("PRIVATE KEY")) {
      if (const auto key = parse::x509::read_private_key(block)) state_private_key(found, *key, block.range, true);
    } else if (block.type == "CERTIFICATE" || block.type == "X509 CERTIFICATE" || block.type == "TRUSTED CERTIFICATE") {
      if (const auto certificate = parse::x509::read_certificate(block.content)) state_certificate(found, *certificate, block.range);
    } else if (block.type == "PUBLIC KEY" && block.clean) {
      if (const auto key = parse::x509::read_public_key(block.content))
        state_public_key(found, "public-key", fmt::format("{} {} bits {}", key->algorithm, key->bits, key->spki.hex().substr(0, 16)), block.range,
                         {{"algorithm", key->algorithm}, {"spki", key->spki.hex()}, {"material", key->material.hex().substr(0, 16)}});
    } else if (block.type == "RSA PUBLIC KEY" && block.clean && !block.content.empty()) {
      state_public_key(found, "public-key", "RSA " + base::sha256(block.content).hex().substr(0, 16), block.range, {{"algorithm", "RSA"}});
    } else if ((block.type == "PGP PUBLIC KEY BLOCK" || block.type == "PGP PRIVATE KEY BLOCK") && !block.content.empty()) {
      from_openpgp(found, block.content, block.range);
    }
  }
}

// DER that starts with SEQUENCE and a two-byte length: the only form that is long enough to be a
// certificate or an RSA key, and rare enough in other bytes to be tried.
base::Result<> from_der(Found& found) {
  const auto bytes = found.view.bytes;
  std::size_t attempts = 0;
  for (std::size_t at = 1; at + 8 < bytes.size(); ++at) {
    const auto* hit = static_cast<const std::uint8_t*>(std::memchr(bytes.data() + at, 0x82, bytes.size() - at));
    if (!hit) break;
    at = static_cast<std::size_t>(hit - bytes.data());
    if (bytes[at - 1] != 0x30 || at + 8 > bytes.size()) continue;
    const auto rest = base::slice(bytes, at - 1);
    const std::uint64_t size = 4 + (std::uint64_t{rest[2]} << 8 | rest[3]);
    if (size < 64 || size > rest.size()) continue;
    const bool certificate = rest[4] == 0x30 && (rest[5] == 0x82 || rest[5] == 0x81);
    const bool key = rest[4] == 0x02 && rest[5] == 0x01 && rest[6] <= 1;
    const bool sealed = rest[4] == 0x30 && rest[5] < 0x80 && at == 1;  // an encrypted PKCS#8 only as a whole file
    if (!certificate && !key && !sealed) continue;
    if (++attempts > most_attempts) break;
    CHECK_OK(found.sink.spend(size));
    const auto der = rest.first(size);
    const base::Range range{at - 1, size};
    if (certificate) {
      if (const auto c = parse::x509::read_certificate(der); c && !c->not_after.empty() && c->key.bits) state_certificate(found, *c, range), at += size - 2;
    } else if (const auto k = parse::x509::read_private_key(der); k && (k->bits >= 256 || (sealed && k->encrypted))) {
      state_private_key(found, *k, range, false), at += size - 2;
    }
  }
  return {};
}

// Short keys (EC, Ed25519) have a one-byte length: only as a whole file.
void from_small_der(Found& found) {
  const auto bytes = found.view.bytes;
  if (bytes.size() < 40 || bytes.size() > 4096 || bytes[0] != 0x30 || bytes[1] >= 0x82) return;
  if (const auto key = parse::x509::read_private_key(bytes)) state_private_key(found, *key, {0, bytes.size()}, false);
}

void from_putty(Found& found) {
  if (!base::starts_with(found.view.bytes, "PuTTY-User-Key-File-")) return;
  const auto text = base::text_of(base::slice(found.view.bytes, 0, 4096));
  if (text.find("Private-Lines:") == std::string_view::npos) return;
  parse::x509::PrivateKey key;
  key.form = "PuTTY";
  const auto colon = text.find(": ");
  key.algorithm = std::string(text.substr(colon + 2, text.find_first_of("\r\n", colon) - colon - 2)).substr(0, 40);
  key.encrypted = text.find("Encryption: none") == std::string_view::npos;
  state_private_key(found, key, {0, found.view.bytes.size()}, true);
}

void from_ssh_lines(Found& found) {
  const auto text = base::text_of(found.view.bytes);
  std::size_t count = 0;
  for (auto at = find_text(text, "AAAA"); at != std::string_view::npos && count < 1000; at = find_text(text, "AAAA", at + 4)) {
    // "ssh-rsa AAAA…", "ecdsa-sha2-nistp256 AAAA…", "sk-ssh-ed25519@openssh.com AAAA…"
    if (at < 8 || text[at - 1] != ' ') continue;
    const auto from = at > 60 ? at - 60 : 0;
    const auto before = text.substr(from, at - 1 - from);
    const auto begin = before.find_last_of(" \t\n\r\"'`\0"sv);
    const auto type = begin == std::string_view::npos ? before : before.substr(begin + 1);
    if (!type.starts_with("ssh-") && !type.starts_with("ecdsa-sha2-") && !type.starts_with("sk-")) continue;
    auto end = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=", at);
    if (end == std::string_view::npos) end = text.size();
    if (end - at > 8192) continue;
    const auto blob = parse::pem::decode_base64(text.substr(at, end - at));
    if (!blob) continue;
    const auto key = parse::x509::read_ssh_public_key(*blob);
    if (!key || key->type != type) continue;
    ++count;
    const base::Range range{at - 1 - type.size(), end - at + 1 + type.size()};
    state_public_key(found, "ssh-public-key", "SHA256:" + key->fingerprint.hex(), range, {{"algorithm", key->algorithm}, {"type", key->type}, {"bits", std::to_string(key->bits)}});
    at = end > 4 ? end - 4 : end;
  }
}

}  // namespace

base::Result<> find_key_material(const evidence::View& view, evidence::Sink& sink) {
  Found found{view, sink, {}, {}, 0};
  from_armour(found);
  from_openpgp(found, view.bytes, std::nullopt);
  CHECK_OK(from_der(found));
  from_small_der(found);
  from_putty(found);
  from_ssh_lines(found);
  if (found.certificates < bundle)
    for (auto& root : found.roots) sink.state(std::move(root));
  return {};
}

}  // namespace examine::key_parts
