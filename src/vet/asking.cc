#include "vet/asking.h"

#include <algorithm>

#include "evidence/reader.h"

namespace vet {
namespace {

constexpr std::size_t most_job_bytes = 90'000;  // of one worker; see Zygote::spawn

// Merges what `from` has into `to`, for runs of one reader at a time.
void merge(Received& to, Received&& from) {
  auto& items = to.result.dossier.items;
  items.insert(items.end(), from.result.dossier.items.begin(), from.result.dossier.items.end());
  to.result.children.insert(to.result.children.end(), from.result.children.begin(), from.result.children.end());
  to.blobs.insert(to.blobs.end(), from.blobs.begin(), from.blobs.end());
}

// An empty file under an ordinary name says nothing that its entry does not: no worker is started for
// it, so that a million of them are not a bomb.
bool says_nothing(const Asked& asked) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-' || c == '.'; };
  const auto& name = asked.job.entry.name;
  return asked.blob.size == 0 && asked.job.entry.kind.empty() && !name.empty() && std::ranges::all_of(name, plain) && name.find("/.") == name.npos &&
         (!name.starts_with('.') || name.starts_with("./")) && name.find("..") == name.npos;
}

Received empty_file() {
  Received out;
  out.done = true;
  out.result.kind = "empty";
  out.result.detail = "no bytes";
  evidence::Item item;
  item.facet = evidence::Facet::property;
  item.word = "format";
  item.value = out.result.detail;
  item.attributes = {{"kind", out.result.kind}};
  item.examiner = "identify";
  out.result.dossier.items.push_back(std::move(item));
  return out;
}

}  // namespace

evidence::Item trouble(std::string word, std::string value, std::string examiner) {
  evidence::Item item;
  item.facet = evidence::Facet::trouble;
  item.word = std::move(word);
  item.value = std::move(value);
  item.examiner = std::move(examiner);
  return item;
}

base::Result<> Asking::all(std::vector<Asked> asked, Depot& depot, const Keep& keep) {
  std::vector<std::vector<Asked>> groups(1);
  std::size_t job_bytes = 0;
  for (auto& a : asked) {
    if (says_nothing(a)) {
      keep(a, empty_file());
      continue;
    }
    const auto size = encode(a.job).size() + 32;
    if (size > most_job_bytes) {
      Received unread;
      unread.result.dossier.items.push_back(trouble("limit", "its place is longer than the limit"));
      unread.result.dossier.complete = false;
      keep(a, std::move(unread));
      continue;
    }
    if (job_bytes + size > most_job_bytes) {
      groups.emplace_back();
      job_bytes = 0;
    }
    job_bytes += size;
    groups.back().push_back(std::move(a));
  }
  for (const auto& group : groups)
    for (std::span<const Asked> rest = group; !rest.empty();) rest = rest.subspan(TRY(some(rest, depot, keep)));
  return {};
}

base::Result<confine::Worker> Asking::start_worker(std::span<const Asked> asked) {
  const auto& first = asked.front().blob;
  std::uint64_t end = first.offset;
  std::vector<Task> tasks;
  for (const auto& a : asked) {
    tasks.push_back({a.job, {a.blob.offset - first.offset, a.blob.size}});
    end = std::max(end, a.blob.offset + a.blob.size);
  }
  ++workers_;
  return zygote_.spawn(encode(tasks), {first.file, first.offset, end - first.offset});
}

base::Result<Received> Asking::one(const Asked& asked, Depot& depot, std::string& blame) {
  auto worker = TRY(start_worker({&asked, 1}));
  return *TRY(Answers(worker, depot).next(asked.job, asked.blob.size, true, blame));
}

// One worker, as far as it comes: how many it read, at least one.
base::Result<std::size_t> Asking::some(std::span<const Asked> asked, Depot& depot, const Keep& keep) {
  auto worker = TRY(start_worker(asked));
  Answers answers(worker, depot);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto& a = asked[i];
    std::string blame;
    auto got = TRY(answers.next(a.job, a.blob.size, i + 1 == asked.size(), blame));
    if (!got) return i;
    if (blame.empty()) {
      keep(a, std::move(*got));
      continue;
    }
    // Alone and once more: what its neighbours in the batch had to do with it shows nowhere.
    if (asked.size() > 1) {
      blame.clear();
      got = TRY(one(a, depot, blame));
    }
    keep(a, blame.empty() ? std::move(*got) : TRY(one_by_one(a, depot, blame, std::move(*got))));
    return i + 1;
  }
  return asked.size();
}

// After a crash every reader runs alone, so that the one to blame is named and the others are heard.
base::Result<Received> Asking::one_by_one(Asked asked, Depot& depot, const std::string& blame, Received crashed) {
  Received out;
  out.result.kind = crashed.result.kind;
  out.result.detail = crashed.result.detail;
  out.result.dossier.tiles = crashed.result.dossier.tiles;
  if (out.result.kind.empty()) {
    out.result.kind = "unknown";
    out.result.dossier.items.push_back(trouble("crashed", blame, "identify"));
  }
  std::size_t named = 0;
  for (const auto* readers : {&readers_.unpackers, &readers_.examiners})
    for (const auto* reader : *readers) {
      if (!evidence::reads(reader->card(), out.result.kind)) continue;
      asked.job.only_reader = std::string(reader->card().name);
      std::string why;
      auto got = TRY(this->one(asked, depot, why));
      if (!why.empty()) {
        ++named;
        out.result.dossier.items.push_back(trouble("crashed", why, asked.job.only_reader));
      } else {
        merge(out, std::move(got));
      }
    }
  if (named == 0) out.result.dossier.items.push_back(trouble("crashed", blame));
  out.result.dossier.items.push_back(trouble("not-replayable", "a worker was ended by an outer guard"));
  out.result.dossier.complete = false;
  out.result.dossier.replayable = false;
  return out;
}

}  // namespace vet
