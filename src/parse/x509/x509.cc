#include "parse/x509/x509.h"

#include <algorithm>
#include <array>

namespace parse::x509 {
namespace {

using base::Bytes;
using base::Result;
using base::Trouble;
using der::Element;

struct Named {
  std::string_view oid, name;
};

constexpr auto attribute_types = std::to_array<Named>({
    {"2.5.4.3", "CN"}, {"2.5.4.4", "SN"}, {"2.5.4.5", "serialNumber"}, {"2.5.4.6", "C"}, {"2.5.4.7", "L"},
    {"2.5.4.8", "ST"}, {"2.5.4.9", "street"}, {"2.5.4.10", "O"}, {"2.5.4.11", "OU"}, {"2.5.4.12", "title"},
    {"2.5.4.42", "GN"}, {"2.5.4.97", "organizationIdentifier"}, {"0.9.2342.19200300.100.1.25", "DC"},
    {"0.9.2342.19200300.100.1.1", "UID"}, {"1.2.840.113549.1.9.1", "emailAddress"},
});

constexpr auto algorithms = std::to_array<Named>({
    {"1.2.840.113549.1.1.1", "RSA"}, {"1.2.840.113549.1.1.10", "RSA-PSS"}, {"1.2.840.10045.2.1", "EC"},
    {"1.2.840.10040.4.1", "DSA"}, {"1.2.840.10046.2.1", "DH"}, {"1.3.101.110", "X25519"}, {"1.3.101.111", "X448"},
    {"1.3.101.112", "Ed25519"}, {"1.3.101.113", "Ed448"},
    {"1.2.840.10045.3.1.7", "EC P-256"}, {"1.3.132.0.34", "EC P-384"}, {"1.3.132.0.35", "EC P-521"},
    {"1.3.132.0.33", "EC P-224"}, {"1.2.840.10045.3.1.1", "EC P-192"}, {"1.3.132.0.10", "EC secp256k1"},
    {"1.3.36.3.3.2.8.1.1.7", "EC brainpoolP256r1"}, {"1.3.36.3.3.2.8.1.1.11", "EC brainpoolP384r1"},
    {"1.3.36.3.3.2.8.1.1.13", "EC brainpoolP512r1"}, {"1.2.156.10197.1.301", "EC SM2"},
    {"1.2.840.113549.1.1.2", "md2WithRSA"}, {"1.2.840.113549.1.1.4", "md5WithRSA"}, {"1.2.840.113549.1.1.5", "sha1WithRSA"},
    {"1.2.840.113549.1.1.14", "sha224WithRSA"}, {"1.2.840.113549.1.1.11", "sha256WithRSA"},
    {"1.2.840.113549.1.1.12", "sha384WithRSA"}, {"1.2.840.113549.1.1.13", "sha512WithRSA"},
    {"1.2.840.10045.4.1", "ecdsaWithSHA1"}, {"1.2.840.10045.4.3.2", "ecdsaWithSHA256"},
    {"1.2.840.10045.4.3.3", "ecdsaWithSHA384"}, {"1.2.840.10045.4.3.4", "ecdsaWithSHA512"},
    {"1.2.840.10040.4.3", "dsaWithSHA1"}, {"2.16.840.1.101.3.4.3.2", "dsaWithSHA256"},
    {"2.16.840.1.101.3.4.3.17", "ML-DSA-44"}, {"2.16.840.1.101.3.4.3.18", "ML-DSA-65"}, {"2.16.840.1.101.3.4.3.19", "ML-DSA-87"},
});

constexpr auto purposes = std::to_array<Named>({
    {"1.3.6.1.5.5.7.3.1", "serverAuth"}, {"1.3.6.1.5.5.7.3.2", "clientAuth"}, {"1.3.6.1.5.5.7.3.3", "codeSigning"},
    {"1.3.6.1.5.5.7.3.4", "emailProtection"}, {"1.3.6.1.5.5.7.3.8", "timeStamping"}, {"1.3.6.1.5.5.7.3.9", "OCSPSigning"},
    {"2.5.29.37.0", "any"},
});

constexpr std::array<std::string_view, 9> usages = {"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
                                                    "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"};

template <std::size_t N>
std::string name_from(const std::array<Named, N>& table, std::string_view oid) {
  for (const auto& row : table)
    if (row.oid == oid) return std::string(row.name);
  return std::string(oid);
}

/// The n-th part or an error that names it.
Result<Element> part(const std::vector<Element>& parts, std::size_t n, std::uint8_t tag, std::string_view what) {
  if (n >= parts.size()) return base::fail(Trouble::malformed, "a certificate without {}", what);
  if (!parts[n].is(tag)) return base::fail(Trouble::malformed, "the {} of a certificate has tag {:#x}", what, parts[n].tag);
  return parts[n];
}

Bytes without_zeros(Bytes number) {
  while (!number.empty() && number[0] == 0) number = number.subspan(1);
  return number;
}

Result<std::string> algorithm_of(const Element& identifier) {
  const auto parts = TRY(der::all(identifier.content, 16));
  return algorithm_name(der::oid_text(TRY(part(parts, 0, der::oid, "algorithm")).content));
}

std::string address_text(Bytes ip) {
  if (ip.size() == 4) return fmt::format("{}.{}.{}.{}", ip[0], ip[1], ip[2], ip[3]);
  std::string out;
  for (std::size_t i = 0; i + 2 <= ip.size(); i += 2) out += fmt::format("{}{:x}", i ? ":" : "", ip[i] << 8 | ip[i + 1]);
  return out;
}

struct Identifiers {
  Bytes subject, authority;
};

Result<> read_alternative_names(Bytes value, Certificate& out) {
  for (const auto& name : TRY(der::all(TRY(der::first(value)).content, 10000))) {
    const auto text = std::string(base::text_of(base::slice(name.content, 0, 512)));
    if (name.context(1)) out.names.push_back("mail:" + text);
    else if (name.context(2)) out.names.push_back("dns:" + text);
    else if (name.context(6)) out.names.push_back("uri:" + text);
    else if (name.context(7)) out.names.push_back("ip:" + address_text(base::slice(name.content, 0, 16)));
  }
  return {};
}

Result<> read_extension(std::string_view oid, Bytes value, Certificate& out, Identifiers& ids) {
  if (oid == "2.5.29.19") {  // basicConstraints
    for (const auto& p : TRY(der::all(TRY(der::first(value)).content, 4))) {
      if (p.is(der::boolean)) out.is_ca = !p.content.empty() && p.content[0];
      if (p.is(der::integer) && p.content.size() == 1) out.path_length = p.content[0];
    }
  } else if (oid == "2.5.29.15") {  // keyUsage
    const auto bits = TRY(der::first(value)).content;
    for (std::size_t i = 0; i < usages.size(); ++i)
      if (1 + i / 8 < bits.size() && bits[1 + i / 8] & (0x80 >> (i % 8))) out.key_usage.emplace_back(usages[i]);
  } else if (oid == "2.5.29.37") {  // extKeyUsage
    for (const auto& p : TRY(der::all(TRY(der::first(value)).content, 256)))
      out.extended_key_usage.push_back(name_from(purposes, der::oid_text(p.content)));
  } else if (oid == "2.5.29.17") {
    CHECK_OK(read_alternative_names(value, out));
  } else if (oid == "2.5.29.14") {  // subjectKeyIdentifier
    ids.subject = TRY(der::first(value)).content;
  } else if (oid == "2.5.29.35") {  // authorityKeyIdentifier
    for (const auto& p : TRY(der::all(TRY(der::first(value)).content, 8)))
      if (p.context(0)) ids.authority = p.content;
  }
  return {};
}

Result<> read_extensions(const Element& field, Certificate& out, Identifiers& ids) {
  for (const auto& extension : TRY(der::all(TRY(der::first(field.content)).content, 1000))) {
    const auto parts = TRY(der::all(extension.content, 4));
    if (parts.size() < 2 || !parts[0].is(der::oid)) return base::fail(Trouble::malformed, "a certificate extension without its OID");
    CHECK_OK(read_extension(der::oid_text(parts[0].content), parts.back().content, out, ids));
  }
  return {};
}

}  // namespace

std::string algorithm_name(std::string_view oid) { return name_from(algorithms, oid); }

unsigned curve_bits(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, unsigned>, 12> sizes = {{{"P-256", 256}, {"P-384", 384}, {"P-521", 521}, {"P-224", 224}, {"P-192", 192},
      {"secp256k1", 256}, {"brainpoolP256r1", 256}, {"brainpoolP384r1", 384}, {"brainpoolP512r1", 512}, {"SM2", 256}, {"Ed25519", 256}, {"X25519", 256}}};
  for (const auto& [curve, bits] : sizes)
    if (name == curve || (name.starts_with("EC ") && name.substr(3) == curve)) return bits;
  return name == "Ed448" || name == "X448" ? 456 : 0;
}

std::string name_text(const Element& name) {
  std::string out;
  const auto sets = der::all(name.content, 256);
  if (!sets) return out;
  for (const auto& set : *sets) {
    const auto pairs = der::all(set.content, 64);
    if (!pairs) continue;
    for (const auto& pair : *pairs) {
      const auto parts = der::all(pair.content, 4);
      if (!parts || parts->size() < 2) continue;
      if (!out.empty()) out += ", ";
      out += name_from(attribute_types, der::oid_text((*parts)[0].content)) + "=" + der::string_text((*parts)[1]);
      if (out.size() > 4096) return out;
    }
  }
  return out;
}

Result<PublicKey> read_public_key(Bytes der_bytes) {
  const auto info = TRY(der::first(der_bytes));
  if (!info.is(der::sequence)) return base::fail(Trouble::malformed, "a public key that is no sequence");
  const auto parts = TRY(der::all(info.content, 4));
  const auto identifier = TRY(part(parts, 0, der::sequence, "key algorithm"));
  const auto bits = TRY(part(parts, 1, der::bit_string, "key"));
  PublicKey out;
  out.spki = base::sha256(info.whole);
  out.algorithm = TRY(algorithm_of(identifier));
  const auto key = base::slice(bits.content, 1);
  out.material = base::sha256(key);
  if (out.algorithm == "RSA" || out.algorithm == "RSA-PSS") {
    const auto numbers = TRY(der::all(TRY(der::first(key)).content, 4));
    const auto modulus = TRY(part(numbers, 0, der::integer, "modulus"));
    out.bits = der::integer_bits(modulus.content);
    out.material = base::sha256(without_zeros(modulus.content));
  } else if (out.algorithm == "EC") {
    const auto of_identifier = TRY(der::all(identifier.content, 4));
    if (of_identifier.size() > 1 && of_identifier[1].is(der::oid)) {
      out.algorithm = algorithm_name(der::oid_text(of_identifier[1].content));
      if (!out.algorithm.starts_with("EC")) out.algorithm = "EC " + out.algorithm;
    }
    out.bits = curve_bits(out.algorithm);
  } else if (out.algorithm == "DSA") {
    const auto of_identifier = TRY(der::all(identifier.content, 4));
    if (of_identifier.size() > 1) {
      const auto numbers = TRY(der::all(of_identifier[1].content, 4));
      if (!numbers.empty()) out.bits = der::integer_bits(numbers[0].content);
    }
  } else {
    out.bits = curve_bits(out.algorithm);
  }
  return out;
}

Result<Certificate> read_certificate(Bytes der_bytes) {
  const auto whole = TRY(der::first(der_bytes));
  if (!whole.is(der::sequence)) return base::fail(Trouble::malformed, "a certificate that is no sequence");
  const auto outer = TRY(der::all(whole.content, 4));
  const auto signed_part = TRY(part(outer, 0, der::sequence, "signed part"));
  const auto signature = TRY(part(outer, 1, der::sequence, "signature algorithm"));
  const auto fields = TRY(der::all(signed_part.content, 16));
  Certificate out;
  out.fingerprint = base::sha256(whole.whole);
  out.size = whole.whole.size();
  out.signature_algorithm = TRY(algorithm_of(signature));
  std::size_t n = 0;
  if (!fields.empty() && fields[0].context(0)) {
    const auto version = TRY(der::first(fields[0].content));
    if (version.content.size() == 1) out.version = version.content[0] + 1u;
    ++n;
  }
  out.serial = base::to_hex(base::slice(TRY(part(fields, n, der::integer, "serial number")).content, 0, 64));
  const auto issuer = TRY(part(fields, n + 2, der::sequence, "issuer"));
  const auto validity = TRY(part(fields, n + 3, der::sequence, "validity"));
  const auto subject = TRY(part(fields, n + 4, der::sequence, "subject"));
  out.key = TRY(read_public_key(TRY(part(fields, n + 5, der::sequence, "public key")).whole));
  out.issuer = name_text(issuer);
  out.subject = name_text(subject);
  const auto dates = TRY(der::all(validity.content, 4));
  if (dates.size() != 2) return base::fail(Trouble::malformed, "a certificate's validity has {} dates", dates.size());
  out.not_before = der::date_text(dates[0]);
  out.not_after = der::date_text(dates[1]);
  if (out.not_before.empty() || out.not_after.empty()) return base::fail(Trouble::malformed, "a certificate's validity is no date");
  Identifiers ids;
  for (std::size_t i = n + 6; i < fields.size(); ++i)
    if (fields[i].context(3)) CHECK_OK(read_extensions(fields[i], out, ids));
  out.self_issued = std::ranges::equal(issuer.whole, subject.whole);
  out.self_signed = out.self_issued && (ids.authority.empty() || ids.subject.empty() || std::ranges::equal(ids.authority, ids.subject));
  return out;
}

}  // namespace parse::x509
