// Sealed reasons: an office must say why it refuses, and must not tell attackers of a hole before it is
// closed. The sealed statement carries only a digest; the opened one, after the deadline, carries the
// reasons and the nonce that give this digest. Whoever has both sees that nothing was changed meanwhile.
#pragma once

#include <string>
#include <vector>

#include "hallmark/statement.h"

namespace hallmark {

/// SHA-256 of "assay sealed reasons v1\n", the nonce in hex, "\n", and for every ground finding, rule, place
/// and remedy, each as its length in bytes, ":", itself and "\n". Without the nonce the text could be guessed.
base::Digest seal_of(const std::string& nonce, const std::vector<Reasons::Ground>& grounds);

inline constexpr std::size_t nonce_digits = 64;   ///< hex digits: 256 bits

/// That `opened` gives the digest that it names, and, where it is there, what `sealed` named before: the same
/// office, hallmark, deadline. Error: malformed, one sentence.
base::Result<> check_opened(const Reasons& opened, const Reasons* sealed);

}  // namespace hallmark
