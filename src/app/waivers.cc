#include "app/waivers.h"

#include "app/file_text.h"
#include "app/statements.h"

namespace app {
namespace {

using base::Trouble;

constexpr std::uint64_t most_waiver = 4u << 20;

base::Result<std::vector<sign::PublicKey>> trusted(const std::vector<std::string>& files, const judge::Policy& policy) {
  auto out = TRY(load_keys(files));
  for (const auto& pem : judge::waiver_keys_of(policy)) {
    auto key = sign::PublicKey::from_pem(pem);
    if (!key) return base::fail(Trouble::usage, "the policy '{}' names a key for waivers that is none: {}", judge::name_of(policy), key.error().what);
    out.push_back(std::move(*key));
  }
  return out;
}

std::string day_of(hallmark::Time time) { return hallmark::print_time(time).substr(0, 10); }

base::Result<judge::Waiver> read_signed(const std::string& file, std::span<const sign::PublicKey> keys) {
  const auto [loaded, said] = TRY(load_as<hallmark::WaiverStatement>(file, "a signed waiver"));
  if (keys.empty())
    return base::fail(Trouble::usage, "the waiver {} is signed, and nothing says whose signature counts; give --waiver-key, or waiver-keys in the policy", base::printable(file));
  const auto key = TRY(signer_of(loaded, keys, "the waiver"));
  judge::Waiver out;
  out.digest = loaded.id.hex();
  out.id = out.digest.substr(0, 16);
  out.product = loaded.statement.subjects.front().digest.hex();
  out.finding = said.finding;
  out.reason = said.reason;
  out.approver = said.approver;
  out.begins = day_of(said.issued);
  // Judging knows days: one that the waiver does not last to the end of is not in it.
  out.expires = day_of(said.expires + 1 - 86'400);
  out.source = file;
  out.key = key.id().hex();
  return out;
}

}  // namespace

base::Result<std::vector<judge::Waiver>> load_waivers(const std::vector<std::string>& files, const std::vector<std::string>& keys, const judge::Policy& policy, bool signed_only) {
  std::vector<judge::Waiver> out;
  if (files.empty()) return out;
  const auto trust = TRY(trusted(keys, policy));
  for (const auto& file : files) {
    const auto text = TRY(file_text(file, "the waiver", most_waiver));
    const auto first = text.find_first_not_of(" \t\r\n");
    const bool json = first != std::string::npos && text[first] == '{';
    if (!json && signed_only) return base::fail(Trouble::usage, "nobody signed the waiver {}; a hallmark takes signed ones only (assay waive)", base::printable(file));
    out.push_back(TRY(json ? read_signed(file, trust) : judge::parse_waiver(text, file)));
  }
  return out;
}

}  // namespace app
