#include "app/command_verify.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "app/exit_codes.h"
#include "app/file_text.h"
#include "app/outputs.h"
#include "app/statements.h"
#include "app/verify_text.h"
#include "hallmark/trust_yaml.h"
#include "intake/intake.h"

namespace app {
namespace {

using base::Trouble;
using hallmark::VerdictStatement;
using report::Verdict;

constexpr std::uint64_t most_hallmark = 64u << 20;

struct Names {
  std::vector<std::string> products, hallmarks;
};

base::Result<Names> sort_out(const VerifyOptions& options) {
  Names out;
  out.hallmarks = options.hallmarks;
  for (const auto& name : options.names) (options.hallmarks.empty() && name.ends_with(".hallmark") ? out.hallmarks : out.products).push_back(name);
  if (out.hallmarks.empty() && out.products.size() > 1) {
    out.hallmarks.push_back(out.products.back());
    out.products.pop_back();
  }
  if (out.hallmarks.empty()) return base::fail(Trouble::usage, "name the product and its hallmark: assay verify PRODUCT FILE.hallmark");
  if (out.products.empty()) return base::fail(Trouble::usage, "name what was delivered before its hallmark: assay verify PRODUCT FILE.hallmark");
  if (out.hallmarks.size() > 100) return base::fail(Trouble::usage, "{} hallmarks are more than anybody needs; at most 100 are read", out.hallmarks.size());
  return out;
}

/// Reads what was delivered, and keeps nothing of it.
base::Result<intake::FrozenFile> measure(int file) {
  base::Sha256 sha;
  intake::FrozenFile out;
  base::Buffer buffer(1u << 18);
  for (;;) {
    const auto n = ::read(file, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::fail(Trouble::usage, "{}", std::strerror(errno));
    if (n == 0) break;
    sha.add(base::Bytes(buffer).first(static_cast<std::size_t>(n)));
    out.size += static_cast<std::uint64_t>(n);
  }
  out.digest = sha.finish();
  return out;
}

base::Result<hallmark::TrustFile> trusted(const VerifyOptions& options) {
  if (options.trust.empty() == options.keys.empty()) return base::fail(Trouble::usage, "say whose word counts: --trust FILE.yaml, or --key PUBLIC.pem for one office");
  if (!options.trust.empty()) return hallmark::load_trust_file(options.trust);
  hallmark::TrustFile out;
  out.trust.need_log = false;
  for (const auto& file : options.keys) {
    const auto key = TRY(sign::PublicKey::load(file));
    out.trust.offices.push_back({base::printable(file), "", {{key}}});
  }
  return out;
}

/// What the hallmark calls the bytes that were delivered.
void find_subject(Checked& c, const intake::Product& product) {
  if (!c.verified.holds()) return;
  const auto& subjects = c.verified.statement.subjects;
  const auto named = [&](const base::Digest& digest) { return std::find_if(subjects.begin(), subjects.end(), [&](const auto& s) { return s.digest == digest; }); };
  if (subjects[0].digest == product.digest) {
    c.subject = subjects[0].name;
    c.whole = true;
    return;
  }
  // Files of the product, delivered one by one: each must be one of those that were vetted.
  for (const auto& piece : product.pieces) {
    const auto found = piece.entry.nature == artifact::Nature::file ? named(piece.frozen.digest) : subjects.end();
    if (found == subjects.end()) return c.subject.clear();
    if (c.subject.empty()) c.subject = found->name;
  }
  if (product.pieces.size() > 1) c.subject += fmt::format(" and {} more", product.pieces.size() - 1);
}

base::Result<> revoke(const std::vector<std::string>& files, const hallmark::Trust& trust, hallmark::Time now, std::vector<Checked>& all) {
  for (const auto& file : files) {
    const auto loaded = TRY(load_statement(file, "a revocation"));
    std::string office;
    const auto statement = hallmark::verify_statement(loaded.bundle.envelope, trust, now, &office);
    // One that can't be taken may be the one that matters.
    if (!statement) return base::fail(Trouble::usage, "the revocation {} can't be taken: {}", base::printable(file), statement.error().what);
    const auto* revocation = std::get_if<hallmark::Revocation>(&statement->predicate);
    if (!revocation) return base::fail(Trouble::usage, "{} is signed, but it is no revocation", base::printable(file));
    for (auto& c : all)
      if (c.verified.id == revocation->hallmark && c.verified.office == office) c.put_out = fmt::format("{} revoked it on {}: {}", office, hallmark::print_time(revocation->issued), revocation->reason);
  }
  return {};
}

void supersede(std::vector<Checked>& all) {
  for (const auto& newer : all) {
    const auto* v = newer.verified.holds() ? std::get_if<VerdictStatement>(&newer.verified.statement.predicate) : nullptr;
    if (!v) continue;
    for (auto& older : all)
      if (older.put_out.empty() && older.verified.office == newer.verified.office && older.verified.id != newer.verified.id && std::ranges::count(v->supersedes, older.verified.id.hex()))
        older.put_out = fmt::format("{} superseded it on {} ({})", newer.verified.office, hallmark::print_time(v->issued), base::printable(newer.file));
  }
}

/// Exit code and sentence.
void conclude(Verification& v, const hallmark::TrustFile& trust) {
  std::vector<hallmark::Verified> counting;
  bool part = false;
  hallmark::Time until = INT64_MAX;
  std::string refused;
  for (const auto& c : v.hallmarks) {
    if (!c.counts()) {
      refused = !c.verified.holds() ? c.verified.why : c.subject.empty() ? "it is about another product" : c.put_out;
      continue;
    }
    part = part || !c.whole;
    until = std::min(until, std::get<VerdictStatement>(c.verified.statement.predicate).expires);
    counting.push_back(c.verified);
  }
  v.wanted = trust.quorum;
  v.quorum = hallmark::quorum(counting, trust.quorum_of, trust.quorum);
  std::string offices;
  bool inconclusive = false, several = v.quorum.said.size() > 1;
  for (const auto& [office, verdict] : v.quorum.said) {
    offices += fmt::format("{}{} says {}", offices.empty() ? "" : ", ", office, report::name_of(verdict));
    inconclusive = inconclusive || verdict == Verdict::inconclusive;
  }
  const auto about = part ? "what this file is part of" : "this product";
  if (v.quorum.reached) {
    v.exit_code = exit_pass;
    v.sentence = fmt::format("Holds: pass. About {}, {}, until {}.", about, offices, hallmark::print_time(until));
  } else if (counting.empty()) {
    v.exit_code = exit_fail;
    v.sentence = v.hallmarks.size() == 1 ? fmt::format("Refused: {}.", refused) : fmt::format("Refused: none of the {} hallmarks holds; of the last: {}.", v.hallmarks.size(), refused);
  } else if (v.quorum.verdict == Verdict::conditional) {
    v.exit_code = exit_conditional;
    v.sentence = fmt::format("Conditional: it may enter when the condition{} above {} answered. About {}, {}, until {}.", several ? "s" : "", several ? "are" : "is", about, offices, hallmark::print_time(until));
  } else {
    v.exit_code = v.quorum.verdict == Verdict::fail ? exit_fail : inconclusive ? exit_inconclusive : exit_fail;
    v.sentence = fmt::format("Refused: about {}, {}; {}.", about, offices.empty() ? "none of the offices asked for speaks" : offices, v.quorum.why);
  }
}

}  // namespace

base::Result<int> command_verify(const VerifyOptions& options) {
  const auto names = TRY(sort_out(options));
  const auto now = TRY(time_or_now(options.now));
  const auto trust = TRY(trusted(options));
  const auto product = TRY(intake::take(names.products, measure));
  Verification out;
  out.files = names.products;
  out.digest = product.digest;
  out.size = product.size;
  out.trusts_log = !trust.trust.logs.empty();
  for (const auto& file : names.hallmarks) {
    const auto text = TRY(file_text(file, "the hallmark", most_hallmark));
    Checked c{file, {}, "", false, ""};
    if (const auto read = hallmark::HallmarkFile::parse(text)) c.verified = hallmark::verify(*read, trust.trust, now);
    else c.verified.refusal = hallmark::Refusal::malformed, c.verified.why = read.error().what;
    find_subject(c, product);
    out.hallmarks.push_back(std::move(c));
  }
  CHECK_OK(revoke(options.revocations, trust.trust, now, out.hallmarks));
  supersede(out.hallmarks);
  conclude(out, trust);
  CHECK_OK(write_output("-", options.format == "json" ? json_of(out) : text_of(out)));
  return out.exit_code;
}

}  // namespace app
