// Finds programs that ask for a password and compare what was typed with a text that stands in the
// program: whoever reads the program can log in. Three facts must meet, by data, not by names:
//   a comparison (strcmp and its kin) of a constant text with a buffer;
//   the buffer, or the argument that hands it over, was filled by an input function;
//   the last text shown before that input asks for a password.
// Not seen: comparisons written out as loops, texts built or decoded at run time, statically
// linked and stripped programs, input that passes through other buffers.
#pragma once

#include <string>
#include <vector>

#include "code/machine/calls.h"

namespace code::machine {

struct PasswordCheck {
  std::string text;            ///< what is compared with
  std::uint64_t text_offset = 0, call_offset = 0;  ///< in the file
  std::string comparison, input, prompt;
};

std::vector<PasswordCheck> password_checks(const Image& image, const std::vector<Call>& calls);

/// True for functions that compare texts, read input, or show text; what decides whether a program
/// is worth decoding.
bool compares(std::string_view function);
bool reads_input(std::string_view function);
bool asks_for_password(std::string_view text);

}  // namespace code::machine
