// Envelopes on their way into a log, and back as log entries.
#pragma once

#include <span>

#include "hallmark/bundle.h"
#include "tlog/writer.h"

namespace hallmark {

/// The entry that an envelope becomes, under the first of `accepted` keys that signed it. Error: usage: none did;
/// limit: larger than what a log serves.
base::Result<tlog::NewEntry> new_entry(const Envelope& envelope, std::span<const sign::PublicKey> accepted);

/// What a log gave for an entry, as a bundle carries it. Error: malformed: the proof does not hold under its own checkpoint.
base::Result<LogEntry> logged_entry(const tlog::NewEntry& entry, const tlog::Added& added, const base::Digest& log_id);

/// Logs an envelope at a server's write endpoint (Rekor v2: POST /api/v2/log/entries), and checks that what
/// comes back is this entry, proven, in one of the logs that are `trusted`. When it returns, the log has
/// acknowledged it. Error: io: the log was not reached or did not take it; malformed: its answer proves nothing.
base::Result<LogEntry> submit(const std::string& address, const Envelope& envelope, const sign::PublicKey& key, std::span<const tlog::LogTrust> trusted);

/// The request's body, and back.
struct Submission {
  Envelope envelope;
  std::vector<sign::PublicKey> verifiers;
  static base::Result<Submission> from_json(std::string_view text);
};
std::string submission_json(const Envelope& envelope, const sign::PublicKey& key);

/// The answer's body: one entry (Sigstore's TransparencyLogEntry), one line; and back. The proof is only read, not checked.
std::string answer_json(const LogEntry& entry);
base::Result<LogEntry> answer_from_json(std::string_view text);

}  // namespace hallmark
