#include "gate/publish.h"

#include "base/base64.h"
#include "hallmark/fields.h"
#include "http/fetch.h"
#include "tlog/writer.h"

namespace gate {
namespace {

using base::Trouble;
using hallmark::Json;

constexpr std::size_t most_answer_bytes = 4u << 20;

std::string request_body(const hallmark::Envelope& envelope, const sign::PublicKey& key) {
  Json signatures = Json::array();
  for (const auto& s : envelope.signatures) signatures.push_back({{"sig", base::to_base64(s.bytes)}, {"keyid", s.keyid}});
  const auto details = key.algorithm() == sign::Algorithm::ed25519 ? "PKIX_ED25519" : "PKIX_ECDSA_P256_SHA_256";
  const Json verifier = {{"keyDetails", details}, {"publicKey", {{"rawBytes", base::to_base64(key.der())}}}};
  const Json sealed = {{"payload", base::to_base64(envelope.payload)}, {"payloadType", envelope.payload_type}, {"signatures", std::move(signatures)}};
  return hallmark::print_json({{"dsseRequestV002", {{"envelope", sealed}, {"verifiers", Json::array({verifier})}}}});
}

/// That the answer proves this very entry to stand in one of the trusted logs.
base::Result<> check_answer(const std::string& answer, const hallmark::Envelope& envelope, const sign::PublicKey& key, const std::vector<tlog::LogTrust>& trusted) {
  const auto entry = TRY(hallmark::parse_json(answer, most_answer_bytes));
  auto bundle = TRY(hallmark::parse_json(hallmark::Bundle{envelope, std::nullopt}.to_json(), 2 * hallmark::most_envelope_bytes));
  bundle["verificationMaterial"]["tlogEntries"].push_back(entry);
  const auto read = TRY(hallmark::Bundle::from_json(hallmark::print_json(bundle)));
  if (!read.entry || read.entry->body != hallmark::dsse_leaf(envelope, key)) return base::fail(Trouble::malformed, "the log answered with another entry");
  for (const auto& log : trusted)
    if (tlog::check_proof(read.entry->proof, base::bytes_of(read.entry->body), log)) return {};
  return base::fail(Trouble::malformed, "the log's proof holds in none of the logs that the gate's policy trusts");
}

base::Result<> at_address(const hallmark::Envelope& envelope, const sign::PublicKey& key, const std::string& log, const std::vector<tlog::LogTrust>& trusted) {
  http::Request request;
  request.method = "POST";
  request.url = log + (log.ends_with('/') ? "" : "/") + "api/v2/log/entries";
  request.body = request_body(envelope, key);
  request.content_type = "application/json";
  request.most_bytes = most_answer_bytes;
  const auto response = TRY(http::fetch(request));
  if (response.status != 200 && response.status != 201) return base::fail(Trouble::io, "the log did not take the statement ({}): {}", response.status, base::printable(response.body.substr(0, 300)));
  return check_answer(response.body, envelope, key, trusted);
}

}  // namespace

base::Result<> publish(const hallmark::Envelope& envelope, const sign::PublicKey& key, const std::string& log, const std::string& log_key, const std::vector<tlog::LogTrust>& trusted) {
  if (log.find("://") != std::string::npos) return at_address(envelope, key, log, trusted);
  if (log_key.empty()) return base::fail(Trouble::usage, "--log names a folder, so the log's own key is needed: --log-key");
  std::shared_ptr<const sign::Signer> signer = TRY(sign::open_signer(log_key));
  const auto writer = TRY(tlog::Writer::open(log, std::move(signer)));
  tlog::NewEntry entry;
  const auto leaf = hallmark::dsse_leaf(envelope, key);
  entry.leaf.assign(leaf.begin(), leaf.end());
  entry.statement = envelope.to_json();
  entry.statement_name = envelope.payload_digest();
  const auto added = writer->append(std::move(entry));
  if (!added) return std::unexpected(added.error());
  return {};
}

}  // namespace gate
