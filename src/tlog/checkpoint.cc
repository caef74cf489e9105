#include "tlog/checkpoint.h"

#include <charconv>
#include <set>

#include "base/base64.h"

namespace tlog {

using base::Trouble;

std::optional<std::uint64_t> parse_size(std::string_view digits) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || out > INT64_MAX) return std::nullopt;
  if (digits.size() > 1 && digits[0] == '0') return std::nullopt;
  return out;
}

std::optional<Hash> parse_hash(std::string_view text) {
  const auto bytes = base::from_base64(text);
  Hash out;
  if (!bytes || bytes->size() != out.bytes.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), out.bytes.begin());
  return out;
}

base::Result<Checkpoint> Checkpoint::parse(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == text.npos || end == 0) return base::fail(Trouble::malformed, "the checkpoint has an empty or unended line");
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (lines.size() < 3) return base::fail(Trouble::malformed, "the checkpoint has not its three lines: origin, size, root");
  const auto size = parse_size(lines[1]);
  const auto root = parse_hash(lines[2]);
  if (!size) return base::fail(Trouble::malformed, "the checkpoint's size '{}' is no number", base::printable(lines[1].substr(0, 40)));
  if (!root) return base::fail(Trouble::malformed, "the checkpoint's root is no base64 of 32 bytes");
  if (*size == 0 && *root != empty_root()) return base::fail(Trouble::malformed, "the checkpoint is of an empty log, and its root is not an empty log's");
  return Checkpoint{std::string(lines[0]), *size, *root, {lines.begin() + 3, lines.end()}};
}

std::string Checkpoint::print() const {
  auto out = fmt::format("{}\n{}\n{}\n", origin, size, base::to_base64(root.bytes));
  for (const auto& line : extensions) out += line + "\n";
  return out;
}

base::Result<SeenCheckpoint> check_checkpoint(std::string_view note, const LogTrust& trust) {
  const auto parsed = TRY(Note::parse(note));
  SeenCheckpoint out;
  out.checkpoint = TRY(Checkpoint::parse(parsed.text));
  if (out.checkpoint.origin != trust.origin)
    return base::fail(Trouble::malformed, "the checkpoint is of the log '{}', not of '{}'", base::printable(out.checkpoint.origin), base::printable(trust.origin));
  CHECK_OK(check_note(parsed, trust.log));
  std::set<base::Digest> counted;  // the same key under two names is one witness
  for (const auto& witness : trust.witnesses) {
    if (!claims_to_be_signed(parsed, witness)) continue;
    const auto time = TRY(check_note(parsed, witness));
    out.newest_cosignature = std::max(out.newest_cosignature, time);
    counted.insert(witness.key.id());
  }
  out.cosigned = static_cast<unsigned>(counted.size());
  if (out.cosigned < trust.quorum)
    return base::fail(Trouble::usage, "the checkpoint of '{}' is cosigned by {} of the trusted witnesses; {} are asked for", base::printable(trust.origin), out.cosigned, trust.quorum);
  out.note = note;
  return out;
}

}  // namespace tlog
