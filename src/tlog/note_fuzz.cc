// Notes, checkpoints, proofs and verifier keys: whatever is read is printed again as it was.
#include <cstdlib>

#include "tlog/proof.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = base::text_of({data, size});
  if (const auto note = tlog::Note::parse(text)) {
    if (note->print() != text) std::abort();
    if (const auto checkpoint = tlog::Checkpoint::parse(note->text); checkpoint && checkpoint->print() != note->text) std::abort();
  }
  if (const auto proof = tlog::Proof::parse(text)) {
    if (proof->print() != text) std::abort();
    static_cast<void>(tlog::check_inclusion(proof->index, proof->index + size, tlog::empty_root(), proof->hashes, tlog::empty_root()));
    static_cast<void>(tlog::check_consistency(proof->index, proof->index + size, proof->hashes, tlog::empty_root(), tlog::empty_root()));
  }
  if (const auto key = tlog::NoteKey::parse(text)) {
    const auto again = tlog::NoteKey::parse(key->vkey());
    if (!again || again->full_id != key->full_id) std::abort();
  }
  return 0;
}
