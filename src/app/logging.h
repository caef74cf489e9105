// Envelopes on their way into a log, and back as log entries: shared by every command that logs.
#pragma once

#include <span>

#include "hallmark/bundle.h"
#include "tlog/reading.h"
#include "tlog/writer.h"

namespace app {

/// The entry that an envelope becomes, under the first of `accepted` keys that signed it. Error: usage: none did.
base::Result<tlog::NewEntry> entry_of(const hallmark::Envelope& envelope, std::span<const sign::PublicKey> accepted);

/// What a log gave for an entry, as a bundle carries it. Error: malformed: the proof does not hold under its own checkpoint.
base::Result<hallmark::LogEntry> logged(const tlog::NewEntry& entry, const tlog::Added& added, const base::Digest& log_id);

/// Sigstore's TransparencyLogEntry in JSON, one line; and back. The proof is only read, not checked.
std::string log_entry_json(const hallmark::Envelope& envelope, const hallmark::LogEntry& entry);
base::Result<hallmark::LogEntry> log_entry_from_json(const hallmark::Envelope& envelope, std::string_view json);

/// Logs an envelope at a server's write endpoint (Rekor v2: POST /api/v2/log/entries), and checks that what
/// comes back is this entry, proven, in a log that `trust` trusts.
base::Result<hallmark::LogEntry> submit(const std::string& address, const hallmark::Envelope& envelope, const sign::PublicKey& key, const tlog::LogTrust& trust);

/// The request's body, and back.
std::string submission_json(const hallmark::Envelope& envelope, const sign::PublicKey& key);
struct Submission {
  hallmark::Envelope envelope;
  std::vector<sign::PublicKey> verifiers;
};
base::Result<Submission> submission_from_json(std::string_view json);

/// FOLDER or an address: http://, https:// and file:// stay, a folder becomes file://.
std::string log_address(const std::string& folder_or_url);
/// A verifier key as text, or the name of a file that holds one.
base::Result<tlog::NoteKey> note_key(const std::string& text_or_file);
base::Result<std::vector<sign::PublicKey>> public_keys(const std::vector<std::string>& files);

}  // namespace app
