#include "vet/job.h"

#include "evidence/wire.h"
#include "examine/registry.h"
#include "unpack/registry.h"

namespace vet {

using evidence::wire::Writer;

namespace {

void put(Writer& w, const Job& job) {
  w.u32(static_cast<std::uint32_t>(job.place.links.size()));
  for (const auto& link : job.place.links) {
    w.text(link.name);
    w.text(link.kind);
    w.u8(static_cast<std::uint8_t>(link.origin));
  }
  w.entry(job.entry);
  w.u64(job.most_output);
  w.u32(job.most_children);
  w.text(job.only_reader);
}

base::Result<Job> take_job(base::Cursor& in) {
  Job job;
  const auto links = in.u32();
  for (std::uint32_t i = 0; i < links && in.ok(); ++i) {
    artifact::Link link;
    link.name = evidence::wire::text(in);
    link.kind = evidence::wire::text(in);
    link.origin = static_cast<artifact::Origin>(in.u8());
    job.place.links.push_back(std::move(link));
  }
  job.entry = TRY(evidence::wire::entry(in));
  job.most_output = in.u64();
  job.most_children = in.u32();
  job.only_reader = evidence::wire::text(in);
  CHECK_OK(in.status("a job"));
  return job;
}

}  // namespace

base::Buffer encode(const Job& job) {
  Writer w;
  put(w, job);
  return w.take();
}

base::Buffer encode(std::span<const Task> batch) {
  Writer w;
  w.u32(static_cast<std::uint32_t>(batch.size()));
  for (const auto& task : batch) {
    w.u64(task.bytes.offset);
    w.u64(task.bytes.size);
    put(w, task.job);
  }
  return w.take();
}

base::Result<std::vector<Task>> decode_batch(base::Bytes bytes) {
  base::Cursor in(bytes);
  const auto count = in.u32();
  if (count > most_tasks) return base::fail(base::Trouble::malformed, "a batch of {} jobs", count);
  std::vector<Task> out(count);
  for (auto& task : out) {
    task.bytes.offset = in.u64();
    task.bytes.size = in.u64();
    task.job = TRY(take_job(in));
  }
  return out;
}

base::Buffer encode(const JobResult& result) {
  Writer w;
  w.text(result.kind);
  w.text(result.detail);
  w.u8(result.dossier.complete);
  w.u32(static_cast<std::uint32_t>(result.dossier.items.size()));
  for (const auto& item : result.dossier.items) w.item(item);
  w.u32(static_cast<std::uint32_t>(result.dossier.tiles.size()));
  for (const auto& tile : result.dossier.tiles) w.claim(tile);
  w.u32(static_cast<std::uint32_t>(result.children.size()));
  for (const auto& child : result.children) {
    w.entry(child.entry);
    w.text(base::text_of(child.digest.bytes));
    w.u64(child.size);
  }
  return w.take();
}

base::Result<JobResult> decode_result(base::Bytes bytes) {
  base::Cursor in(bytes);
  JobResult out;
  out.kind = evidence::wire::text(in);
  out.detail = evidence::wire::text(in);
  out.dossier.complete = in.u8() != 0;
  const auto items = in.u32();
  for (std::uint32_t i = 0; i < items; ++i) out.dossier.items.push_back(TRY(evidence::wire::item(in)));
  const auto tiles = in.u32();
  for (std::uint32_t i = 0; i < tiles; ++i) out.dossier.tiles.push_back(TRY(evidence::wire::claim(in)));
  const auto children = in.u32();
  for (std::uint32_t i = 0; i < children; ++i) {
    ChildResult child;
    child.entry = TRY(evidence::wire::entry(in));
    const auto digest = evidence::wire::text(in, 32);
    child.size = in.u64();
    if (digest.size() != 32) return base::fail(base::Trouble::malformed, "a child has no digest");
    std::ranges::copy(base::bytes_of(digest), child.digest.bytes.begin());
    out.children.push_back(std::move(child));
  }
  CHECK_OK(in.status("a cached result"));
  return out;
}

Readers all_readers(const Limits& limits, std::vector<const evidence::Reader*> further) {
  Readers out{limits, unpack::registry(), examine::registry()};
  out.examiners.insert(out.examiners.end(), further.begin(), further.end());
  return out;
}

}  // namespace vet
