#include "gate/opening.h"

#include <dirent.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "gate/shelf.h"
#include "report/wording.h"

namespace gate {

using base::Trouble;

base::Digest digest_of_gate(const Policy& policy) { return base::sha256("gate:" + policy.name); }

std::string folder_of_openings(const std::string& state) { return state + "/break-glass"; }

base::Result<Opening> read_opening(const hallmark::Envelope& envelope, const Policy& policy) {
  const bool ours = std::ranges::any_of(policy.break_glass_keys, [&](const auto& key) { return envelope.check(key).has_value(); });
  if (!ours) return base::fail(Trouble::usage, "the key that signed it is not among break-glass keys of the gate's policy");
  const auto statement = TRY(hallmark::Statement::from_json(envelope.payload));
  const auto* said = std::get_if<hallmark::BreakGlass>(&statement.predicate);
  if (!said || statement.subjects.empty()) return base::fail(Trouble::usage, "it is another statement");
  if (said->gate != policy.name || statement.subjects.front().digest != digest_of_gate(policy)) return base::fail(Trouble::usage, "it is for the gate {}", base::printable(said->gate));
  if (said->reason.empty() || said->approver.empty()) return base::fail(Trouble::usage, "it needs a reason and an approver");
  if (said->expires <= said->issued || said->expires - said->issued > policy.break_glass_most)
    return base::fail(Trouble::usage, "it may last {} minutes at most (break-glass: at-most)", policy.break_glass_most / 60);
  Opening out{report::sentence(said->reason), report::sentence(said->approver), said->issued, said->expires, {}, envelope.payload_digest()};
  for (std::size_t i = 1; i < statement.subjects.size(); ++i) out.products.insert(statement.subjects[i].digest);
  return out;
}

std::vector<Opening> openings_in(const std::string& state, const Policy& policy) {
  std::vector<Opening> out;
  const auto folder = folder_of_openings(state);
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(folder.c_str()), closedir);
  if (!open || policy.break_glass_keys.empty()) return out;
  std::vector<std::string> names;  // they begin with the time
  while (const auto* entry = readdir(open.get()))
    if (std::string_view(entry->d_name).ends_with(".json")) names.emplace_back(entry->d_name);
  std::ranges::sort(names, std::greater<>());
  if (names.size() > 1000) names.resize(1000);
  for (const auto& name : names) {
    const auto text = read_file(fmt::format("{}/{}", folder, name), 4u << 20);
    if (!text) continue;
    const auto envelope = hallmark::Envelope::from_json(std::string_view(*text).substr(0, text->find_last_not_of('\n') + 1));
    if (!envelope) continue;
    if (auto opening = read_opening(*envelope, policy)) out.push_back(std::move(*opening));
  }
  return out;
}

base::Result<hallmark::Envelope> seal_opening(const Policy& policy, Opening& opening, const sign::Signer& signer) {
  hallmark::Statement statement;
  statement.subjects.push_back({"gate:" + policy.name, digest_of_gate(policy)});
  for (const auto& product : opening.products) statement.subjects.push_back({"product", product});
  statement.predicate = hallmark::BreakGlass{policy.name, opening.reason, opening.approver, opening.issued, opening.expires};
  auto envelope = TRY(hallmark::Envelope::seal(statement.to_json(), signer));
  opening = TRY(read_opening(envelope, policy));
  return envelope;
}

base::Result<> store_opening(const std::string& state, const Opening& opening, const hallmark::Envelope& envelope) {
  const auto folder = folder_of_openings(state);
  for (const auto& path : {state, folder})
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return base::fail(Trouble::io, "{}: {}", base::printable(path), std::strerror(errno));
  return write_durably(fmt::format("{}/{}-{}.json", folder, hallmark::print_time(opening.issued), opening.id.brief()), envelope.to_json() + "\n");
}

}  // namespace gate
