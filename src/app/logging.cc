#include "app/logging.h"

#include <filesystem>

#include "app/file_text.h"
#include "base/base64.h"
#include "hallmark/fields.h"
#include "http/fetch.h"
#include "tlog/statement.h"

namespace app {

using base::Trouble;
using hallmark::Json;

namespace {

constexpr std::size_t most_request_bytes = 24u << 20, most_answer_bytes = 2u << 20;

std::string_view details_of(const sign::PublicKey& key) { return key.algorithm() == sign::Algorithm::ed25519 ? "PKIX_ED25519" : "PKIX_ECDSA_P256_SHA_256"; }

}  // namespace

base::Result<tlog::NewEntry> entry_of(const hallmark::Envelope& envelope, std::span<const sign::PublicKey> accepted) {
  for (const auto& key : accepted) {
    if (!envelope.check(key)) continue;
    const auto leaf = hallmark::dsse_leaf(envelope, key);
    CHECK_OK(hallmark::read_leaf(base::bytes_of(leaf)));
    auto statement = envelope.to_json();
    if (statement.size() > tlog::most_statement_bytes) return base::fail(Trouble::limit, "the statement has {} bytes; a log serves at most {}", statement.size(), tlog::most_statement_bytes);
    return tlog::NewEntry{base::Buffer(leaf.begin(), leaf.end()), std::move(statement), envelope.payload_digest()};
  }
  return base::fail(Trouble::usage, "none of the {} accepted keys has signed this envelope", accepted.size());
}

base::Result<hallmark::LogEntry> logged(const tlog::NewEntry& entry, const tlog::Added& added, const base::Digest& log_id) {
  const auto note = TRY(tlog::Note::parse(added.checkpoint));
  const auto checkpoint = TRY(tlog::Checkpoint::parse(note.text));
  CHECK_OK(tlog::check_inclusion(added.index, checkpoint.size, tlog::leaf_hash(entry.leaf), added.inclusion, checkpoint.root));
  hallmark::LogEntry out;
  out.body = base::text_of(entry.leaf);
  out.proof = {added.index, added.inclusion, added.checkpoint, {}};
  out.size = checkpoint.size;
  out.root = checkpoint.root;
  out.log_id = log_id;
  return out;
}

std::string log_entry_json(const hallmark::Envelope& envelope, const hallmark::LogEntry& entry) {
  const auto bundle = hallmark::parse_json(hallmark::Bundle{envelope, entry}.to_json(), most_request_bytes * 2);
  if (!bundle) return "{}";
  return hallmark::print_json((*bundle)["verificationMaterial"]["tlogEntries"][0]);
}

base::Result<hallmark::LogEntry> log_entry_from_json(const hallmark::Envelope& envelope, std::string_view json) {
  const auto entry = TRY(hallmark::parse_json(json, most_answer_bytes));
  auto bundle = TRY(hallmark::parse_json(hallmark::Bundle{envelope, std::nullopt}.to_json(), most_request_bytes * 2));
  bundle["verificationMaterial"]["tlogEntries"].push_back(entry);
  const auto read = TRY(hallmark::Bundle::from_json(hallmark::print_json(bundle)));
  if (!read.entry) return base::fail(Trouble::malformed, "the log's answer has no entry");
  return *read.entry;
}

std::string submission_json(const hallmark::Envelope& envelope, const sign::PublicKey& key) {
  Json signatures = Json::array();
  for (const auto& s : envelope.signatures) signatures.push_back({{"sig", base::to_base64(s.bytes)}, {"keyid", s.keyid}});
  const Json sealed = {{"payload", base::to_base64(envelope.payload)}, {"payloadType", envelope.payload_type}, {"signatures", std::move(signatures)}};
  const Json verifier = {{"keyDetails", details_of(key)}, {"publicKey", {{"rawBytes", base::to_base64(key.der())}}}};
  return hallmark::print_json({{"dsseRequestV002", {{"envelope", sealed}, {"verifiers", Json::array({verifier})}}}});
}

base::Result<Submission> submission_from_json(std::string_view text) {
  const auto json = TRY(hallmark::parse_json(text, most_request_bytes));
  hallmark::Fields top(json, "request");
  if (top.has("hashedRekordRequestV002")) return base::fail(Trouble::unsupported, "this log keeps statements in DSSE envelopes only (dsseRequestV002)");
  hallmark::Fields request(top.object("dsseRequestV002"), "dsseRequestV002");
  const auto& envelope = request.object("envelope");
  const auto& verifiers = request.list("verifiers", 16);
  CHECK_OK(top.done());
  CHECK_OK(request.done());
  Submission out;
  out.envelope = TRY(hallmark::Envelope::from_json(hallmark::print_json(envelope)));
  for (const auto& one : verifiers) {
    hallmark::Fields verifier(one, "verifiers");
    if (!verifier.has("publicKey")) return base::fail(Trouble::unsupported, "this log takes verifiers with a public key, not a certificate");
    hallmark::Fields key(verifier.object("publicKey"), "publicKey");
    const auto der = key.bytes("rawBytes");
    CHECK_OK(verifier.done());
    CHECK_OK(key.done());
    out.verifiers.push_back(TRY(sign::PublicKey::from_der(der)));
  }
  return out;
}

base::Result<hallmark::LogEntry> submit(const std::string& address, const hallmark::Envelope& envelope, const sign::PublicKey& key, const tlog::LogTrust& trust) {
  http::Request post;
  post.method = "POST";
  post.url = address + (address.ends_with('/') ? "" : "/") + "api/v2/log/entries";
  post.body = submission_json(envelope, key);
  post.content_type = "application/json";
  post.most_bytes = most_answer_bytes;
  const auto answer = TRY(http::fetch(post));
  if (answer.status != 200 && answer.status != 201) return base::fail(Trouble::io, "the log {} did not take the statement ({}): {}", base::printable(address), answer.status, base::printable(answer.body.substr(0, 300)));
  const auto entry = TRY(log_entry_from_json(envelope, answer.body));
  if (entry.body != hallmark::dsse_leaf(envelope, key)) return base::fail(Trouble::malformed, "the log {} answered with another entry", base::printable(address));
  CHECK_OK(tlog::check_proof(entry.proof, base::bytes_of(entry.body), trust));
  return entry;
}

std::string log_address(const std::string& folder_or_url) {
  if (folder_or_url.find("://") != std::string::npos) return folder_or_url;
  std::error_code ignored;
  auto path = std::filesystem::absolute(folder_or_url, ignored).string();
  std::string out = "file://";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte >= 0x7F || c == '%' || c == '?' || c == '#') out += fmt::format("%{:02X}", byte);
    else out += c;
  }
  return out;
}

base::Result<tlog::NoteKey> note_key(const std::string& text_or_file) {
  auto key = tlog::NoteKey::parse(text_or_file);
  std::error_code ignored;
  if (key || !std::filesystem::is_regular_file(text_or_file, ignored)) return key;
  auto text = TRY(file_text(text_or_file, "the verifier key", 16384));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return tlog::NoteKey::parse(text);
}

base::Result<std::vector<sign::PublicKey>> public_keys(const std::vector<std::string>& files) {
  std::vector<sign::PublicKey> out;
  for (const auto& file : files) out.push_back(TRY(sign::PublicKey::load(file)));
  return out;
}

}  // namespace app
