#include "evidence/item.h"

#include <fmt/format.h>

namespace evidence {

bool tells_of_change(std::string_view attribute) { return attribute == "change" || attribute == "new-to" || attribute == "moved-from" || attribute == "was-confidence" || attribute == "was-in" || attribute == "gone-from"; }

base::Digest digest_of(const Item& item, const base::Digest& artifact) {
  base::Sha256 sha;
  const auto field = [&](std::string_view text) { sha.add(fmt::format("{}:", text.size())).add(text); };
  sha.add(artifact.bytes);
  field(name_of(item.facet));
  field(item.word);
  field(item.value);
  for (const auto& [name, value] : item.attributes) {
    if (tells_of_change(name)) continue;
    field(name);
    field(value);
  }
  field(fmt::format("{}+{}", item.range.offset, item.range.size));
  field(item.unit);
  field(name_of(item.confidence));
  field(item.examiner);
  return sha.finish();
}

std::string fingerprint(std::string_view secret) { return "fingerprint " + base::sha256(secret).brief(); }

}  // namespace evidence
