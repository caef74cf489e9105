#include "gate/publish.h"

#include "http/fetch.h"
#include "tlog/writer.h"

namespace gate {

using base::Trouble;

base::Result<> publish(const hallmark::Envelope& envelope, const sign::PublicKey& key, const std::string& log, const std::string& log_key) {
  if (log.starts_with("http://") || log.starts_with("https://")) {
    http::Request request;
    request.method = "POST";
    request.url = log;
    request.body = envelope.to_json();
    request.content_type = "application/json";
    const auto response = TRY(http::fetch(request));
    if (response.status / 100 != 2) return base::fail(Trouble::io, "the log did not take the statement: HTTP {}", response.status);
    return {};
  }
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
