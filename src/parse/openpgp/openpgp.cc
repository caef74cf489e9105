#include "parse/openpgp/openpgp.h"

#include "base/cursor.h"
#include "base/digest.h"
#include "base/sums.h"

namespace parse::openpgp {
namespace {

using base::Trouble;

struct Packet {
  int tag = -1;
  base::Range range;   ///< whole
  base::Bytes body;
};

constexpr int secret_key = 5, public_key = 6, secret_subkey = 7, public_subkey = 14;

bool is_key(int tag) { return tag == secret_key || tag == public_key || tag == secret_subkey || tag == public_subkey; }

/// Section 4.2. Partial and indeterminate lengths belong to data, never to keys: they are an error here.
base::Result<Packet> next(base::Cursor& in) {
  Packet out;
  const auto start = in.position();
  const auto head = in.u8();
  if (!(head & 0x80)) return base::fail(Trouble::malformed, "byte {} begins no OpenPGP packet", start);
  std::uint64_t size = 0;
  if (head & 0x40) {
    out.tag = head & 0x3f;
    const auto first = in.u8();
    if (first < 192) size = first;
    else if (first < 224) size = ((first - 192u) << 8) + in.u8() + 192;
    else if (first == 255) size = in.u32();
    else return base::fail(Trouble::malformed, "a packet of partial length at byte {}", start);
  } else {
    out.tag = head >> 2 & 0x0f;
    const int form = head & 3;
    if (form == 3) return base::fail(Trouble::malformed, "a packet of unknown length at byte {}", start);
    size = form == 0 ? in.u8() : form == 1 ? in.u16() : in.u32();
  }
  out.body = in.take(size);
  CHECK_OK(in.status("the keyring"));
  out.range = {start, in.position() - start};
  return out;
}

std::string algorithm_name(std::uint8_t id) {
  switch (id) {
    case 1:
    case 2:
    case 3: return "RSA";
    case 16: return "ElGamal";
    case 17: return "DSA";
    case 18: return "ECDH";
    case 19: return "ECDSA";
    case 22: return "EdDSA";
    case 25: return "X25519";
    case 26: return "X448";
    case 27: return "Ed25519";
    case 28: return "Ed448";
    default: return fmt::format("algorithm {}", id);
  }
}

/// Bytes of the public half: for a secret key the rest follows it (section 5.5.3). 0 where the form isn't known.
std::uint64_t public_size(base::Bytes body, std::uint8_t version, std::uint8_t algorithm) {
  base::Cursor in(body, std::endian::big);
  in.skip(6);
  if (version >= 5) {
    const auto size = in.u32();
    return in.ok() && size <= in.left() ? in.position() + size : 0;
  }
  const auto number = [&] { in.skip((in.u16() + 7u) / 8); };
  const auto numbers = [&](int n) {
    while (n-- > 0) number();
  };
  switch (algorithm) {
    case 1:
    case 2:
    case 3: numbers(2); break;
    case 16: numbers(3); break;
    case 17: numbers(4); break;
    case 18:
      in.skip(in.u8());
      number();
      in.skip(in.u8());
      break;
    case 19:
    case 22:
      in.skip(in.u8());
      number();
      break;
    case 25:
    case 27: in.skip(32); break;
    case 26: in.skip(56); break;
    case 28: in.skip(57); break;
    default: return 0;
  }
  return in.ok() ? in.position() : 0;
}

/// Section 5.5.4.1
std::string fingerprint_of(std::uint8_t version, base::Bytes body) {
  base::Buffer hashed;
  const auto size = body.size();
  if (version == 4) {
    if (size > 0xffff) return {};
    hashed = {0x99, static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
  } else if (version == 5 || version == 6) {
    hashed = {static_cast<std::uint8_t>(version == 5 ? 0x9a : 0x9b), static_cast<std::uint8_t>(size >> 24), static_cast<std::uint8_t>(size >> 16), static_cast<std::uint8_t>(size >> 8),
              static_cast<std::uint8_t>(size)};
  } else {
    return {};
  }
  hashed.insert(hashed.end(), body.begin(), body.end());
  const auto digest = base::digest_by_name(version == 4 ? "sha1" : "sha256", hashed);
  return digest ? base::to_hex(*digest) : std::string();
}

base::Result<Key> read_key(const Packet& packet) {
  Key out;
  base::Cursor in(packet.body, std::endian::big);
  out.version = in.u8();
  in.skip(4);  // when it was made
  if (out.version == 2 || out.version == 3) in.skip(2);
  const auto algorithm = in.u8();
  if (!in.ok() || out.version < 2 || out.version > 6) return base::fail(Trouble::malformed, "a key packet of version {}", out.version);
  out.algorithm = algorithm_name(algorithm);
  out.secret = packet.tag == secret_key || packet.tag == secret_subkey;
  out.subkey = packet.tag == secret_subkey || packet.tag == public_subkey;
  out.range = packet.range;
  const auto known = out.version >= 4 ? public_size(packet.body, out.version, algorithm) : 0;
  if (!out.secret) out.fingerprint = fingerprint_of(out.version, packet.body);
  else if (known) {
    out.fingerprint = fingerprint_of(out.version, packet.body.first(known));
    out.encrypted = known < packet.body.size() && packet.body[known] != 0;
  }
  return out;
}

}  // namespace

base::Result<std::vector<Key>> read_keys(base::Bytes bytes) {
  std::vector<Key> out;
  base::Cursor in(bytes, std::endian::big);
  for (std::size_t packets = 0; !in.at_end(); ++packets) {
    if (packets == most_packets) return base::fail(Trouble::limit, "the keyring has more than {} packets", most_packets);
    auto packet = next(in);
    const bool first = packets == 0;
    if (first && (!packet || (packet->tag != public_key && packet->tag != secret_key))) return out;
    if (!packet) return std::unexpected(packet.error());
    if (!is_key(packet->tag)) continue;
    auto key = read_key(*packet);
    if (!key && first) return out;
    if (!key) return std::unexpected(key.error());
    out.push_back(std::move(*key));
  }
  return out;
}

}  // namespace parse::openpgp
