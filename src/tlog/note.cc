#include "tlog/note.h"

#include <charconv>

#include "base/base64.h"

namespace tlog {
namespace {

using base::Trouble;

constexpr std::string_view em_dash = "\xE2\x80\x94 ";  // U+2014, and the space behind it
constexpr std::size_t most_note_bytes = 1u << 20, most_signatures = 100, most_name = 1024;

/// One code point off the front of `text`; -1 when it is no UTF-8 (RFC 3629).
std::int32_t next_code_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80 ? 1 : lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
  if (size == 0 || size > text.size()) return -1;
  std::int32_t out = size == 1 ? lead : lead & (0xFF >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c & 0xC0) != 0x80) return -1;
    out = (out << 6) | (c & 0x3F);
  }
  constexpr std::int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (out < least[size] || out > 0x10FFFF || (out >= 0xD800 && out < 0xE000)) return -1;
  text.remove_prefix(size);
  return out;
}

bool is_space(std::int32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

base::Result<> check_name(std::string_view name) {
  if (name.empty() || name.size() > most_name) return base::fail(Trouble::usage, "the name of a note's key must have 1 to {} bytes", most_name);
  for (auto rest = name; !rest.empty();) {
    const auto c = next_code_point(rest);
    if (c < 0x20 || c == '+' || is_space(c)) return base::fail(Trouble::usage, "'{}' can't be the name of a note's key: no spaces, no plus, no control characters", base::printable(name));
  }
  return {};
}

base::Result<> check_text(std::string_view text) {
  while (!text.empty()) {
    const auto c = next_code_point(text);
    if (c < 0) return base::fail(Trouble::malformed, "the note is no UTF-8");
    if (c < 0x20 && c != '\n') return base::fail(Trouble::malformed, "the note holds a control character");
  }
  return {};
}

base::Buffer big_endian(std::uint64_t value, int bytes) {
  base::Buffer out;
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  return out;
}

std::uint64_t from_big_endian(base::Bytes bytes) {
  std::uint64_t out = 0;
  for (const auto b : bytes) out = (out << 8) | b;
  return out;
}

/// The key as the vkey spells it: 32 bytes of Ed25519, else SubjectPublicKeyInfo.
base::Buffer encoded(NoteType type, const sign::PublicKey& key) { return type == NoteType::ecdsa ? key.der() : key.raw(); }

base::Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(em_dash)) return base::fail(Trouble::malformed, "a signature line of the note does not begin with a dash");
  line.remove_prefix(em_dash.size());
  const auto space = line.find(' ');
  if (space == line.npos || !check_name(line.substr(0, space))) return base::fail(Trouble::malformed, "a signature line of the note names no key");
  const auto bytes = base::from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() < 5) return base::fail(Trouble::malformed, "a signature of the note is no base64 of five or more bytes");
  return NoteSignature{std::string(line.substr(0, space)), static_cast<std::uint32_t>(from_big_endian(base::slice(*bytes, 0, 4))), base::Buffer(bytes->begin() + 4, bytes->end())};
}

/// What a cosignature signs (tlog-cosignature, "Ed25519 signed message").
std::string cosigned_message(std::string_view text, std::uint64_t time) { return fmt::format("cosignature/v1\ntime {}\n{}", time, text); }

}  // namespace

base::Result<NoteKey> NoteKey::make(std::string name, NoteType type, sign::PublicKey key) {
  CHECK_OK(check_name(name));
  if ((type == NoteType::ecdsa) != (key.algorithm() == sign::Algorithm::ecdsa_p256))
    return base::fail(Trouble::usage, "the key of '{}' is {}; {}", name, sign::name_of(key.algorithm()),
                      type == NoteType::cosignature ? "a witness cosigns with Ed25519" : "its note type asks for the other kind");
  NoteKey out{std::move(name), type, std::move(key), 0, {}};
  const auto bytes = encoded(type, out.key);
  // The ECDSA type hashes the key alone (signed-note, "Signature types").
  out.full_id = type == NoteType::ecdsa ? base::sha256(bytes) : base::Sha256().add(out.name).add("\n").add(base::Bytes(reinterpret_cast<const std::uint8_t*>(&type), 1)).add(bytes).finish();
  out.id = static_cast<std::uint32_t>(from_big_endian(base::slice(out.full_id.bytes, 0, 4)));
  return out;
}

