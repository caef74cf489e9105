// TransparencyLogEntry (sigstore protobuf-specs, sigstore_rekor.proto) in protobuf's JSON form.
#include "base/base64.h"
#include "hallmark/json_parts.h"

namespace hallmark {
namespace {

constexpr std::size_t most_hashes = 64;   // a tree of 2^64 leaves needs no more

base::Result<base::Digest> digest_of_bytes(Fields& f, const std::string& key) {
  const auto bytes = f.bytes(key);
  if (bytes.size() != 32) f.wrong(key, "32 bytes in base64 are needed");
  CHECK_OK(f.done());
  base::Digest out;
  std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
  return out;
}

}  // namespace

base::Result<LogEntry> read_log_entry(const Json& json) {
  Fields f(json, "tlogEntries");
  const auto index = f.number("logIndex");
  Fields id(f.object("logId"), "logId");
  Fields kind(f.object("kindVersion"), "kindVersion");
  Fields proof(f.object("inclusionProof"), "inclusionProof");
  if (kind.text("kind") != "dsse" || kind.text("version") != "0.0.2") kind.wrong("kind", "dsse 0.0.2 is needed");
  LogEntry out;
  out.body = base::text_of(f.bytes("canonicalizedBody"));
  out.proof.index = proof.number("logIndex");
  out.size = proof.number("treeSize");
  Fields checkpoint(proof.object("checkpoint"), "checkpoint");
  const auto& hashes = proof.has("hashes") ? proof.list("hashes", most_hashes) : Json::array();
  // A note has newlines; tlog reads it strictly before anybody shows it.
  out.proof.checkpoint = checkpoint.raw_text("envelope");
  if (out.proof.index != index) proof.wrong("logIndex", "is not that of the entry");
  for (const auto* fields : {&f, &kind, &checkpoint, &proof}) CHECK_OK(fields->done());
  out.log_id = TRY(digest_of_bytes(id, "keyId"));
  out.root = TRY(digest_of_bytes(proof, "rootHash"));
  for (const auto& hash : hashes) {
    const Json one = {{"hash", hash}};
    Fields h(one, "hashes");
    out.proof.hashes.push_back(TRY(digest_of_bytes(h, "hash")));
  }
  return out;
}

// integratedTime is left out: Rekor v2 keeps none, witnesses' cosignatures tell the time.
Json log_entry_json(const LogEntry& e) {
  Json hashes = Json::array();
  for (const auto& hash : e.proof.hashes) hashes.push_back(base::to_base64(hash.bytes));
  const auto index = std::to_string(e.proof.index);
  return {{"canonicalizedBody", base::to_base64(e.body)},
          {"inclusionProof",
           {{"checkpoint", {{"envelope", e.proof.checkpoint}}}, {"hashes", std::move(hashes)}, {"logIndex", index}, {"rootHash", base::to_base64(e.root.bytes)}, {"treeSize", std::to_string(e.size)}}},
          {"kindVersion", {{"kind", "dsse"}, {"version", "0.0.2"}}},
          {"logId", {{"keyId", base::to_base64(e.log_id.bytes)}}},
          {"logIndex", index}};
}

}  // namespace hallmark
