// The requests of the clamd protocol (clamd(8), "COMMANDS"), as real clients send them:
//
//   zCMD argument NUL  |  nCMD argument LF      the reply ends with the same byte
//   CMD argument [LF]                           old form: one packet, one command; some clients end it with nothing
//
// After INSTREAM come chunks: a length of four bytes, big-endian, and that many bytes; length 0 ends.
// Pure: bytes in, requests out. Nothing here is trusted, everything is bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace gate::clamd {

inline constexpr std::size_t most_request_bytes = 8192;  ///< a path of PATH_MAX and a command

enum class Verb { ping, version, version_commands, stats, reload, shutdown, scan, cont_scan, multi_scan, all_match_scan, raw_scan, instream, fildes, session, end, unknown };

struct Request {
  Verb verb = Verb::unknown;
  std::string argument;      ///< a path, as sent
  char ending = '\n';        ///< of the reply
  bool prefixed = false;
};

enum class Parsed { request, need_more, too_long };

/// Takes one request off the front of `bytes`. An unprefixed request without its end is taken as it is,
/// unless it could still grow into a known command: then more may come, until `no_more`.
Parsed take_request(std::string& bytes, Request& out, bool no_more);

/// The chunks of INSTREAM.
class Chunks {
 public:
  explicit Chunks(std::uint64_t most) : most_(most) {}
  enum class State { more, end, too_large };
  /// Takes what it can off the front of `bytes`; `part` is content (valid until `bytes` changes).
  /// Call again while `taken` is not 0 and the state is `more`.
  State take(base::Bytes bytes, std::size_t& taken, base::Bytes& part);

 private:
  std::uint64_t most_, total_ = 0, left_ = 0;
};

}  // namespace gate::clamd
