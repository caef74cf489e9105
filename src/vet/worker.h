// The worker's side: each artifact of its batch through identify, its unpackers and its examiners, in
// one pass, written to a pipe as frames. Runs confined; the parent trusts none of it.
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
  done,          ///< the end of an artifact: complete (1 byte); the next one's frames follow
};
inline constexpr std::uint32_t most_frame = 1 << 18;

/// The body of a worker (see confine::Zygote::Body). `batch`: see encode(std::span<const Task>). May end,
/// in good order, before the last artifact: whoever asked hands the rest to another worker.
int work(const Readers& readers, base::Bytes batch, base::Bytes input, int out);

/// Makes every reader build what it builds on first use (patterns, tables), so that workers inherit
/// it. Call once, in the zygote's parent, before the zygote is forked. Profiled: without this, three
/// quarters of a small artifact's time went into compiling the same patterns again.
void warm(const Readers& readers);

}  // namespace vet