base::Result<NoteKey> NoteKey::parse(std::string_view vkey) {
  const auto wrong = [&](std::string_view why) { return base::fail(Trouble::usage, "'{}' is no verifier key (name+hash+base64): {}", base::printable(vkey.substr(0, 200)), why); };
  const auto first = vkey.find('+');
  const auto second = first == vkey.npos ? vkey.npos : vkey.find('+', first + 1);
  if (second == vkey.npos) return wrong("it has fewer than three parts");
  const auto name = vkey.substr(0, first), hash = vkey.substr(first + 1, second - first - 1);
  if (!check_name(name)) return wrong("its name can't be one");
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(hash.data(), hash.data() + hash.size(), id, 16);
  if (hash.size() != 8 || error != std::errc() || end != hash.data() + hash.size()) return wrong("its hash has not 8 hexadecimal digits");
  const auto bytes = base::from_base64(vkey.substr(second + 1));
  if (!bytes || bytes->empty()) return wrong("its key is no base64");
  const auto type = static_cast<NoteType>(bytes->front());
  if (type != NoteType::ed25519 && type != NoteType::ecdsa && type != NoteType::cosignature) return wrong("its signature type is not read");
  const auto raw = base::slice(*bytes, 1);
  auto key = type == NoteType::ecdsa ? sign::PublicKey::from_der(raw) : sign::PublicKey::from_ed25519(raw);
  if (!key) return wrong(key.error().what);
  auto out = TRY(make(std::string(name), type, std::move(*key)));
  if (out.id != id) return wrong("its hash belongs to another name or key");
  return out;
}

std::string NoteKey::vkey() const {
  base::Buffer bytes{static_cast<std::uint8_t>(type)};
  const auto raw = encoded(type, key);
  bytes.insert(bytes.end(), raw.begin(), raw.end());
  return fmt::format("{}+{:08x}+{}", name, id, base::to_base64(bytes));
}

base::Result<Note> Note::parse(std::string_view note) {
  if (note.size() > most_note_bytes) return base::fail(Trouble::limit, "the note has more than {} bytes", most_note_bytes);
  CHECK_OK(check_text(note));
  const auto gap = note.rfind("\n\n");
  if (gap == note.npos) return base::fail(Trouble::malformed, "the note has no empty line before its signatures");
  auto lines = note.substr(gap + 2);
  if (lines.empty() || lines.back() != '\n') return base::fail(Trouble::malformed, "the note does not end with a signature line");
  Note out{std::string(note.substr(0, gap + 1)), {}};
  while (!lines.empty()) {
    if (out.signatures.size() == most_signatures) return base::fail(Trouble::limit, "the note has more than {} signatures", most_signatures);
    const auto end = lines.find('\n');
    out.signatures.push_back(TRY(parse_signature(lines.substr(0, end))));
    lines.remove_prefix(end + 1);
  }
  return out;
}

std::string NoteSignature::print() const {
  auto line = big_endian(id, 4);
  line.insert(line.end(), bytes.begin(), bytes.end());
  return fmt::format("{}{} {}\n", em_dash, name, base::to_base64(line));
}

std::string Note::print() const {
  std::string out = text + "\n";
  for (const auto& s : signatures) out += s.print();
  return out;
}

base::Result<NoteSignature> sign_note(std::string_view text, const NoteKey& key, const sign::Signer& signer, std::int64_t time) {
  if (!(signer.public_key() == key.key)) return base::fail(Trouble::usage, "the signing key is not the key of '{}'", key.name);
  if (text.empty() || text.back() != '\n') return base::fail(Trouble::bug, "a note's text must end with a newline");
  CHECK_OK(check_text(text));
  NoteSignature out{key.name, key.id, {}};
  if (key.type != NoteType::cosignature) {
    out.bytes = TRY(signer.sign(base::bytes_of(text)));
    return out;
  }
  if (time < 0) return base::fail(Trouble::usage, "the clock stands before 1970; nothing is cosigned");
  const auto message = cosigned_message(text, static_cast<std::uint64_t>(time));
  const auto signature = TRY(signer.sign(base::bytes_of(message)));
  out.bytes = big_endian(static_cast<std::uint64_t>(time), 8);
  out.bytes.insert(out.bytes.end(), signature.begin(), signature.end());
  return out;
}

bool claims_to_be_signed(const Note& note, const NoteKey& key) {
  return std::any_of(note.signatures.begin(), note.signatures.end(), [&](const NoteSignature& s) { return s.name == key.name && s.id == key.id; });
}

base::Result<std::int64_t> check_note(const Note& note, const NoteKey& key) {
  std::int64_t newest = -1;
  for (const auto& s : note.signatures) {
    if (s.name != key.name || s.id != key.id) continue;
    const auto forged = base::fail(Trouble::malformed, "the signature of '{}' does not hold", base::printable(key.name));
    std::int64_t time = 0;
    if (key.type == NoteType::cosignature) {
      if (s.bytes.size() != 8 + 64) return forged;
      const auto stamp = from_big_endian(base::slice(s.bytes, 0, 8));
      if (stamp > INT64_MAX) return forged;
      time = static_cast<std::int64_t>(stamp);
      const auto message = cosigned_message(note.text, stamp);
      if (!key.key.verify(base::bytes_of(message), base::slice(s.bytes, 8))) return forged;
    } else if (!key.key.verify(base::bytes_of(note.text), s.bytes)) {
      return forged;
    }
    newest = std::max(newest, time);
  }
  if (newest < 0) return base::fail(Trouble::malformed, "the note is not signed by '{}'", base::printable(key.name));
  return newest;
}

}  // namespace tlog
