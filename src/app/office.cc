#include "app/office.h"

#include <sched.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "vet/worker.h"

namespace app {

extern const char engine_digest_hex[], engine_version[], source_folder[];  // written by the build

std::string home_folder() {
  const char* home = std::getenv("ASSAY_HOME");
  return home && *home ? home : source_folder;
}

Engine engine() { return {base::Digest::from_hex(engine_digest_hex).value_or(base::Digest{}), engine_version}; }

namespace {

unsigned cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
}

std::string policy_file(const std::string& name) {
  if (name.find('/') != std::string::npos || name.ends_with(".yaml")) return name;
  return home_folder() + "/policies/" + name + ".yaml";
}

}  // namespace

base::Result<store::Store> open_store(const std::string& folder) {
  return store::Store::open(folder.empty() ? store::Store::default_folder() : folder);
}

base::Result<std::unique_ptr<Office>> open_office(const OfficeOptions& options) {
  auto out = std::make_unique<Office>();
  out->engine = engine();
  out->threads = options.threads ? std::min(options.threads, 256u) : cores();
  out->use_cache = !options.no_cache;
  out->rules = TRY(judge::load_rules(home_folder() + "/rules"));
  out->policy = TRY(judge::load_policy(policy_file(options.policy)));
  out->readers = vet::all_readers({});

  confine::Walls walls;
  walls.allow_weaker = options.allow_weaker;
  const auto missing = confine::missing_layers();
  if (!missing.empty() && !options.allow_weaker)
    return base::fail(base::Trouble::usage, "this kernel lacks {}, which confines the workers; --allow-weaker-confinement goes on without it and says so in the verdict", missing[0]);
  out->weaker = missing;
  const auto& readers = out->readers;
  vet::warm(readers);
  out->zygote = TRY(confine::Zygote::start(
      [&readers](base::Bytes job, base::Bytes input, int pipe) { return vet::work(readers, job, input, pipe); }, walls));
  out->store = std::make_unique<store::Store>(TRY(open_store(options.store)));
  return out;
}

base::Result<std::string> vetting_date(const std::string& given) {
  if (given.empty()) {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
  }
  std::tm parts{};
  const char* end = strptime(given.c_str(), "%Y-%m-%d", &parts);
  if (!end || *end || given.size() != 10) return base::fail(base::Trouble::usage, "--at takes a date such as 2026-01-31, not '{}'", base::printable(given));
  return given;
}

}  // namespace app
