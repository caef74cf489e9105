#include "app/command_keygen.h"

#include <unistd.h>

#include <cstdlib>

#include "app/exit_codes.h"
#include "app/outputs.h"
#include "sign/key.h"
#include "tlog/note.h"

namespace app {
namespace {

using base::Trouble;

/// Typed twice, so that a slip of the hand does not lock the key for good; from the environment once.
base::Result<std::string> new_passphrase() {
  auto first = TRY(sign::ask_secret("New passphrase"));
  if (first.empty()) return base::fail(Trouble::usage, "the passphrase is empty; --no-passphrase keeps a key in the clear");
  if (std::getenv("ASSAY_PASSPHRASE") || std::getenv("ASSAY_PASSPHRASE_FILE")) return first;
  auto second = sign::ask_secret("The same again");
  const bool same = second && *second == first;
  if (second) sign::wipe(*second);
  if (same) return first;
  sign::wipe(first);
  return second ? base::fail(Trouble::usage, "the two passphrases differ; no key was made") : std::unexpected(second.error());
}

std::string public_file_of(const std::string& file) { return (file.ends_with(".pem") ? file.substr(0, file.size() - 4) : file) + ".pub.pem"; }

base::Result<std::string> about(const sign::PublicKey& key, const std::string& note_name) {
  std::string out = fmt::format("algorithm    {}\nkey id       {}\n", sign::name_of(key.algorithm()), key.id().hex());
  if (note_name.empty()) return out;
  const bool ed25519 = key.algorithm() == sign::Algorithm::ed25519;
  const auto log = TRY(tlog::NoteKey::make(note_name, ed25519 ? tlog::NoteType::ed25519 : tlog::NoteType::ecdsa, key));
  out += "log key      " + log.vkey() + "\n";
  if (ed25519) out += "witness key  " + TRY(tlog::NoteKey::make(note_name, tlog::NoteType::cosignature, key)).vkey() + "\n";
  return out;
}

base::Result<int> show(const sign::PublicKey& key, const KeygenOptions& options) {
  auto text = TRY(about(key, options.note_name));
  if (!options.output.empty()) {
    CHECK_OK(sign::write_key_file(options.output, key.pem(), sign::KeyFile::public_key, options.force));
    text = fmt::format("public key   {}\n", base::printable(options.output)) + text;
  }
  CHECK_OK(write_output("-", text));
  return exit_pass;
}

base::Result<int> make_files(sign::Algorithm algorithm, const KeygenOptions& options) {
  const auto public_file = public_file_of(options.output);
  // Both or none: a private key beside another one's public half would be found out late.
  for (const auto& file : {options.output, public_file})
    if (!options.force && access(file.c_str(), F_OK) == 0) return base::fail(Trouble::usage, "{} exists already; a key is never overwritten without --force", base::printable(file));
  auto passphrase = options.no_passphrase ? std::string() : TRY(new_passphrase());
  auto pem = sign::generate(algorithm, passphrase);
  if (!pem) return std::unexpected(pem.error());
  const auto signer = sign::signer_from_pem(*pem, options.output, [&](std::string_view) -> base::Result<std::string> { return passphrase; });
  sign::wipe(passphrase);
  if (!signer) return std::unexpected(signer.error());
  const auto& key = (*signer)->public_key();
  const auto text = TRY(about(key, options.note_name));
  const auto written = sign::write_key_file(options.output, *pem, sign::KeyFile::private_key, options.force);
  sign::wipe(*pem);
  if (!written) return std::unexpected(written.error());
  CHECK_OK(sign::write_key_file(public_file, key.pem(), sign::KeyFile::public_key, options.force));
  CHECK_OK(write_output("-", fmt::format("private key  {} ({})\npublic key   {}\n{}", base::printable(options.output), options.no_passphrase ? "in the clear" : "encrypted", base::printable(public_file), text)));
  return exit_pass;
}

}  // namespace

base::Result<int> command_keygen(const KeygenOptions& options) {
  const auto algorithm = TRY(sign::algorithm_from(options.algorithm));
  if (!options.from.empty() && !options.token.empty()) return base::fail(Trouble::usage, "--from shows a key that there is and --token makes one; give one of them");
  if (!options.from.empty()) {
    if (options.from.ends_with(".pub.pem")) return show(TRY(sign::PublicKey::load(options.from)), options);
    return show(TRY(sign::open_signer(options.from))->public_key(), options);
  }
  if (!options.token.empty()) return show(TRY(sign::generate_in_token(options.token, algorithm)), options);
  if (options.output.empty()) return base::fail(Trouble::usage, "name the file of the new key with -o, or a token with --token");
  return make_files(algorithm, options);
}

}  // namespace app
