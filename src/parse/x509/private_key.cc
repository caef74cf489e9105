#include "parse/x509/private_key.h"

#include <bit>

#include "base/cursor.h"
#include "parse/x509/x509.h"

namespace parse::x509 {
namespace {

using base::Bytes;
using base::Result;
using base::Trouble;

Bytes strip_zeros(Bytes number) {
  while (!number.empty() && number[0] == 0) number = number.subspan(1);
  return number;
}

void set_material(PrivateKey& out, Bytes material) {
  out.material = base::sha256(material);
  out.has_material = true;
}

Result<PrivateKey> read_pkcs1(const std::vector<der::Element>& parts) {
  PrivateKey out;
  out.form = "PKCS#1";
  out.algorithm = "RSA";
  out.bits = der::integer_bits(parts[1].content);
  if (out.bits < 128) return base::fail(Trouble::malformed, "an RSA private key with a modulus of {} bits", out.bits);
  set_material(out, strip_zeros(parts[1].content));
  return out;
}

/// SEC1: version, OCTET STRING, [0] curve, [1] public point. `curve` is what PKCS#8 told outside.
Result<PrivateKey> read_sec1(const std::vector<der::Element>& parts, std::string curve) {
  PrivateKey out;
  out.form = "SEC1";
  out.algorithm = curve.empty() ? "EC" : std::move(curve);
  for (const auto& p : parts) {
    if (p.context(0)) {
      if (const auto id = der::first(p.content); id && id->is(der::oid)) out.algorithm = algorithm_name(der::oid_text(id->content));
    } else if (p.context(1)) {
      if (const auto bits = der::first(p.content); bits && bits->content.size() > 1) set_material(out, bits->content.subspan(1));
    }
  }
  out.bits = curve_bits(out.algorithm);
  if (!out.bits) out.bits = static_cast<unsigned>(std::min<std::size_t>(parts[1].content.size(), 1024) * 8);
  return out;
}

Result<PrivateKey> read_pkcs8(const std::vector<der::Element>& parts) {
  const auto identifier = TRY(der::all(parts[1].content, 4));
  if (identifier.empty() || !identifier[0].is(der::oid)) return base::fail(Trouble::malformed, "a PKCS#8 key without its algorithm");
  PrivateKey out;
  const auto algorithm = algorithm_name(der::oid_text(identifier[0].content));
  if (algorithm == "RSA" || algorithm == "RSA-PSS" || algorithm == "EC") {
    const auto inner = TRY(der::all(TRY(der::first(parts[2].content)).content, 16));
    if (inner.size() < 2) return base::fail(Trouble::malformed, "a PKCS#8 key with an empty inner key");
    if (algorithm == "EC") {
      std::string curve;
      if (identifier.size() > 1 && identifier[1].is(der::oid)) curve = algorithm_name(der::oid_text(identifier[1].content));
      out = TRY(read_sec1(inner, curve));
    } else {
      out = TRY(read_pkcs1(inner));
    }
  } else {
    out.algorithm = algorithm;
    out.bits = curve_bits(algorithm);
    if (algorithm == "DSA" && identifier.size() > 1) {
      const auto numbers = TRY(der::all(identifier[1].content, 4));
      if (!numbers.empty()) out.bits = der::integer_bits(numbers[0].content);
    }
  }
  out.form = "PKCS#8";
  return out;
}

std::string pbe_name(std::string_view oid) {
  if (oid == "1.2.840.113549.1.5.13") return "PBES2";
  if (oid.starts_with("1.2.840.113549.1.12.1.")) return "PKCS#12 PBE";
  if (oid.starts_with("1.2.840.113549.1.5.")) return "PBES1";
  return {};
}

}  // namespace

Result<PrivateKey> read_private_key(Bytes der_bytes) {
  const auto whole = TRY(der::first(der_bytes));
  if (!whole.is(der::sequence)) return base::fail(Trouble::malformed, "a private key that is no sequence");
  const auto parts = TRY(der::all(whole.content, 16));
  const auto is = [&](std::size_t n, std::uint8_t tag) { return n < parts.size() && parts[n].is(tag); };
  if (is(0, der::sequence) && is(1, der::octet_string) && parts.size() == 2) {
    const auto identifier = TRY(der::all(parts[0].content, 4));
    if (!identifier.empty() && identifier[0].is(der::oid))
      if (auto cipher = pbe_name(der::oid_text(identifier[0].content)); !cipher.empty()) {
        PrivateKey out;
        out.form = "PKCS#8";
        out.encrypted = true;
        out.cipher = std::move(cipher);
        return out;
      }
  }
  if (is(0, der::integer) && is(1, der::sequence) && is(2, der::octet_string)) return read_pkcs8(parts);
  if (is(0, der::integer) && is(1, der::octet_string)) return read_sec1(parts, {});
  if (parts.size() >= 9 && is(8, der::integer)) return read_pkcs1(parts);
  if (parts.size() == 6 && is(5, der::integer)) {
    PrivateKey out;
    out.form = "DSA";
    out.algorithm = "DSA";
    out.bits = der::integer_bits(parts[1].content);
    if (out.bits >= 512) return out;
  }
  return base::fail(Trouble::malformed, "a sequence that is no private key of a known form");
}

Result<PrivateKey> read_openssh_key(Bytes bytes) {
  static constexpr std::string_view magic("openssh-key-v1\0", 15);
  if (!base::starts_with(bytes, magic)) return base::fail(Trouble::malformed, "an OpenSSH key without its magic");
  base::Cursor in(bytes, std::endian::big);
  in.skip(magic.size());
  PrivateKey out;
  out.form = "OpenSSH";
  out.cipher = std::string(base::text_of(in.take(in.u32())));
  in.skip(in.u32());  // kdf name
  in.skip(in.u32());  // kdf options
  const auto count = in.u32();
  const auto public_blob = in.take(in.u32());
  const auto secret = in.take(in.u32());
  CHECK_OK(in.status("an OpenSSH private key"));
  if (count == 0 || out.cipher.size() > 64) return base::fail(Trouble::malformed, "an OpenSSH private key without keys");
  out.encrypted = out.cipher != "none";
  if (!out.encrypted) out.cipher.clear();
  const auto key = TRY(read_ssh_public_key(public_blob));
  out.algorithm = key.algorithm;
  out.bits = key.bits;
  out.material = key.material;
  out.has_material = true;
  if (!out.encrypted) {  // the comment is the last string before the padding 1, 2, 3, ...
    base::Cursor inner(secret, std::endian::big);
    inner.skip(8);
    std::string_view last;
    while (inner.ok() && inner.left() >= 4) {
      const auto text = base::text_of(inner.take(inner.u32()));
      if (inner.ok()) last = text;
    }
    if (last.size() <= 256 && last.find('\0') == std::string_view::npos) out.comment = std::string(last);
  }
  return out;
}

Result<PrivateKey> read_private_key(const pem::Block& block) {
  if (!block.type.ends_with("PRIVATE KEY")) return base::fail(Trouble::malformed, "a block of another type");
  if (block.type == "OPENSSH PRIVATE KEY") return read_openssh_key(block.content);
  if (const auto coded = block.headers.find("Proc-Type"); coded != block.headers.end() && coded->second.find("ENCRYPTED") != std::string::npos) {
    PrivateKey out;  // RFC 1421: the DER itself is encrypted
    out.encrypted = true;
    out.form = block.type.starts_with("RSA") ? "PKCS#1" : block.type.starts_with("EC") ? "SEC1" : block.type.starts_with("DSA") ? "DSA" : "";
    out.algorithm = block.type.starts_with("RSA") ? "RSA" : block.type.starts_with("EC") ? "EC" : block.type.starts_with("DSA") ? "DSA" : "";
    if (const auto cipher = block.headers.find("DEK-Info"); cipher != block.headers.end()) out.cipher = cipher->second.substr(0, cipher->second.find(','));
    return out;
  }
  return read_private_key(Bytes(block.content));
}

Result<SshPublicKey> read_ssh_public_key(Bytes blob) {
  base::Cursor in(blob, std::endian::big);
  SshPublicKey out;
  out.type = std::string(base::text_of(base::slice(in.take(in.u32()), 0, 64)));
  out.fingerprint = base::sha256(blob);
  const bool certificate = out.type.find("-cert-v01@") != std::string::npos;
  if (certificate) in.skip(in.u32());  // nonce
  if (out.type.starts_with("ssh-rsa")) {
    in.skip(in.u32());  // exponent
    const auto modulus = in.take(in.u32());
    out.algorithm = "RSA";
    out.bits = der::integer_bits(modulus);
    out.material = base::sha256(strip_zeros(modulus));
  } else if (out.type.starts_with("ssh-dss")) {
    const auto prime = in.take(in.u32());
    out.algorithm = "DSA";
    out.bits = der::integer_bits(prime);
  } else if (out.type.starts_with("ssh-ed25519") || out.type.starts_with("sk-ssh-ed25519")) {
    out.algorithm = "Ed25519";
    out.bits = 256;
    out.material = base::sha256(in.take(in.u32()));
  } else if (const auto at = out.type.find("ecdsa-sha2-nistp"); at != std::string::npos) {
    const auto curve = base::text_of(in.take(in.u32()));
    out.algorithm = curve == "nistp256" ? "EC P-256" : curve == "nistp384" ? "EC P-384" : curve == "nistp521" ? "EC P-521" : "EC";
    out.bits = curve_bits(out.algorithm);
    out.material = base::sha256(in.take(in.u32()));
  } else {
    return base::fail(Trouble::malformed, "an SSH public key of an unknown type");
  }
  CHECK_OK(in.status("an SSH public key"));
  return out;
}

}  // namespace parse::x509
