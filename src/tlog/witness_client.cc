// The log's side of tlog-witness: ask, learn the witness's size from a 409, ask again.
#include <future>
#include <variant>

#include "base/base64.h"
#include "http/fetch.h"
#include "tlog/witness.h"

namespace tlog {
namespace {

using base::Trouble;

constexpr std::string_view old_word = "old ";
constexpr std::size_t most_hashes = 63, most_answer_bytes = 64u << 10;
constexpr int rounds = 3;

struct Conflict {
  std::uint64_t size;
};
using Reply = std::variant<NoteSignature, Conflict, base::Error>;

/// The witness's own lines of the answer, checked against the note that was sent.
base::Result<NoteSignature> own_signature(const std::string& lines, const std::string& note, const NoteKey& key) {
  const auto parsed = TRY(Note::parse(note + lines));
  const auto sent = TRY(Note::parse(note));
  Note only{parsed.text, {parsed.signatures.begin() + static_cast<std::ptrdiff_t>(sent.signatures.size()), parsed.signatures.end()}};
  TRY(check_note(only, key));
  for (const auto& s : only.signatures)
    if (s.name == key.name && s.id == key.id) return s;
  return base::fail(Trouble::bug, "a checked signature is gone");
}

Reply ask(const WitnessPeer& peer, const AddCheckpoint& request) {
  http::Request post;
  post.method = "POST";
  post.url = peer.url + (peer.url.ends_with('/') ? "" : "/") + "add-checkpoint";
  post.body = request.print();
  post.content_type = "text/plain; charset=utf-8";
  post.most_bytes = most_answer_bytes;
  post.timeout_seconds = 10;
  post.ca_file = peer.ca_file;
  const auto answer = http::fetch(post);
  const auto wrong = [](std::string what) { return base::Error{Trouble::io, std::move(what), {}}; };
  if (!answer) return answer.error();
  if (answer->status == 409) {
    const auto type = answer->headers.find("content-type");
    auto digits = std::string_view(answer->body);
    if (digits.ends_with('\n')) digits.remove_suffix(1);
    const auto size = parse_size(digits);
    if (type == answer->headers.end() || !type->second.starts_with("text/x.tlog.size") || !size) return wrong("it has cosigned another checkpoint of this size");
    return Conflict{*size};
  }
  if (answer->status != 200) return wrong(fmt::format("it answered {}: {}", answer->status, base::printable(answer->body.substr(0, 200))));
  auto signature = own_signature(answer->body, request.checkpoint, peer.key);
  if (!signature) return wrong("its answer is no cosignature of this checkpoint: " + signature.error().what);
  return std::move(*signature);
}

}  // namespace

base::Result<AddCheckpoint> AddCheckpoint::parse(std::string_view body) {
  const auto wrong = [](std::string_view why) { return base::fail(Trouble::malformed, "this is no add-checkpoint request: {}", why); };
  if (body.size() > most_add_checkpoint_bytes) return base::fail(Trouble::limit, "an add-checkpoint request has at most {} bytes", most_add_checkpoint_bytes);
  AddCheckpoint out;
  for (bool first = true;; first = false) {
    const auto end = body.find('\n');
    if (end == body.npos) return wrong("it ends before its checkpoint");
    const auto line = body.substr(0, end);
    body.remove_prefix(end + 1);
    if (first) {
      const auto size = line.starts_with(old_word) ? parse_size(line.substr(old_word.size())) : std::nullopt;
      if (!size) return wrong("its first line is not 'old' and a size");
      out.old_size = *size;
    } else if (line.empty()) {
      break;
    } else {
      const auto hash = parse_hash(line);
      if (!hash) return wrong("a line of its proof is no base64 of 32 bytes");
      if (out.proof.size() == most_hashes) return wrong("its proof has more than 63 hashes");
      out.proof.push_back(*hash);
    }
  }
  out.checkpoint = body;
  return out;
}

std::string AddCheckpoint::print() const {
  auto out = fmt::format("{}{}\n", old_word, old_size);
  for (const auto& hash : proof) out += base::to_base64(hash.bytes) + "\n";
  return out + "\n" + checkpoint;
}

Cosigned ask_witnesses(const std::vector<WitnessPeer>& peers, std::map<std::string, std::uint64_t>& sizes, const Checkpoint& checkpoint, const std::string& note, const GetNode& node) {
  Cosigned out;
  auto left = peers;
  for (int round = 0; round < rounds && !left.empty(); ++round) {
    std::vector<std::pair<WitnessPeer, std::future<Reply>>> asked;
    for (const auto& peer : left) {
      const auto old_size = sizes[peer.url];
      const auto proof = consistency_proof(old_size, checkpoint.size, node);
      if (!proof) out.refusals.push_back(fmt::format("{}: {}", peer.key.name, proof.error().what));
      else asked.emplace_back(peer, std::async(std::launch::async, ask, peer, AddCheckpoint{old_size, *proof, note}));
    }
    left.clear();
    for (auto& [peer, future] : asked) {
      auto reply = future.get();
      if (auto* signature = std::get_if<NoteSignature>(&reply)) {
        sizes[peer.url] = checkpoint.size;
        out.signatures.push_back(std::move(*signature));
      } else if (const auto* error = std::get_if<base::Error>(&reply)) {
        out.refusals.push_back(fmt::format("{}: {}", peer.key.name, error->what));
      } else if (const auto size = std::get<Conflict>(reply).size; size > checkpoint.size) {
        out.refusals.push_back(fmt::format("{}: it has already cosigned a checkpoint of {} entries, and this log has {}: the log was rolled back, or another writer has its key", peer.key.name, size, checkpoint.size));
      } else if (round + 1 == rounds || sizes[peer.url] == size) {
        out.refusals.push_back(fmt::format("{}: it does not agree on the size that it cosigned last", peer.key.name));
      } else {
        sizes[peer.url] = size;
        left.push_back(peer);
      }
    }
  }
  return out;
}

}  // namespace tlog
