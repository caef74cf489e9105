// A small world for tests: offices with fresh keys, a log of one entry, witnesses. Not linked into the program.
#pragma once

#include <gtest/gtest.h>

#include "hallmark/verify.h"
#include "report/sample_report.h"

namespace hallmark::trial {

inline constexpr Time today = 1'795'334'400;   // 2026-11-22T08:00:00Z
inline constexpr Time day = 86'400;

inline std::unique_ptr<sign::Signer> fresh(sign::Algorithm algorithm = sign::Algorithm::ed25519) {
  return sign::signer_from_pem(sign::generate(algorithm, "").value(), "trial").value();
}

/// A log that holds whatever is put in: the entry after `before` others.
struct Log {
  std::unique_ptr<sign::Signer> signer = fresh();
  std::vector<std::unique_ptr<sign::Signer>> witnesses;
  std::string origin = "log.example/trial";
  tlog::NoteKey key = tlog::NoteKey::make(origin, tlog::NoteType::ed25519, signer->public_key()).value();
  Time cosigned = today;

  tlog::NoteKey witness_key(std::size_t i) const { return tlog::NoteKey::make("witness.example/" + std::to_string(i), tlog::NoteType::cosignature, witnesses[i]->public_key()).value(); }
  tlog::LogTrust trust(unsigned quorum) const {
    tlog::LogTrust out{origin, key, {}, quorum};
    for (std::size_t i = 0; i < witnesses.size(); ++i) out.witnesses.push_back(witness_key(i));
    return out;
  }
  LogEntry add(const Envelope& envelope, const sign::PublicKey& by) const {
    const auto body = dsse_leaf(envelope, by);
    const auto other = tlog::leaf_hash(base::bytes_of("another entry"));
    const auto root = tlog::node_hash(other, tlog::leaf_hash(base::bytes_of(body)));
    tlog::Note note{tlog::Checkpoint{origin, 2, root, {}}.print(), {}};
    note.signatures.push_back(tlog::sign_note(note.text, key, *signer, 0).value());
    for (std::size_t i = 0; i < witnesses.size(); ++i) note.signatures.push_back(tlog::sign_note(note.text, witness_key(i), *witnesses[i], cosigned).value());
    return {body, {1, {other}, note.print(), {}}, 2, root, key.full_id};
  }
};

inline Statement verdict(report::Verdict verdict = report::Verdict::pass, std::string office = "https://office.example/one") {
  auto report = report::sample::passing();
  report.verdict = verdict;
  report.reasons[0].leads_to = verdict;
  if (verdict != report::Verdict::pass) report.reasons[0].text = "Something needs a look.";
  return verdict_of(report, "{}", std::move(office), today, today + 365 * day);
}

/// Signed, logged, with its summary when it is a pass.
inline HallmarkFile strike(const Statement& statement, const sign::Signer& signer, const Log* log) {
  HallmarkFile out;
  const auto add = [&](std::string payload) {
    Bundle bundle{Envelope::seal(std::move(payload), signer).value(), std::nullopt};
    if (log) bundle.entry = log->add(bundle.envelope, signer.public_key());
    out.bundles.push_back(std::move(bundle));
  };
  add(statement.to_json());
  if (auto summary = verification_summary(statement)) add(std::move(*summary));
  return out;
}

inline Trust trust_in(const sign::PublicKey& key, const Log& log, unsigned quorum = 0) {
  Trust out;
  out.offices = {{"one", "https://office.example/one", {{key}}}};
  out.logs = {log.trust(quorum)};
  return out;
}

}  // namespace hallmark::trial
