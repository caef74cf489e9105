// The command lines of `assay log` and `assay witness`.
#include <CLI/CLI.hpp>

#include "app/command_log.h"

namespace app {
namespace {

template <class Options, class Run>
void run_with(CLI::App* command, const std::shared_ptr<Options>& options, base::Result<int>& result, Run run) {
  command->callback([options, &result, run] { result = run(*options); });
}

void add_trust(CLI::App& c, LogTrustOptions& o, bool required) {
  c.add_option("--vkey", o.vkey, "The log's key as `assay log init` printed it, or a file that holds it")->type_name("VKEY")->required(required);
}
void add_trusted_witnesses(CLI::App& c, LogTrustOptions& o) {
  c.add_option("--witness", o.witnesses, "Key of a witness that is trusted; may be repeated")->type_name("VKEY")->allow_extra_args(false);
  c.add_option("--quorum", o.quorum, "How many of them must have cosigned")->type_name("N");
}
void add_writing(CLI::App& c, LogWriteOptions& o) {
  c.add_option("--accept", o.accept, "Public key whose statements are logged; may be repeated")->type_name("PEM")->allow_extra_args(false);
  c.add_option("--ca", o.ca_file, "Authorities that certify the witnesses' servers, instead of the system's")->type_name("PEM");
}

void add_init(CLI::App& log, base::Result<int>& result) {
  auto o = std::make_shared<LogInitOptions>();
  auto* c = log.add_subcommand("init", "Begin a log in an empty folder; prints the key that its readers need");
  c->add_option("FOLDER", o->folder, "Served as it is; FOLDER.record beside it says what was signed, and is never served")->required()->type_name("");
  c->add_option("--origin", o->origin, "The log's name, for ever: an address without its scheme, as log.example/2027")->required()->type_name("NAME");
  c->add_option("--key", o->key, "Private key (PEM) or pkcs11: URI")->required()->type_name("REF");
  run_with(c, o, result, command_log_init);
}

void add_append(CLI::App& log, base::Result<int>& result) {
  auto o = std::make_shared<LogAppendOptions>();
  auto* c = log.add_subcommand("append", "Log statements: DSSE envelopes or hallmarks; prints index and digest of each");
  c->add_option("LOG", o->write.folder, "Folder of the log, or the address of its server")->required()->type_name("");
  c->add_option("ENVELOPE", o->envelopes, "Files")->required()->type_name("");
  c->add_option("--key", o->write.key, "The log's private key; of a folder")->type_name("REF");
  add_writing(*c, o->write);
  add_trust(*c, o->trust, false);
  c->add_option("--witness", o->write.witnesses, "Witness that is asked to cosign: URL=VKEY (of a server: VKEY, that must have cosigned); may be repeated")->type_name("URL=VKEY")->allow_extra_args(false);
  c->add_option("--quorum", o->write.quorum, "How many must cosign")->type_name("N");
  c->add_option("-o,--output", o->proofs, "File for the proof (.tlog-proof); the n-th goes with the n-th envelope")->type_name("FILE")->allow_extra_args(false);
  c->add_option("--hallmark", o->hallmark, "File for the hallmark with its log entries")->type_name("FILE");
  run_with(c, o, result, command_log_append);
}

void add_serve(CLI::App& log, base::Result<int>& result) {
  auto o = std::make_shared<LogServeOptions>();
  auto* c = log.add_subcommand("serve", "Serve a log's files, and take statements at POST /api/v2/log/entries");
  c->add_option("FOLDER", o->write.folder, "Folder of the log")->required()->type_name("");
  c->add_option("--key", o->write.key, "The log's private key")->required()->type_name("REF");
  c->add_option("--listen", o->listen, "Address and port; port 0 is any")->type_name("ADDRESS:PORT")->capture_default_str();
  add_writing(*c, o->write);
  c->add_option("--witness", o->write.witnesses, "Witness that is asked to cosign: URL=VKEY; may be repeated")->type_name("URL=VKEY")->allow_extra_args(false);
  c->add_option("--quorum", o->write.quorum, "How many must cosign before anything is acknowledged")->type_name("N");
  run_with(c, o, result, command_log_serve);
}

void add_readers(CLI::App& log, base::Result<int>& result) {
  auto v = std::make_shared<LogVerifyOptions>();
  auto* verify = log.add_subcommand("verify", "Read a whole log and check every tile, entry and signature");
  verify->add_option("LOG", v->log, "Folder or address")->required()->type_name("");
  add_trust(*verify, v->trust, true);
  add_trusted_witnesses(*verify, v->trust);
  verify->add_flag("--statements", v->statements, "Read every statement too, and check its signature");
  run_with(verify, v, result, command_log_verify);

  auto p = std::make_shared<LogProofOptions>();
  auto* proof = log.add_subcommand("proof", "Write the proof of one entry, to be checked without the log");
  proof->add_option("LOG", p->log, "Folder or address")->required()->type_name("");
  proof->add_option("INDEX", p->index, "Which entry")->required()->type_name("");
  proof->add_option("-o,--output", p->output, "File (.tlog-proof); - is standard output")->required()->type_name("FILE");
  add_trust(*proof, p->trust, true);
  add_trusted_witnesses(*proof, p->trust);
  run_with(proof, p, result, command_log_proof);

  auto m = std::make_shared<LogMonitorOptions>();
  auto* monitor = log.add_subcommand("monitor", "Follow a log: that it only grows, and what it says about makers");
  monitor->add_option("LOG", m->log, "Folder or address")->required()->type_name("");
  add_trust(*monitor, m->trust, true);
  add_trusted_witnesses(*monitor, m->trust);
  monitor->add_option("--state", m->state, "Folder for what was seen; with it a fork is told even after a restart")->required()->type_name("FOLDER");
  monitor->add_option("--maker", m->makers, "Report verdicts about this maker only; may be repeated")->type_name("NAME")->allow_extra_args(false);
  monitor->add_flag("--once", m->once, "Look once and end");
  monitor->add_option("--every", m->every, "Seconds between two looks")->type_name("SECONDS")->capture_default_str()->check(CLI::Range(1U, 86400U));
  monitor->footer("Exit codes: 0 all is well (with --once, or when interrupted), 1 the log broke its word, 2 it can't be read.");
  run_with(monitor, m, result, command_log_monitor);
}

void add_witness(CLI::App& cli, base::Result<int>& result) {
  auto o = std::make_shared<WitnessOptions>();
  auto* c = cli.add_subcommand("witness", "Cosign the checkpoints of logs that only grow (C2SP tlog-witness)");
  c->add_option("--key", o->key, "The witness's private key (Ed25519), used for nothing else")->required()->type_name("REF");
  c->add_option("--name", o->name, "The witness's name, as witness.example/1")->required()->type_name("NAME");
  c->add_option("--state", o->state, "Folder for what was cosigned; never to be lost or taken back")->required()->type_name("FOLDER");
  c->add_option("--log", o->logs, "Key of a log to cosign for: text or file; may be repeated")->type_name("VKEY")->allow_extra_args(false);
  c->add_option("--listen", o->listen, "Address and port; port 0 is any")->type_name("ADDRESS:PORT")->capture_default_str();
  c->add_flag("--print-key", o->print_key, "Print the witness's key, as logs and readers need it, and end");
  c->add_option("--now", o->now, "A clock that stands still, for tests")->type_name("TIME")->group("");
  run_with(c, o, result, command_witness);
}

}  // namespace

void add_log_commands(CLI::App& cli, base::Result<int>& result) {
  auto* log = cli.add_subcommand("log", "Keep, serve and watch a transparency log");
  log->require_subcommand(1);
  add_init(*log, result);
  add_append(*log, result);
  add_serve(*log, result);
  add_readers(*log, result);
  add_witness(cli, result);
}

}  // namespace app
