#include "app/log_client.h"

#include <CLI/CLI.hpp>

#include "tlog/writer.h"

namespace app {

using base::Trouble;

void add_log(CLI::App& command, LogOptions& options) {
  command.add_option("--log", options.log, "Log that the statement goes into: a folder, or an http(s) address")->type_name("LOG");
  command.add_option("--log-key", options.key, "The key of a log in a folder: a PEM file, or a PKCS#11 URI")->type_name("KEY");
}

base::Result<hallmark::LogEntry> log_statement(const LogOptions& options, const hallmark::Envelope& envelope, const sign::PublicKey& by) {
  if (options.key.empty()) return base::fail(Trouble::usage, "a log in a folder is written with its key; give --log-key");
  hallmark::LogEntry out;
  out.body = hallmark::dsse_leaf(envelope, by);
  std::shared_ptr<const sign::Signer> signer = TRY(sign::open_signer(options.key));
  const auto writer = TRY(tlog::Writer::open(options.log, std::move(signer)));
  const auto leaf = base::bytes_of(out.body);
  const auto added = TRY(writer->append({base::Buffer(leaf.begin(), leaf.end()), envelope.to_json(), envelope.payload_digest()}));
  const auto note = TRY(tlog::Note::parse(added.checkpoint));
  const auto checkpoint = TRY(tlog::Checkpoint::parse(note.text));
  out.proof.index = added.index;
  out.proof.hashes = added.inclusion;
  out.proof.checkpoint = added.checkpoint;
  out.size = checkpoint.size;
  out.root = checkpoint.root;
  out.log_id = writer->key().full_id;
  return out;
}

}  // namespace app
