// Rekor v2's write endpoint: sigstore protobuf-specs, rekor/v2/dsse.proto (DSSERequestV002), in protobuf's JSON form.
#include "hallmark/logging.h"

#include "hallmark/json_parts.h"
#include "http/fetch.h"
#include "tlog/statement.h"

namespace hallmark {

using base::Trouble;

namespace {

constexpr std::size_t most_request_bytes = 24u << 20, most_answer_bytes = 2u << 20;

base::Result<> check_in_one_of(const LogEntry& entry, std::span<const tlog::LogTrust> trusted) {
  auto out = base::Result<>(base::fail(Trouble::malformed, "no log is trusted"));
  for (const auto& log : trusted) {
    const auto held = tlog::check_proof(entry.proof, base::bytes_of(entry.body), log);
    if (held) return {};
    out = std::unexpected(held.error());
  }
  if (trusted.size() > 1) return base::fail(Trouble::malformed, "the log's proof holds in none of the {} logs that are trusted", trusted.size());
  return out;
}

}  // namespace

base::Result<tlog::NewEntry> new_entry(const Envelope& envelope, std::span<const sign::PublicKey> accepted) {
  for (const auto& key : accepted) {
    if (!envelope.check(key)) continue;
    const auto leaf = dsse_leaf(envelope, key);
    CHECK_OK(read_leaf(base::bytes_of(leaf)));
    auto statement = envelope.to_json();
    if (statement.size() > tlog::most_statement_bytes) return base::fail(Trouble::limit, "the statement has {} bytes; a log serves at most {}", statement.size(), tlog::most_statement_bytes);
    return tlog::NewEntry{base::Buffer(leaf.begin(), leaf.end()), std::move(statement), envelope.payload_digest()};
  }
  return base::fail(Trouble::usage, "none of the {} accepted keys has signed this envelope", accepted.size());
}

base::Result<LogEntry> logged_entry(const tlog::NewEntry& entry, const tlog::Added& added, const base::Digest& log_id) {
  const auto note = TRY(tlog::Note::parse(added.checkpoint));
  const auto checkpoint = TRY(tlog::Checkpoint::parse(note.text));
  CHECK_OK(tlog::check_inclusion(added.index, checkpoint.size, tlog::leaf_hash(entry.leaf), added.inclusion, checkpoint.root));
  LogEntry out;
  out.body = base::text_of(entry.leaf);
  out.proof = {added.index, added.inclusion, added.checkpoint, {}};
  out.size = checkpoint.size;
  out.root = checkpoint.root;
  out.log_id = log_id;
  return out;
}

base::Result<LogEntry> submit(const std::string& address, const Envelope& envelope, const sign::PublicKey& key, std::span<const tlog::LogTrust> trusted) {
  http::Request post;
  post.method = "POST";
  post.url = address + (address.ends_with('/') ? "" : "/") + "api/v2/log/entries";
  post.body = submission_json(envelope, key);
  post.content_type = "application/json";
  post.most_bytes = most_answer_bytes;
  const auto answer = TRY(http::fetch(post));
  if (answer.status != 200 && answer.status != 201) return base::fail(Trouble::io, "the log {} did not take the statement ({}): {}", base::printable(address), answer.status, base::printable(answer.body.substr(0, 300)));
  auto entry = TRY(answer_from_json(answer.body));
  if (entry.body != dsse_leaf(envelope, key)) return base::fail(Trouble::malformed, "the log {} answered with another entry", base::printable(address));
  CHECK_OK(check_in_one_of(entry, trusted));
  return entry;
}

std::string submission_json(const Envelope& envelope, const sign::PublicKey& key) {
  return print_json({{"dsseRequestV002", {{"envelope", envelope_json(envelope)}, {"verifiers", Json::array({verifier_json(key)})}}}});
}

base::Result<Submission> Submission::from_json(std::string_view text) {
  const auto json = TRY(parse_json(text, most_request_bytes));
  Fields top(json, "request");
  if (top.has("hashedRekordRequestV002")) return base::fail(Trouble::unsupported, "this log keeps statements in DSSE envelopes only (dsseRequestV002)");
  Fields request(top.object("dsseRequestV002"), "dsseRequestV002");
  const auto& envelope = request.object("envelope");
  const auto& verifiers = request.list("verifiers", 16);
  CHECK_OK(top.done());
  CHECK_OK(request.done());
  Submission out;
  out.envelope = TRY(read_envelope(envelope));
  for (const auto& one : verifiers) {
    Fields verifier(one, "verifiers");
    if (!verifier.has("publicKey")) return base::fail(Trouble::unsupported, "this log takes verifiers with a public key, not a certificate");
    Fields key(verifier.object("publicKey"), "publicKey");
    const auto der = key.bytes("rawBytes");
    CHECK_OK(verifier.done());
    CHECK_OK(key.done());
    out.verifiers.push_back(TRY(sign::PublicKey::from_der(der)));
  }
  return out;
}

std::string answer_json(const LogEntry& entry) { return print_json(log_entry_json(entry)); }

base::Result<LogEntry> answer_from_json(std::string_view text) {
  const auto json = TRY(parse_json(text, most_answer_bytes));
  return read_log_entry(json);
}

}  // namespace hallmark
