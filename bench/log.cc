// How fast a log takes entries and gives proofs, against what the disk allows.
//
//   bench_log fsync FOLDER SECONDS             one record after the other: write, fsync. Prints records/s
//   bench_log append FOLDER SECONDS THREADS    THREADS callers, one entry each at a time, every one durable
//                                              and under a signed checkpoint when it returns. Prints entries/s
//   bench_log fill FOLDER SIZE                 makes a log of SIZE entries
//   bench_log proofs FOLDER COUNT              inclusion proofs of random entries, each checked. Prints the median
//                                              and the 99th percentile in microseconds: cold (a new reader for
//                                              each, the kernel's cache warm), warm (one reader for all)
//
// bench/log runs them in turns and prints the ratios.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <random>
#include <thread>

#include "sign/key.h"
#include "tlog/reading.h"
#include "tlog/writer.h"

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto origin = "log.example/bench";

double seconds_since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }

// As large as the leaf of a hallmark (Rekor's dsse 0.0.2 with an Ed25519 signature).
tlog::NewEntry entry(std::uint64_t i) {
  auto text = fmt::format("entry {:020}", i);
  text.resize(480, '.');
  return {base::Buffer(text.begin(), text.end()), "", {}};
}

template <class T>
T need(base::Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "bench_log: {}\n", result.error().to_string());
  std::exit(1);
}

std::shared_ptr<const sign::Signer> signer_of(const std::string& folder) {
  const auto file = folder + ".key";
  if (::access(file.c_str(), R_OK) != 0) {
    std::ofstream(file) << need(sign::generate(sign::Algorithm::ed25519, ""));
  }
  return need(sign::open_signer(file));
}

std::unique_ptr<tlog::Writer> writer_of(const std::string& folder) {
  const auto signer = signer_of(folder);
  if (::access((folder + ".record").c_str(), F_OK) != 0)
    if (const auto made = tlog::Writer::init(folder, origin, signer->public_key()); !made) need(base::Result<int>(std::unexpected(made.error())));
  return need(tlog::Writer::open(folder, signer));
}

int bench_fsync(const std::string& folder, double seconds) {
  const int file = ::open((folder + ".fsync").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const auto record = entry(0).leaf;
  std::uint64_t count = 0;
  const auto began = Clock::now();
  for (; seconds_since(began) < seconds; ++count)
    if (::write(file, record.data(), record.size()) < 0 || ::fsync(file) != 0) return 1;
  fmt::print("{:.0f}\n", static_cast<double>(count) / seconds_since(began));
  ::close(file);
  return 0;
}

int bench_append(const std::string& folder, double seconds, unsigned threads) {
  const auto writer = writer_of(folder);
  const auto first = writer->checkpoint().checkpoint.size;
  std::atomic<std::uint64_t> next = first, done = 0;
  std::vector<std::thread> callers;
  const auto began = Clock::now();
  for (unsigned t = 0; t < threads; ++t)
    callers.emplace_back([&] {
      while (seconds_since(began) < seconds) {
        need(writer->append(entry(next++)));
        ++done;
      }
    });
  for (auto& c : callers) c.join();
  fmt::print("{:.0f}\n", static_cast<double>(done) / seconds_since(began));
  return 0;
}

int fill(const std::string& folder, std::uint64_t size) {
  const auto writer = writer_of(folder);
  for (auto at = writer->checkpoint().checkpoint.size; at < size;) {
    std::vector<tlog::NewEntry> some;
    for (; at < size && some.size() < tlog::Writer::most_at_once; ++at) some.push_back(entry(at));
    need(writer->append_all(std::move(some)));
  }
  return 0;
}

std::string percentiles(std::vector<double>& microseconds) {
  std::sort(microseconds.begin(), microseconds.end());
  return fmt::format("{:.0f} {:.0f}", microseconds[microseconds.size() / 2], microseconds[microseconds.size() * 99 / 100]);
}

int bench_proofs(const std::string& folder, std::size_t count) {
  const auto signer = signer_of(folder);
  const tlog::LogTrust trust{origin, need(tlog::NoteKey::make(origin, tlog::NoteType::ed25519, signer->public_key())), {}, 0};
  const auto files = tlog::files_at("file://" + folder);
  tlog::Reading one(files, trust);
  const auto in = need(one.checkpoint()).checkpoint;
  std::mt19937_64 chance(1);
  std::vector<double> cold, warm;
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = chance() % in.size;
    const auto prove = [&](tlog::Reading& reading, std::vector<double>& took) {
      const auto began = Clock::now();
      const auto proof = need(reading.inclusion(index, in));
      took.push_back(seconds_since(began) * 1e6);
      if (!tlog::check_inclusion(index, in.size, tlog::leaf_hash(entry(index).leaf), proof, in.root)) std::exit(1);
    };
    tlog::Reading anew(files, trust);
    prove(anew, cold);
    prove(one, warm);
  }
  fmt::print("{} {}\n", percentiles(cold), percentiles(warm));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> a(argv, argv + argc);
  if (a.size() == 4 && a[1] == "fsync") return bench_fsync(a[2], std::stod(a[3]));
  if (a.size() == 5 && a[1] == "append") return bench_append(a[2], std::stod(a[3]), static_cast<unsigned>(std::stoul(a[4])));
  if (a.size() == 4 && a[1] == "fill") return fill(a[2], std::stoull(a[3]));
  if (a.size() == 4 && a[1] == "proofs") return bench_proofs(a[2], std::stoull(a[3]));
  fmt::print(stderr, "see bench/log\n");
  return 2;
}
