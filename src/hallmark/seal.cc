#include "hallmark/seal.h"

namespace hallmark {

using base::Trouble;

base::Digest seal_of(const std::string& nonce, const std::vector<Reasons::Ground>& grounds) {
  base::Sha256 sha;
  sha.add("assay sealed reasons v1\n").add(nonce).add("\n");
  for (const auto& g : grounds)
    for (const auto* text : {&g.finding, &g.rule, &g.place, &g.remedy}) sha.add(fmt::format("{}:", text->size())).add(*text).add("\n");
  return sha.finish();
}

base::Result<> check_opened(const Reasons& opened, const Reasons* sealed) {
  if (!opened.sealed || opened.grounds.empty()) return base::fail(Trouble::malformed, "these are no opened reasons");
  if (opened.nonce.size() != nonce_digits) return base::fail(Trouble::malformed, "the nonce of opened reasons has {} hex digits", nonce_digits);
  if (seal_of(opened.nonce, opened.grounds) != *opened.sealed) return base::fail(Trouble::malformed, "the reasons that were opened are not those that were sealed");
  if (!sealed) return {};
  if (!sealed->sealed || *sealed->sealed != *opened.sealed) return base::fail(Trouble::malformed, "the opened reasons belong to another seal");
  if (sealed->hallmark != opened.hallmark || sealed->office != opened.office || sealed->deadline != opened.deadline)
    return base::fail(Trouble::malformed, "the opened reasons name another office, hallmark or deadline than the sealed ones");
  return {};
}

}  // namespace hallmark
