// The worker's side: one artifact through identify, its unpackers and its examiners, in one pass,
// written to a pipe as frames. Runs confined; the parent trusts none of it.
#pragma once

#include "vet/job.h"

namespace vet {

/// A frame: one byte of type, four of length (little-endian), the payload.
enum class Frame : std::uint8_t {
  identity = 1,  ///< kind, detail
  item,          ///< an Item
  claim,         ///< a Claim
  child_begin,   ///< an Entry
  child_bytes,   ///< content, at most most_frame
  child_end,
  done,          ///< the worker came to its end: complete (1 byte)
};
inline constexpr std::uint32_t most_frame = 1 << 18;

/// The body of a worker (see confine::Zygote::Body).
int work(const Readers& readers, base::Bytes job, base::Bytes input, int out);

/// Makes every reader build what it builds on first use (patterns, tables), so that workers inherit
/// it. Call once, in the zygote's parent, before the zygote is forked. Profiled: without this, three
/// quarters of a small artifact's time went into compiling the same patterns again.
void warm(const Readers& readers);

}  // namespace vet
