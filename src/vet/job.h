// What a worker is asked to do, and what comes back. A job is one artifact: the unit of work, of caching and
// of blame; a worker gets a batch of them (see batches.h).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "artifact/place.h"
#include "base/digest.h"
#include "evidence/dossier.h"
#include "evidence/reader.h"

namespace vet {

/// Limits of one product; all in bytes, counts or steps, never in seconds.
struct Limits {
  std::uint32_t depth = 32;                      ///< containers inside containers
  std::uint64_t entries = 1'000'000;             ///< artifacts of the whole product
  std::uint64_t total_bytes = 16ull << 30;       ///< unpacked, whole product
  std::uint64_t artifact_bytes = 4ull << 30;     ///< one artifact
  std::uint64_t ratio = 1000;                    ///< unpacked : packed, beyond ratio_free_bytes
  std::uint64_t ratio_free_bytes = 64ull << 20;
  std::uint64_t steps_base = 200'000'000;        ///< steps of one artifact ...
  std::uint64_t steps_per_byte = 400;            ///< ... plus these for each of its bytes
  std::uint32_t items = 200'000;                 ///< evidence items of one artifact
};

struct Job {
  artifact::Place place;       ///< the last link is the artifact; the first link's name is left out
                               ///< for what lies deeper, so that evidence doesn't depend on it
  artifact::Entry entry;
  std::uint64_t most_output = 0;   ///< bytes of children
  std::uint32_t most_children = 0;
  std::string only_reader;     ///< "" = all; else one reader's name, to find which of them crashed
};

/// A child as the parent received it: hashed by the parent, stored in a depot.
struct ChildResult {
  artifact::Entry entry;
  base::Digest digest;
  std::uint64_t size = 0;
};

struct JobResult {
  std::string kind;
  std::string detail;
  evidence::Dossier dossier;
  std::vector<ChildResult> children;
};

/// One artifact of a batch: what to do, and where its bytes stand in the worker's input.
struct Task {
  Job job;
  base::Range bytes;
};

inline constexpr std::uint32_t most_tasks = 64;

base::Buffer encode(const Job& job);
base::Buffer encode(std::span<const Task> batch);
base::Result<std::vector<Task>> decode_batch(base::Bytes bytes);
base::Buffer encode(const JobResult& result);
base::Result<JobResult> decode_result(base::Bytes bytes);

/// All readers that a run uses: the registered ones and those made for this run (user rules).
struct Readers {
  Limits limits;
  std::vector<const evidence::Reader*> unpackers;
  std::vector<const evidence::Reader*> examiners;
};
Readers all_readers(const Limits& limits, std::vector<const evidence::Reader*> further = {});

}  // namespace vet
