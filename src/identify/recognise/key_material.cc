// Keys and certificates as files: PEM, DER, X.509, OpenPGP. RFC 7468, X.690, RFC 9580.
// Only the outer shape is checked; examine/keys reads them.
#include "identify/look.h"
#include "identify/recogniser.h"

namespace identify {
namespace {

struct Der {
  unsigned tag = 0;
  base::Bytes body;
  base::Bytes rest;
  bool ok = false;
};

Der der(base::Bytes b) {
  Der out;
  if (b.size() < 2) return out;
  std::uint64_t size = b[1], header = 2;
  if (size & 0x80) {
    const auto bytes = size & 0x7f;
    if (bytes == 0 || bytes > 4 || b.size() < 2 + bytes) return out;
    size = 0;
    for (std::size_t i = 0; i < bytes; ++i) size = size << 8 | b[2 + i];
    header += bytes;
  }
  if (size > b.size() - header) return out;
  out = {b[0], b.subspan(header, size), b.subspan(header + size), true};
  return out;
}

std::optional<Identity> asn1(base::Bytes b) {
  const auto outer = der(b);
  if (!outer.ok || outer.tag != 0x30 || !outer.rest.empty() || outer.body.size() < 24) return std::nullopt;
  const auto inner = der(outer.body);
  if (!inner.ok) return std::nullopt;
  const auto algorithm = der(inner.rest);
  if (inner.tag == 0x30 && base::starts_with(inner.body, "\xA0\x03\x02\x01") && algorithm.ok && algorithm.tag == 0x30 && der(algorithm.rest).tag == 0x03)
    return Identity{"x509", "X.509 certificate", 64};
  return Identity{"der", "DER structure", 26};
}

// Walks OpenPGP packets; true if they tile the whole.
bool pgp_packets(base::Bytes b) {
  if (b.size() < 8) return false;
  bool first = true;
  for (int count = 0; count < 10000 && !b.empty(); ++count) {
    if (!(b[0] & 0x80) || b.size() < 2) return false;
    unsigned tag;
    std::uint64_t size, header;
    if (b[0] & 0x40) {
      tag = b[0] & 0x3f;
      if (b[1] < 192) size = b[1], header = 2;
      else if (b[1] < 224) size = (b[1] - 192u) * 256 + (b.size() > 2 ? b[2] : 0) + 192, header = 3;
      else if (b[1] == 255) size = big32(b, 2), header = 6;
      else return !first;  // partial lengths: only after a sound packet
    } else {
      tag = b[0] >> 2 & 15;
      const unsigned form = b[0] & 3;
      if (form == 3) return !first;
      header = form == 0 ? 2 : form == 1 ? 3 : 5;
      size = form == 0 ? b[1] : form == 1 ? big16(b, 1) : big32(b, 1);
    }
    if (size > b.size() || header > b.size() - size || size == 0) return false;
    const auto version = b[header];
    if (first && !(tag >= 1 && tag <= 6)) return false;
    if (first && version != 3 && version != 4 && version != 6 && !(version == 5 && tag == 3)) return false;
    if (tag > 20 && tag < 60) return false;
    first = false;
    b = b.subspan(header + size);
  }
  return b.empty();
}

class KeyMaterial final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {"key_material", {"pem", "der", "x509", "pgp"}, {"pem", "crt", "cer", "der", "p12", "pfx", "asc", "gpg", "pgp"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (b.size() < 8) return std::nullopt;
    if (b[0] == 0x30) return asn1(b);
    if (b[0] & 0x80) return pgp_packets(b) ? std::optional(Identity{"pgp", "OpenPGP packets", 30}) : std::nullopt;
    const auto text = opening(b, 8192);
    const auto front = trim_front(text);
    const auto ext = extension(s.name);
    if (front.starts_with("-----BEGIN PGP ")) return Identity{"pgp", "OpenPGP armour", 40};
    if (front.starts_with("-----BEGIN ") && front.substr(0, 80).find("-----", 11) != front.npos) return Identity{"pem", "PEM", 40};
    if (one_of(ext, {"pem", "crt", "cer", "key"}) && text.find("-----BEGIN ") != text.npos && is_text(b)) return Identity{"pem", "PEM behind a text", 15};
    return std::nullopt;
  }
};

}  // namespace

const Recogniser& key_material() {
  static const KeyMaterial one;
  return one;
}

}  // namespace identify
