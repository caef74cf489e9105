#include "judge/known.h"

#include <fstream>
#include <sstream>

#include "base/base64.h"
#include "base/ed25519.h"
#include "judge/judge.h"
#include "judge/policy.h"

namespace judge {
namespace {

using base::Trouble;

base::Result<std::string> content_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  if (!stream) return base::fail(Trouble::usage, "{} can't be read", file);
  if (stream.tellg() > static_cast<std::streamoff>(most_known_bytes)) return base::fail(Trouble::usage, "{} is larger than {} bytes", file, most_known_bytes);
  stream.seekg(0);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) return base::fail(Trouble::usage, "{} can't be read", file);
  return std::move(text).str();
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

base::Result<base::Buffer> signature_from(std::string_view text) {
  auto out = base::from_base64(trimmed(text));
  if (!out || out->size() != 64) return base::fail(Trouble::usage, "the signature is not the base64 of 64 bytes on one line");
  return std::move(*out);
}

}  // namespace

base::Result<KnownSet> read_known_set(const std::string& name, std::string_view text, std::string_view signature_base64, std::string_view key_pem) {
  const auto signature = TRY(signature_from(signature_base64));
  if (auto held = base::verify_ed25519(key_pem, base::bytes_of(text), signature); !held) return base::fail(Trouble::usage, "the known set '{}': {}", name, held.error().what);
  KnownSet out{name, base::sha256(text), {}};
  std::size_t number = 0;
  while (!text.empty()) {
    const auto line = trimmed(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.size(), text.find('\n') == text.npos ? text.size() : text.find('\n') + 1));
    if (++number == 1) {
      if (line != "assay known set 1") return base::fail(Trouble::usage, "the known set '{}' does not begin with 'assay known set 1'", name);
      continue;
    }
    if (line.empty()) continue;
    const auto digest = base::Digest::from_hex(line.substr(0, 64));
    if (!digest || (line.size() > 64 && line[64] != ' ')) return base::fail(Trouble::usage, "the known set '{}', line {}: no SHA-256 in hex", name, number);
    out.artifacts.insert(*digest);
  }
  if (number == 0) return base::fail(Trouble::usage, "the known set '{}' is empty", name);
  return out;
}

base::Result<KnownSet> load_known_set(const std::string& name, const std::string& file, const std::string& key_file) {
  const auto text = TRY(content_of(file));
  const auto signature = TRY(content_of(file + ".sig"));
  const auto key = TRY(content_of(key_file));
  return read_known_set(name, text, signature, key);
}

void label_known(const Policy& policy, const artifact::Tree& tree, std::vector<evidence::Dossier>& dossiers) {
  if (policy.known.empty()) return;
  std::vector<const KnownSet*> by(tree.nodes.size(), nullptr);
  for (artifact::NodeId id = 1; id < tree.nodes.size() && id < dossiers.size(); ++id) {
    const auto& node = tree.nodes[id];
    if (node.parent != artifact::no_node && node.parent < id) by[id] = by[node.parent];  // what a known container holds is known
    if (node.entry.nature == artifact::Nature::file)
      for (const auto& set : policy.known)
        if (!by[id] && set.artifacts.contains(node.digest)) by[id] = &set;
    if (!by[id]) continue;
    for (auto& tile : dossiers[id].tiles)
      if (tile.label != evidence::Label::handed_on) tile = {tile.range, evidence::Label::known, by[id]->name};
  }
}

}  // namespace judge
