// Signed notes (C2SP signed-note v1.0.0) and cosignatures (C2SP tlog-cosignature v1.0.1).
//
//   text lines, each ended by a newline
//   (an empty line)
//   EM-DASH SP name SP base64(key id, 4 bytes || signature)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sign/key.h"

namespace tlog {

enum class NoteType : std::uint8_t { ed25519 = 0x01, ecdsa = 0x02, cosignature = 0x04 };

/// A verifier key: "name+hash8+base64(type || public key)" in text.
struct NoteKey {
  std::string name;         ///< no spaces, no '+'
  NoteType type = NoteType::ed25519;
  sign::PublicKey key;
  std::uint32_t id = 0;     ///< the first 4 bytes of full_id, big-endian
  base::Digest full_id;     ///< SHA-256(name || 0x0A || type || public key); of ECDSA: SHA-256(SPKI). Sigstore's logId.keyId
  static base::Result<NoteKey> make(std::string name, NoteType type, sign::PublicKey key);
  static base::Result<NoteKey> parse(std::string_view vkey);
  std::string vkey() const;
};

struct NoteSignature {
  std::string name;
  std::uint32_t id = 0;
  base::Buffer bytes;       ///< without the key id
  std::string print() const;   ///< the whole line with its newline
};

struct Note {
  std::string text;         ///< with its final newline
  std::vector<NoteSignature> signatures;
  static base::Result<Note> parse(std::string_view note);   ///< at most 1 MiB and 100 signatures
  std::string print() const;
};

/// The signature line's content for `text`. `time` (seconds since 1970) counts for cosignatures only.
base::Result<NoteSignature> sign_note(std::string_view text, const NoteKey& key, const sign::Signer& signer, std::int64_t time);

/// Whether a line of the note bears the key's name and id; nothing is verified.
bool claims_to_be_signed(const Note& note, const NoteKey& key);

/// That `key` has signed the note; the (newest) time of a cosignature, else 0. Error: malformed: no signature
/// by the key, or one under its name and id that does not hold.
base::Result<std::int64_t> check_note(const Note& note, const NoteKey& key);

}  // namespace tlog
