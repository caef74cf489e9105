#include "tlog/proof.h"

#include "base/base64.h"

namespace tlog {
namespace {

using base::Trouble;

constexpr std::string_view first_line = "c2sp.org/tlog-proof@v1", extra_word = "extra ", index_word = "index ";
constexpr std::size_t most_proof_bytes = 2u << 20, most_hashes = 63;

}  // namespace

base::Result<Proof> Proof::parse(std::string_view text) {
  if (text.size() > most_proof_bytes) return base::fail(Trouble::limit, "the log proof has more than {} bytes", most_proof_bytes);
  const auto next = [&]() -> std::optional<std::string_view> {
    const auto end = text.find('\n');
    if (end == text.npos) return std::nullopt;
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
  };
  const auto wrong = [](std::string_view why) { return base::fail(Trouble::malformed, "this is no log proof: {}", why); };
  if (next() != first_line) return wrong("it does not begin with 'c2sp.org/tlog-proof@v1'");
  Proof out;
  auto line = next();
  if (line && line->starts_with(extra_word)) {
    auto extra = base::from_base64(line->substr(extra_word.size()));
    if (!extra || extra->empty()) return wrong("its extra line holds no base64");
    out.extra = std::move(*extra);
    line = next();
  }
  if (!line || !line->starts_with(index_word)) return wrong("its index line is missing");
  const auto index = parse_size(line->substr(index_word.size()));
  if (!index) return wrong("its index is no number");
  out.index = *index;
  while (true) {
    line = next();
    if (!line) return wrong("it ends before its checkpoint");
    if (line->empty()) break;
    const auto hash = parse_hash(*line);
    if (!hash) return wrong("one of its hashes is no base64 of 32 bytes");
    if (out.hashes.size() == most_hashes) return wrong("it has more hashes than any tree has levels");
    out.hashes.push_back(*hash);
  }
  out.checkpoint = text;
  const auto note = TRY(Note::parse(out.checkpoint));
  CHECK_OK(Checkpoint::parse(note.text));
  return out;
}

std::string Proof::print() const {
  auto out = fmt::format("{}\n", first_line);
  if (!extra.empty()) out += fmt::format("{}{}\n", extra_word, base::to_base64(extra));
  out += fmt::format("{}{}\n", index_word, index);
  for (const auto& hash : hashes) out += base::to_base64(hash.bytes) + "\n";
  return out + "\n" + checkpoint;
}

base::Result<SeenCheckpoint> check_proof(const Proof& proof, base::Bytes leaf, const LogTrust& trust) {
  auto seen = TRY(check_checkpoint(proof.checkpoint, trust));
  CHECK_OK(check_inclusion(proof.index, seen.checkpoint.size, leaf_hash(leaf), proof.hashes, seen.checkpoint.root));
  return seen;
}

}  // namespace tlog
