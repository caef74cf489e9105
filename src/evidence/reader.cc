#include "evidence/reader.h"

namespace evidence {

bool reads(const Card& card, std::string_view kind) {
  for (const auto k : card.kinds) {
    if (k == "*" || k == kind) return true;
    if (k.ends_with("/*") && kind.starts_with(k.substr(0, k.size() - 1))) return true;
  }
  return false;
}

}  // namespace evidence
