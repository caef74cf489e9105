// The calls of a program: which function calls which, and what is known of the arguments.
// Shallow on purpose: one pass from the start of a function to its end in the order of addresses,
// no branches followed, no loops; what a branch would change is not seen. Enough to tell that a
// constant text, a buffer or an argument is handed to a named function.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/result.h"
#include "code/machine/state.h"

namespace code::machine {

inline constexpr std::uint64_t most_code = 2 << 20;  ///< bytes of code read of one program

struct Call {
  std::uint64_t function = 0;   ///< start of the function that it stands in
  std::uint64_t address = 0;
  std::uint64_t target = 0;     ///< 0 where not known
  std::string name;             ///< of the target; "" where not known
  std::array<Value, 5> arguments;
};

/// In order of address. `work` gets the number of instructions decoded. Error: limit, for programs
/// with more code than most_code; bug, when the decoder can't be opened.
base::Result<std::vector<Call>> calls_of(Image& image, std::uint64_t& work);

}  // namespace code::machine
