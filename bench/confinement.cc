// What confinement costs: the same products through the same readers, once as always (a confined
// worker for each artifact, frames through a pipe, members in unlinked files) and once in this process
// (plain function calls, members in memory). Judging and reporting are left out of both.
//
//   bench_confinement workers|inside PRODUCT...      prints "ARTIFACTS BYTES" and returns
//
// bench/confinement runs both in turns and prints the ratio of processor time.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "base/digest.h"
#include "confine/zygote.h"
#include "evidence/recorder.h"
#include "identify/identify.h"
#include "vet/queue.h"
#include "vet/remainder.h"
#include "vet/worker.h"

namespace {

struct Sum {
  std::uint64_t artifacts = 0, bytes = 0;
};

// The same steps as vet::work and the queue take, without a process in between.
void inside(const vet::Readers& readers, const artifact::Entry& entry, artifact::Place place, base::Bytes bytes, Sum& sum, unsigned depth) {
  if (depth >= readers.limits.depth) return;
  ++sum.artifacts;
  sum.bytes += bytes.size();
  place.links.push_back({entry.name, "", entry.origin});
  evidence::Recorder sink(bytes, UINT64_MAX, readers.limits.artifact_bytes);
  evidence::View view;
  view.bytes = bytes;
  view.entry = entry;
  view.place = place;
  view.kind = entry.kind.empty() ? identify::identify({bytes, place.file_name()}, sink).kind : entry.kind;
  view.place.links.back().kind = view.kind;
  view.remaining = evidence::remaining({}, bytes.size());
  for (const auto* reader : readers.unpackers)
    if (evidence::reads(reader->card(), view.kind)) (void)reader->read(view, sink);
  view.remaining = evidence::remaining(sink.claims, bytes.size());
  std::optional<vet::Remainder> remainder;
  if (view.remaining != evidence::remaining({}, bytes.size())) remainder.emplace(view);
  for (const auto* reader : readers.examiners) {
    if (!evidence::reads(reader->card(), view.kind)) continue;
    if (remainder && reader->card().of_remainder) {
      vet::RemainderSink mapped(*remainder, sink);
      (void)reader->read(remainder->view(), mapped);
    } else {
      (void)reader->read(view, sink);
    }
  }
  if (const auto tiles = evidence::tile(sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""}); tiles) (void)evidence::check_tiling(*tiles, bytes.size());
  for (auto& child : sink.children) {
    (void)base::sha256(base::Bytes(child.bytes));
    if (child.entry.nature == artifact::Nature::file) inside(readers, child.entry, view.place, child.bytes, sum, depth + 1);
    base::Buffer().swap(child.bytes);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string mode = argv[1];
  const auto readers = vet::all_readers({});
  vet::warm(readers);
  auto zygote = confine::Zygote::start([&](base::Bytes job, base::Bytes input, int pipe) { return vet::work(readers, job, input, pipe); }, {});
  if (!zygote) return 2;
  Sum sum;
  for (int i = 2; i < argc; ++i) {
    const int file = open(argv[i], O_RDONLY | O_CLOEXEC);
    struct stat status {};
    if (file < 0 || fstat(file, &status) != 0) return 2;
    const auto size = static_cast<std::uint64_t>(status.st_size);
    void* at = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (at == MAP_FAILED) return 2;
    const base::Bytes bytes(static_cast<const std::uint8_t*>(at), size);
    artifact::Entry entry;
    entry.name = "product";
    entry.origin = artifact::Origin::product;
    if (mode == "inside") {
      inside(readers, entry, {}, bytes, sum, 0);
    } else {
      vet::Settings settings;
      settings.limits = readers.limits;
      settings.depot_folder = "/var/tmp";
      vet::Progress progress;
      const auto done = vet::run({{entry, base::sha256(bytes), {file, 0, size}}}, **zygote, readers, settings, progress);
      if (!done) return 2;
      for (const auto& node : done->tree.nodes)
        if (node.entry.nature == artifact::Nature::file) ++sum.artifacts, sum.bytes += node.size;
    }
    munmap(at, size);
    close(file);
  }
  std::printf("%lu %lu\n", sum.artifacts, sum.bytes);
  return 0;
}
