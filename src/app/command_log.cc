#include "app/command_log.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "app/exit_codes.h"
#include "app/file_text.h"
#include "app/log_access.h"
#include "hallmark/logged.h"
#include "tlog/tree.h"

namespace app {

using base::Trouble;

namespace {

constexpr std::uint64_t most_hallmark_bytes = 64u << 20;
constexpr std::uint64_t step = 4096;   // entries at once
constexpr std::size_t at_once = 4096;

/// One bundle of the command line, ready to be logged.
struct Given {
  hallmark::Bundle* bundle;
  tlog::NewEntry entry;
  sign::PublicKey key;
  std::string file;
};

/// Where one envelope of the command line goes: a log's folder, or a server.
struct Destination {
  std::unique_ptr<tlog::Writer> writer;
  std::string address;
  std::optional<tlog::LogTrust> trust;
};

base::Result<Destination> destination_of(const LogAppendOptions& o) {
  Destination out;
  if (o.write.folder.find("://") == std::string::npos) {
    if (o.write.key.empty()) return base::fail(Trouble::usage, "--key is needed: the log's own key signs its checkpoints");
    out.writer = TRY(writer_of(o.write));
    return out;
  }
  if (o.trust.vkey.empty()) return base::fail(Trouble::usage, "--vkey is needed: what the server at {} answers is checked against the log's key", base::printable(o.write.folder));
  out.address = o.write.folder;
  auto trust = o.trust;
  trust.quorum = o.write.quorum;
  // The server asks the witnesses; here their keys say whose word its answer must carry.
  for (const auto& w : o.write.witnesses) trust.witnesses.push_back(w.find("://") == w.npos ? w : w.substr(w.find('=') + 1));
  out.trust = TRY(trust_of(trust));
  return out;
}

/// The keys that may have signed: those named, and the one that an earlier log entry of the bundle names.
base::Result<std::vector<sign::PublicKey>> candidates(const hallmark::Bundle& bundle, std::vector<sign::PublicKey> accepted, std::string_view file) {
  if (accepted.empty() && bundle.entry)
    if (const auto facts = hallmark::read_leaf(base::bytes_of(bundle.entry->body))) accepted.push_back(facts->key);
  if (accepted.empty()) return base::fail(Trouble::usage, "{}: name the key that signed it with --accept KEY.pem", base::printable(file));
  return accepted;
}

/// Logs every bundle: in a folder as few batches as there can be, at a server one after the other.
base::Result<> log_all(const Destination& to, std::vector<Given>& given) {
  for (std::size_t from = 0; from < given.size(); from += at_once) {
    const auto part = std::span(given).subspan(from, std::min(at_once, given.size() - from));
    if (!to.writer) {
      for (auto& one : part) one.bundle->entry = TRY(hallmark::submit(to.address, one.bundle->envelope, one.key, std::span(&*to.trust, 1)));
      continue;
    }
    std::vector<tlog::NewEntry> entries;
    for (const auto& one : part) entries.push_back(one.entry);
    const auto added = TRY(to.writer->append_all(std::move(entries)));
    for (std::size_t i = 0; i < part.size(); ++i) part[i].bundle->entry = TRY(hallmark::logged_entry(part[i].entry, added[i], to.writer->key().full_id));
  }
  return {};
}

}  // namespace

base::Result<tlog::LogTrust> trust_of(const LogTrustOptions& o) {
  auto key = TRY(note_key(o.vkey));
  if (key.type == tlog::NoteType::cosignature) return base::fail(Trouble::usage, "'{}' is a witness's key, not a log's", base::printable(key.name));
  auto name = key.name;
  tlog::LogTrust out{std::move(name), std::move(key), {}, o.quorum};
  for (const auto& w : o.witnesses) out.witnesses.push_back(TRY(note_key(w)));
  if (o.quorum > out.witnesses.size()) return base::fail(Trouble::usage, "{} witnesses can't make a quorum of {}; name them with --witness", out.witnesses.size(), o.quorum);
  return out;
}

base::Result<std::unique_ptr<tlog::Writer>> writer_of(const LogWriteOptions& o) {
  tlog::WriterOptions options;
  options.quorum = o.quorum;
  for (const auto& w : o.witnesses) {
    const auto equals = w.find('=');
    if (equals == w.npos) return base::fail(Trouble::usage, "'{}' is no witness; write URL=VKEY", base::printable(w));
    auto key = TRY(note_key(w.substr(equals + 1)));
    if (key.type != tlog::NoteType::cosignature) return base::fail(Trouble::usage, "'{}' is no cosigning key", base::printable(key.name));
    options.witnesses.push_back({w.substr(0, equals), std::move(key), o.ca_file});
  }
  std::shared_ptr<const sign::Signer> signer = TRY(sign::open_signer(o.key));
  return tlog::Writer::open(o.folder, std::move(signer), std::move(options));
}

base::Result<> write_text(const std::string& file, std::string_view text) {
  if (file == "-") {
    fmt::print("{}", text);
    return {};
  }
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) return base::fail(Trouble::usage, "{} can't be written", base::printable(file));
  return {};
}

