#include "gate/publish.h"

#include "hallmark/logging.h"

namespace gate {

base::Result<> publish(const hallmark::Envelope& envelope, const sign::PublicKey& key, const std::string& log, const std::string& log_key, const std::vector<tlog::LogTrust>& trusted) {
  if (log.find("://") != std::string::npos) {
    (void)TRY(hallmark::submit(log, envelope, key, trusted));
    return {};
  }
  if (log_key.empty()) return base::fail(base::Trouble::usage, "--log names a folder, so the log's own key is needed: --log-key");
  std::shared_ptr<const sign::Signer> signer = TRY(sign::open_signer(log_key));
  const auto writer = TRY(tlog::Writer::open(log, std::move(signer)));
  auto entry = TRY(hallmark::new_entry(envelope, std::span(&key, 1)));
  (void)TRY(writer->append(std::move(entry)));
  return {};
}

}  // namespace gate
