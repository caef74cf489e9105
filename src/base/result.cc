#include "base/result.h"

namespace base {

std::string_view name_of(Trouble trouble) {
  switch (trouble) {
    case Trouble::malformed: return "malformed";
    case Trouble::truncated: return "truncated";
    case Trouble::limit: return "limit";
    case Trouble::unsupported: return "unsupported";
    case Trouble::io: return "io";
    case Trouble::usage: return "usage";
    case Trouble::bug: return "bug";
  }
  return "bug";
}

std::string Error::to_string() const {
  return where.empty() ? what : fmt::format("{}: {}", where, what);
}

}  // namespace base
