// Errors as values. Every fallible function returns base::Result<T>; exceptions are for bugs and
// for libraries, and are caught once, in the examiner runner.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace base {

/// What went wrong, in the few classes that a verdict distinguishes.
enum class Trouble {
  malformed,    ///< the bytes contradict their own format
  truncated,    ///< the bytes end before their format does
  limit,        ///< a size, depth, count, ratio or step limit was reached
  unsupported,  ///< a valid feature that is not read (encryption, an unknown method)
  io,           ///< the operating system said no
  usage,        ///< the user's input can't be taken as it is
  bug,          ///< Assay contradicts itself
};

std::string_view name_of(Trouble trouble);

struct Error {
  Trouble trouble = Trouble::bug;
  std::string what;   ///< one clear sentence without a full stop
  std::string where;  ///< place, file or format; may be empty
  std::string to_string() const;
};

template <class T = void>
using Result = std::expected<T, Error>;

/// `return base::fail(Trouble::malformed, "section {} overlaps", i);`
template <class... Args>
std::unexpected<Error> fail(Trouble trouble, fmt::format_string<Args...> text, Args&&... args) {
  return std::unexpected(Error{trouble, fmt::format(text, std::forward<Args>(args)...), {}});
}

}  // namespace base

/// Unwraps a Result or returns its error from the enclosing function. Use it where nothing of the same
/// expression has been made yet (a statement of its own, or the first in a list): g++ 12 does not
/// destroy temporaries that are left behind by the return.
#define TRY(expression)                                                      \
  ({                                                                         \
    auto result_of_try = (expression);                                       \
    if (!result_of_try) return std::unexpected(std::move(result_of_try.error())); \
    std::move(*result_of_try);                                               \
  })

/// The same for Result<void>.
#define CHECK_OK(expression)                                                 \
  do {                                                                       \
    auto result_of_check = (expression);                                     \
    if (!result_of_check) return std::unexpected(std::move(result_of_check.error())); \
  } while (false)