base::Result<int> command_log_init(const LogInitOptions& o) {
  std::shared_ptr<const sign::Signer> signer = TRY(sign::open_signer(o.key));
  CHECK_OK(tlog::Writer::init(o.folder, o.origin, signer->public_key()));
  const auto writer = TRY(tlog::Writer::open(o.folder, signer));
  fmt::print("{}\n", writer->key().vkey());
  return exit_pass;
}

base::Result<int> command_log_append(const LogAppendOptions& o) {
  const auto accepted = TRY(public_keys(o.write.accept));
  const auto to = TRY(destination_of(o));
  if (!o.hallmark.empty() && o.envelopes.size() != 1) return base::fail(Trouble::usage, "--hallmark takes one file with its log entries; {} were given", o.envelopes.size());
  std::vector<hallmark::HallmarkFile> files;
  std::vector<Given> given;
  for (const auto& file : o.envelopes) files.push_back(TRY(hallmark::HallmarkFile::parse(TRY(file_text(file, "the envelope", most_hallmark_bytes)))));
  for (std::size_t i = 0; i < files.size(); ++i)
    for (auto& bundle : files[i].bundles) {
      const auto keys = TRY(candidates(bundle, accepted, o.envelopes[i]));
      auto entry = hallmark::new_entry(bundle.envelope, keys);
      if (!entry) return base::fail(entry.error().trouble, "{}: {}", base::printable(o.envelopes[i]), entry.error().what);
      const auto facts = TRY(hallmark::read_leaf(entry->leaf));
      given.push_back({&bundle, std::move(*entry), facts.key, o.envelopes[i]});
    }
  CHECK_OK(log_all(to, given));
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto& one = given[i];
    fmt::print("{} {} {}\n", one.bundle->entry->proof.index, one.entry.statement_name.hex(), base::printable(one.file));
    if (i < o.proofs.size()) CHECK_OK(write_text(o.proofs[i], one.bundle->entry->proof.print()));
  }
  if (!o.hallmark.empty()) CHECK_OK(write_text(o.hallmark, files[0].print()));
  return exit_pass;
}

base::Result<int> command_log_verify(const LogVerifyOptions& o) {
  auto trust = TRY(trust_of(o.trust));
  const auto origin = trust.origin;
  tlog::Reading log(tlog::files_at(log_address(o.log)), std::move(trust));
  const auto seen = TRY(log.checkpoint());
  const auto size = seen.checkpoint.size;
  // Every bundle is checked against the lowest tiles, those against the tiles above; the root is also made
  // anew from the entries alone.
  tlog::Edge anew;
  std::uint64_t statements = 0;
  for (std::uint64_t at = 0; at < size; at += step) {
    const auto entries = TRY(log.entries(at, std::min(size, at + step), seen.checkpoint));
    for (const auto& entry : entries) {
      anew.push(tlog::leaf_hash(entry), [](unsigned, std::uint64_t, tlog::Tile&&) {});
      if (!o.statements) continue;
      const auto facts = hallmark::read_leaf(entry);
      if (!facts) continue;
      const auto statement = TRY(log.statement(facts->payload));
      CHECK_OK(hallmark::logged_statement(*facts, statement));
      ++statements;
    }
  }
  if (anew.root() != seen.checkpoint.root) return base::fail(Trouble::malformed, "the entries of '{}' do not lead to its root", base::printable(origin));
  fmt::print("{}: {} entries, every tile and entry leads to the signed root {}", base::printable(origin), size, base::to_hex(seen.checkpoint.root.bytes));
  if (o.statements) fmt::print("; {} statements are there and signed", statements);
  if (seen.cosigned > 0) fmt::print("; cosigned by {} witnesses", seen.cosigned);
  fmt::print("\n");
  return exit_pass;
}

base::Result<int> command_log_proof(const LogProofOptions& o) {
  auto trust = TRY(trust_of(o.trust));
  tlog::Reading log(tlog::files_at(log_address(o.log)), std::move(trust));
  const auto seen = TRY(log.checkpoint());
  auto hashes = TRY(log.inclusion(o.index, seen.checkpoint));
  CHECK_OK(tlog::check_inclusion(o.index, seen.checkpoint.size, TRY(log.leaf(o.index, seen.checkpoint)), hashes, seen.checkpoint.root));
  CHECK_OK(write_text(o.output, tlog::Proof{o.index, std::move(hashes), seen.note, {}}.print()));
  return exit_pass;
}

}  // namespace app
